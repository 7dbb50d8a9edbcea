// What of a WebP file a decoder may see. Internal.
//
//   ASSIGN_OR_RETURN(const std::string webp, FirstFrameOf(upload));
//
// The library looks for each frame of an animation from the first one on, so
// the time goes with the square of their number: ten megabytes of frames of
// four pixels are minutes. One of them is shown.
//
// Pure functions. Threads: from any.
#ifndef DAILYFEED_ADAPTERS_IMAGES_FORMATS_WEBP_CHUNKS_H_
#define DAILYFEED_ADAPTERS_IMAGES_FORMATS_WEBP_CHUNKS_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace dailyfeed {

// The file with its first frame (of an animation, or the only one), colour
// profile and EXIF, one of each, and nothing else: no further frames, no texts,
// nothing that nobody knows. Never longer than the file and a byte.
//
// kCorruptedImage: not a WebP file, or one that ends too early.
absl::StatusOr<std::string> FirstFrameOf(std::string_view webp);

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_IMAGES_FORMATS_WEBP_CHUNKS_H_
