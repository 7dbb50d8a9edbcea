// The chunks of a PNG file. Internal.
#ifndef DAILYFEED_ADAPTERS_IMAGES_PNG_CHUNKS_H_
#define DAILYFEED_ADAPTERS_IMAGES_PNG_CHUNKS_H_

#include <optional>
#include <string>
#include <string_view>

namespace dailyfeed {

// The file with nothing in it but pixels: header, palette, transparency, data
// and end. Whatever else a writer thinks of adding (resolution, profiles, texts)
// is left out. nullopt when it is not a whole PNG file.
std::optional<std::string> PixelChunksOf(std::string_view png);

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_IMAGES_PNG_CHUNKS_H_
