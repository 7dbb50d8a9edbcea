#include "projections/codec/row_codec.h"

#include "absl/strings/str_cat.h"

namespace dailyfeed {
namespace {

constexpr int kVarintBits = 7;
constexpr uint8_t kVarintMore = 0x80;

absl::Status Damaged(std::string_view kind, std::string_view what) {
  return absl::DataLossError(absl::StrCat("damaged ", std::string(kind), ": ", std::string(what)));
}

}  // namespace

KeyReader::KeyReader(std::string_view key) : rest_(key) {
  if (rest_.empty()) {
    failed_ = true;
  } else {
    rest_.remove_prefix(1);
  }
}

uint64_t KeyReader::Fixed() {
  if (failed_ || rest_.size() < Key::kPartBytes) {
    failed_ = true;
    return 0;
  }
  uint64_t value = 0;
  for (size_t i = 0; i < Key::kPartBytes; ++i) {
    value = value << 8 | static_cast<uint8_t>(rest_[i]);
  }
  rest_.remove_prefix(Key::kPartBytes);
  return value;
}

absl::Status KeyReader::Finish(std::string_view what) const {
  if (failed_ || !rest_.empty()) return Damaged("key", what);
  return absl::OkStatus();
}

std::string PrefixEnd(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty()) {
    const auto last = static_cast<uint8_t>(end.back());
    if (last != 0xff) {
      end.back() = static_cast<char>(last + 1);
      return end;
    }
    end.pop_back();
  }
  return end;
}

RowWriter& RowWriter::Varint(uint64_t value) {
  while (value >= kVarintMore) {
    bytes_.push_back(static_cast<char>(value | kVarintMore));
    value >>= kVarintBits;
  }
  bytes_.push_back(static_cast<char>(value));
  return *this;
}

RowWriter& RowWriter::Text(std::string_view text) {
  Varint(text.size());
  bytes_.append(text);
  return *this;
}

uint64_t RowReader::Varint() {
  uint64_t value = 0;
  for (int shift = 0; !failed_ && !rest_.empty() && shift < 64; shift += kVarintBits) {
    const auto byte = static_cast<uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    const auto bits = static_cast<uint64_t>(byte & ~kVarintMore);
    // The tenth byte has room for one bit.
    if (shift == 63 && bits > 1) break;
    value |= bits << shift;
    if ((byte & kVarintMore) == 0) return value;
  }
  failed_ = true;
  rest_ = {};
  return 0;
}

std::string_view RowReader::Text() {
  const uint64_t size = Varint();
  if (failed_ || size > rest_.size()) {
    failed_ = true;
    rest_ = {};
    return {};
  }
  const std::string_view text = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return text;
}

absl::Status RowReader::Finish(std::string_view what) const {
  if (failed_ || !rest_.empty()) return Damaged("row", what);
  return absl::OkStatus();
}

}  // namespace dailyfeed
