// A decoded picture. Internal.
#ifndef DAILYFEED_ADAPTERS_IMAGES_FORMATS_PIXELS_H_
#define DAILYFEED_ADAPTERS_IMAGES_FORMATS_PIXELS_H_

#include <cstdint>
#include <vector>

namespace dailyfeed {

struct Pixels {
  uint32_t width = 0;
  uint32_t height = 0;
  uint32_t channels = 3;  // 1: grey; 3: red, green, blue; 4: and alpha, or CMYK
  bool is_cmyk = false;
  std::vector<uint8_t> bytes;  // width * height * channels, from the top left
};

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_IMAGES_FORMATS_PIXELS_H_
