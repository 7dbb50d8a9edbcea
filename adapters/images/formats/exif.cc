#include "adapters/images/formats/exif.h"

#include <cstddef>
#include <cstdint>

#include "adapters/images/formats/byte_reader.h"

namespace dailyfeed {

int OrientationOf(std::string_view exif) {
  constexpr std::string_view kName("Exif\0\0", 6);
  constexpr uint32_t kOrientation = 0x0112;
  constexpr uint32_t kShort = 3;
  if (exif.starts_with(kName)) exif.remove_prefix(kName.size());
  ByteReader tiff(exif);
  const std::string_view order = tiff.Take(2);
  if (order != "II" && order != "MM") return 1;
  const auto number = [big = order == "MM"](ByteReader& reader, size_t bytes) {
    return big ? reader.BigEndian(bytes) : reader.LittleEndian(bytes);
  };
  if (number(tiff, 2) != 42) return 1;
  const uint32_t directory_at = number(tiff, 4);
  if (!tiff.ok() || directory_at > exif.size()) return 1;
  ByteReader directory(exif.substr(directory_at));
  for (uint32_t entries = number(directory, 2); entries > 0 && directory.ok(); --entries) {
    const uint32_t tag = number(directory, 2);
    const uint32_t type = number(directory, 2);
    directory.Skip(4);  // how many values
    const uint32_t value = number(directory, 2);
    directory.Skip(2);
    if (tag != kOrientation) continue;
    const bool known = directory.ok() && type == kShort && value >= 1 && value <= 8;
    return known ? static_cast<int>(value) : 1;
  }
  return 1;
}

}  // namespace dailyfeed
