#include "adapters/images/formats/inflation.h"

#include <zlib.h>

#include <array>

#include "core/base/check.h"

namespace dailyfeed {

struct Inflation::Stream {
  z_stream zlib = {};
  std::array<Bytef, 1 << 16> buffer;
};

Inflation::Inflation(uint64_t bytes_max)
    : bytes_max_(bytes_max), stream_(std::make_unique<Stream>()) {
  DAILYFEED_CHECK(inflateInit(&stream_->zlib) == Z_OK);  // fails without memory only
}

Inflation::~Inflation() { inflateEnd(&stream_->zlib); }

void Inflation::Add(std::string_view compressed) {
  z_stream& zlib = stream_->zlib;
  DAILYFEED_CHECK(compressed.size() <= UINT32_MAX);
  // zlib does not write into its input.
  zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
  zlib.avail_in = static_cast<uInt>(compressed.size());
  while (state_ == State::kMore) {
    zlib.next_out = stream_->buffer.data();
    zlib.avail_out = static_cast<uInt>(stream_->buffer.size());
    const int result = inflate(&zlib, Z_NO_FLUSH);
    bytes_ += stream_->buffer.size() - zlib.avail_out;
    if (bytes_ > bytes_max_) {
      state_ = State::kTooMuch;
    } else if (result == Z_STREAM_END) {
      state_ = State::kEnd;
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
      state_ = State::kDamaged;
    } else if (zlib.avail_out != 0) {
      return;  // all that was added is used up
    }
  }
}

}  // namespace dailyfeed
