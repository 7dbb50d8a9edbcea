// What EXIF data say that matters here: how the camera was held. Internal.
//
//   const int orientation = OrientationOf(exif);   // 1 to 8; 1: upright
//
// Pure functions. Threads: from any.
#ifndef DAILYFEED_ADAPTERS_IMAGES_FORMATS_EXIF_H_
#define DAILYFEED_ADAPTERS_IMAGES_FORMATS_EXIF_H_

#include <string_view>

namespace dailyfeed {

// Of the bytes of a TIFF header and its first directory, with or without
// "Exif\0\0" in front. 1 when they say nothing or make no sense.
int OrientationOf(std::string_view exif);

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_IMAGES_FORMATS_EXIF_H_
