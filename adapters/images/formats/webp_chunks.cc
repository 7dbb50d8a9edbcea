#include "adapters/images/formats/webp_chunks.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "adapters/images/formats/byte_reader.h"
#include "core/domain/errors.h"

namespace dailyfeed {
namespace {

constexpr std::string_view kRiff = "RIFF";
constexpr std::string_view kWebp = "WEBP";
constexpr size_t kChunkHeaderBytes = 8;
constexpr std::array<std::string_view, 8> kKept = {"VP8X", "ICCP", "ANIM", "ANMF",
                                                   "ALPH", "VP8 ", "VP8L", "EXIF"};

absl::Status Corrupted(std::string_view what) {
  return MakeError(ErrorCode::kCorruptedImage, what);
}

void AppendLittleEndian(uint32_t number, std::string* out) {
  for (int shift = 0; shift < 32; shift += 8) out->push_back(static_cast<char>(number >> shift));
}

}  // namespace

absl::StatusOr<std::string> FirstFrameOf(std::string_view webp) {
  ByteReader file(webp);
  const bool is_riff = file.Take(kRiff.size()) == kRiff;
  ByteReader body(file.Take(file.LittleEndian(4)));
  if (!is_riff || !file.ok()) return Corrupted("WebP: the file ends too early");
  if (body.Take(kWebp.size()) != kWebp) return Corrupted("WebP: no signature");
  std::string chunks;
  chunks.reserve(webp.size());
  std::array<bool, kKept.size()> seen = {};
  while (body.rest().size() >= kChunkHeaderBytes) {
    const std::string_view type = body.Take(4);
    const uint32_t size = body.LittleEndian(4);
    const std::string_view data = body.Take(size);
    if (!body.ok()) return Corrupted("WebP: a chunk ends behind the file");
    if (size % 2 != 0 && !body.rest().empty()) body.Skip(1);
    const auto kept = std::find(kKept.begin(), kKept.end(), type);
    if (kept == kKept.end() || seen[kept - kKept.begin()]) continue;
    seen[kept - kKept.begin()] = true;
    chunks.append(type);
    AppendLittleEndian(size, &chunks);
    chunks.append(data);
    if (size % 2 != 0) chunks.push_back('\0');
  }
  std::string result(kRiff);
  AppendLittleEndian(static_cast<uint32_t>(kWebp.size() + chunks.size()), &result);
  result.append(kWebp).append(chunks);
  return result;
}

}  // namespace dailyfeed
