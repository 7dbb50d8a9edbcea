// The first frame of a GIF file. Internal.
//
//   ASSIGN_OR_RETURN(const GifFrame frame, FirstFrameOfGif(file));
//   // decode frame.file, then put it on a canvas of canvas_width x canvas_height
//
// A decoder would look at every frame before it says what the first is like, and
// paints what the first frame leaves free of its canvas black.
//
// Pure functions. Threads: from any.
#ifndef DAILYFEED_ADAPTERS_IMAGES_FORMATS_GIF_H_
#define DAILYFEED_ADAPTERS_IMAGES_FORMATS_GIF_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace dailyfeed {

struct GifFrame {
  // A GIF file of this frame alone, as large as the frame.
  std::string file;
  // The canvas: the screen of the file, widened where the frame goes beyond it.
  uint32_t canvas_width = 0;
  uint32_t canvas_height = 0;
  // Where on the canvas the frame is.
  uint32_t left = 0;
  uint32_t top = 0;
  uint32_t width = 0;
  uint32_t height = 0;

  bool covers_canvas() const { return width == canvas_width && height == canvas_height; }
};

// kCorruptedImage: no screen, no frame. Whether all of the frame's pixels are
// there is the decoder's to judge.
absl::StatusOr<GifFrame> FirstFrameOfGif(std::string_view gif);

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_IMAGES_FORMATS_GIF_H_
