#include "adapters/images/formats/png_chunks.h"

#include <algorithm>
#include <array>
#include <utility>

#include "adapters/images/formats/byte_reader.h"
#include "adapters/images/formats/inflation.h"
#include "core/base/status_macros.h"
#include "core/domain/errors.h"

namespace dailyfeed {
namespace {

constexpr std::string_view kSignature("\x89PNG\r\n\x1a\n", 8);
constexpr size_t kChecksumBytes = 4;
constexpr std::array<std::string_view, 5> kOfPixels = {"IHDR", "PLTE", "tRNS", "IDAT", "IEND"};
constexpr std::array<std::string_view, 4> kOfColour = {"gAMA", "cHRM", "sRGB", "sBIT"};

template <size_t kCount>
bool IsOneOf(std::string_view type, const std::array<std::string_view, kCount>& types) {
  return std::find(types.begin(), types.end(), type) != types.end();
}

absl::Status Corrupted(std::string_view what) {
  return MakeError(ErrorCode::kCorruptedImage, what);
}

struct Chunk {
  std::string_view type;   // empty when the file ends before
  std::string_view data;   // what there is of it
  std::string_view bytes;  // all of the chunk, what there is of it
  bool whole = false;
};

Chunk TakeChunk(std::string_view* rest) {
  ByteReader reader(*rest);
  const size_t length = reader.BigEndian(4);
  Chunk chunk;
  chunk.type = reader.Take(4);
  chunk.data = reader.rest().substr(0, length);
  reader.Skip(length);
  reader.Skip(kChecksumBytes);
  chunk.whole = reader.ok();
  chunk.bytes = rest->substr(0, rest->size() - reader.rest().size());
  *rest = reader.rest();
  return chunk;
}

// A chunk that a decoder must know says so by its first letter.
bool IsCritical(std::string_view type) { return type[0] >= 'A' && type[0] <= 'Z'; }

bool IsType(std::string_view type) {
  return std::all_of(type.begin(), type.end(),
                     [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); });
}

// Bytes of `width` by `height` pixels, each row with its filter in front.
uint64_t BytesOf(uint64_t width, uint64_t height, uint64_t bits) {
  return width == 0 ? 0 : height * (1 + (width * bits + 7) / 8);
}

uint64_t InterlacedBytesOf(uint64_t width, uint64_t height, uint64_t bits) {
  struct Pass {
    uint32_t left, top, across, down;  // the first pixel, and the steps from it
  };
  constexpr std::array<Pass, 7> kAdam7 = {{{0, 0, 8, 8},
                                           {4, 0, 8, 8},
                                           {0, 4, 4, 8},
                                           {2, 0, 4, 4},
                                           {0, 2, 2, 4},
                                           {1, 0, 2, 2},
                                           {0, 1, 1, 2}}};
  uint64_t bytes = 0;
  for (const Pass& pass : kAdam7) {
    bytes += BytesOf((width + pass.across - 1 - pass.left) / pass.across,
                     (height + pass.down - 1 - pass.top) / pass.down, bits);
  }
  return bytes;
}

// What the pixel data inflate to, as the header says; nullopt when it makes no
// sense.
std::optional<uint64_t> PixelBytesOf(const Chunk& header) {
  constexpr uint64_t kPixelsMax = uint64_t{1} << 48;  // what can be counted
  constexpr std::array<uint32_t, 7> kChannels = {1, 0, 3, 1, 2, 0, 4};
  ByteReader reader(header.data);
  const uint64_t width = reader.BigEndian(4);
  const uint64_t height = reader.BigEndian(4);
  const uint32_t depth = reader.BigEndian(1);
  const uint32_t colour_type = reader.BigEndian(1);
  reader.Skip(2);  // compression, filter: there is one of each
  const uint32_t interlaced = reader.BigEndian(1);
  if (!reader.ok() || header.type != "IHDR" || !header.whole) return std::nullopt;
  if (width > kPixelsMax / std::max<uint64_t>(height, 1)) return std::nullopt;
  if (colour_type >= kChannels.size() || kChannels[colour_type] == 0) return std::nullopt;
  if (depth > 16 || interlaced > 1) return std::nullopt;
  const uint64_t bits = uint64_t{depth} * kChannels[colour_type];
  return interlaced != 0 ? InterlacedBytesOf(width, height, bits) : BytesOf(width, height, bits);
}

class Sieve {
 public:
  explicit Sieve(uint64_t pixel_bytes)
      : pixel_bytes_(pixel_bytes), pixels_(pixel_bytes + kPixelBytesTolerance) {}

  // Whether the decoder is given the chunk.
  absl::StatusOr<bool> Passes(const Chunk& chunk) {
    // The file ends within a length or a type.
    if (chunk.type.empty()) return true;
    if (!IsType(chunk.type)) return Corrupted("PNG: a chunk without a type");
    if (chunk.type == "IDAT") RETURN_IF_ERROR(AddPixels(chunk.data));
    if (IsOneOf(chunk.type, kOfPixels)) return true;
    if (IsCritical(chunk.type)) return Corrupted("PNG: a critical chunk that nobody knows");
    if (!chunk.whole) return false;
    if (chunk.type == "iCCP") return !std::exchange(has_profile_, true) && IsProfile(chunk.data);
    if (chunk.type == "eXIf") {
      return !std::exchange(has_exif_, true) && chunk.data.size() <= kExifBytesMax;
    }
    return IsOneOf(chunk.type, kOfColour);
  }

  uint64_t inflated_bytes() const { return pixels_.bytes() + profile_bytes_; }

 private:
  absl::Status AddPixels(std::string_view data) {
    pixels_.Add(data);
    if (pixels_.state() == Inflation::State::kTooMuch) {
      return Corrupted("PNG: pixel data beyond the last pixel");
    }
    // Behind the last pixel it is for the decoder to say: it stops there too.
    if (pixels_.state() == Inflation::State::kDamaged && pixels_.bytes() < pixel_bytes_) {
      return Corrupted("PNG: damaged pixel data");
    }
    return absl::OkStatus();
  }

  // A profile is a name, 0, the method of compression, and itself. Without it
  // the colours are a little off, so a bad one is no reason to refuse a picture.
  bool IsProfile(std::string_view data) {
    constexpr size_t kNameBytesMax = 79;
    const size_t name = data.substr(0, kNameBytesMax + 1).find('\0');
    if (name == std::string_view::npos || data.size() < name + 2) return false;
    Inflation profile(kColourProfileBytesMax);
    profile.Add(data.substr(name + 2));
    profile_bytes_ = profile.bytes();
    return profile.state() == Inflation::State::kEnd;
  }

  const uint64_t pixel_bytes_;
  Inflation pixels_;
  uint64_t profile_bytes_ = 0;
  bool has_profile_ = false;
  bool has_exif_ = false;
};

}  // namespace

std::optional<std::string> PixelChunksOf(std::string_view png) {
  std::string kept;
  kept.reserve(png.size());
  kept.append(png.substr(0, std::min(png.size(), kSignature.size())));
  std::string_view rest = png.substr(kept.size());
  for (;;) {
    const Chunk chunk = TakeChunk(&rest);
    if (!chunk.whole) return std::nullopt;
    if (IsOneOf(chunk.type, kOfPixels)) kept.append(chunk.bytes);
    if (chunk.type == "IEND") return kept;
  }
}

absl::StatusOr<DecodablePng> DecodableChunksOf(std::string_view png) {
  if (!png.starts_with(kSignature)) return Corrupted("PNG: no signature");
  std::string_view rest = png.substr(kSignature.size());
  const Chunk header = TakeChunk(&rest);
  const std::optional<uint64_t> pixel_bytes = PixelBytesOf(header);
  if (!pixel_bytes) return Corrupted("PNG: no header that makes sense");
  DecodablePng decodable;
  decodable.file.reserve(png.size());
  decodable.file.append(kSignature).append(header.bytes);
  Sieve sieve(*pixel_bytes);
  while (!rest.empty()) {
    const Chunk chunk = TakeChunk(&rest);
    ASSIGN_OR_RETURN(const bool passes, sieve.Passes(chunk));
    if (passes) decodable.file.append(chunk.bytes);
    if (chunk.type == "IEND") break;
  }
  decodable.inflated_bytes = sieve.inflated_bytes();
  return decodable;
}

}  // namespace dailyfeed
