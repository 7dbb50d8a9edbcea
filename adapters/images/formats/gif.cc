#include "adapters/images/formats/gif.h"

#include <algorithm>
#include <cstddef>

#include "adapters/images/formats/byte_reader.h"
#include "core/domain/errors.h"

namespace dailyfeed {
namespace {

constexpr char kExtension = '\x21';
constexpr char kImage = '\x2c';
constexpr char kTrailer = '\x3b';
constexpr std::string_view kGraphicControl = "\xf9";
constexpr uint32_t kHasColours = 0x80;

absl::Status Corrupted(std::string_view what) {
  return MakeError(ErrorCode::kCorruptedImage, what);
}

// The colours that `flags` announce: none, or 2 to 256 of three bytes.
size_t ColourBytes(uint32_t flags) {
  return (flags & kHasColours) != 0 ? size_t{3} << ((flags & 7) + 1) : 0;
}

// Up to the empty block that ends them, or to the end of the file.
void SkipSubBlocks(ByteReader* reader) {
  for (uint32_t size = reader->LittleEndian(1); reader->ok() && size != 0;
       size = reader->LittleEndian(1)) {
    reader->Skip(size);
  }
}

void AppendLittleEndian(uint32_t number, std::string* out) {
  out->push_back(static_cast<char>(number));
  out->push_back(static_cast<char>(number >> 8));
}

}  // namespace

absl::StatusOr<GifFrame> FirstFrameOfGif(std::string_view gif) {
  ByteReader reader(gif);
  const std::string_view version = reader.Take(6);
  GifFrame frame;
  frame.canvas_width = reader.LittleEndian(2);
  frame.canvas_height = reader.LittleEndian(2);
  const std::string_view screen = reader.Take(3);  // flags, background, aspect ratio
  if (!reader.ok() || (version != "GIF87a" && version != "GIF89a")) {
    return Corrupted("GIF: no screen descriptor");
  }
  const std::string_view colours = reader.Take(ColourBytes(static_cast<uint8_t>(screen[0])));
  std::string_view control;  // the last one before the frame
  std::string_view block = reader.rest();
  while (reader.Take(1) == std::string_view(&kExtension, 1)) {
    const bool is_control = reader.Take(1) == kGraphicControl;
    SkipSubBlocks(&reader);
    if (is_control) control = block.substr(0, block.size() - reader.rest().size());
    block = reader.rest();
  }
  if (!block.starts_with(kImage)) return Corrupted("GIF: no frame");
  frame.left = reader.LittleEndian(2);
  frame.top = reader.LittleEndian(2);
  frame.width = reader.LittleEndian(2);
  frame.height = reader.LittleEndian(2);
  const std::string_view flags = reader.Take(1);
  if (!reader.ok()) return Corrupted("GIF: no frame");
  frame.canvas_width = std::max(frame.canvas_width, frame.left + frame.width);
  frame.canvas_height = std::max(frame.canvas_height, frame.top + frame.height);
  const std::string_view data = reader.rest();
  reader.Skip(ColourBytes(static_cast<uint8_t>(flags[0])));
  reader.Skip(1);  // bits of a code
  SkipSubBlocks(&reader);

  std::string& file = frame.file;
  file.reserve(gif.size());
  file.append(version);
  AppendLittleEndian(frame.width, &file);
  AppendLittleEndian(frame.height, &file);
  file.append(screen).append(colours).append(control);
  file.push_back(kImage);
  file.append(4, '\0');  // at the corner of a screen of its own
  AppendLittleEndian(frame.width, &file);
  AppendLittleEndian(frame.height, &file);
  file.append(flags).append(data.substr(0, data.size() - reader.rest().size()));
  if (reader.ok()) file.push_back(kTrailer);
  return frame;
}

}  // namespace dailyfeed
