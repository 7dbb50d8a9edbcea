#include "adapters/images/png_chunks.h"

#include <algorithm>
#include <array>

#include "adapters/images/byte_reader.h"

namespace dailyfeed {
namespace {

constexpr size_t kSignatureBytes = 8;
constexpr size_t kChunkOverheadBytes = 12;  // length, type, checksum
constexpr std::array<std::string_view, 5> kKept = {"IHDR", "PLTE", "tRNS", "IDAT", "IEND"};

}  // namespace

std::optional<std::string> PixelChunksOf(std::string_view png) {
  std::string kept;
  kept.reserve(png.size());
  kept.append(png.substr(0, std::min(png.size(), kSignatureBytes)));
  std::string_view rest = png.substr(kept.size());
  for (;;) {
    ByteReader reader(rest);
    const size_t length = reader.BigEndian(4);
    const std::string_view type = reader.Take(4);
    reader.Skip(length);
    reader.Skip(4);
    if (!reader.ok()) return std::nullopt;
    if (std::find(kKept.begin(), kKept.end(), type) != kKept.end()) {
      kept.append(rest.substr(0, length + kChunkOverheadBytes));
    }
    if (type == "IEND") return kept;
    rest = reader.rest();
  }
}

}  // namespace dailyfeed
