#include "adapters/images/test_pictures.h"

#include <vips/vips.h>
#include <zlib.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "core/base/check.h"

namespace dailyfeed {
namespace {

void Die(const char* what) {
  std::fprintf(stderr, "%s: %s\n", what, vips_error_buffer());
  std::abort();
}

void Init() {
  static const bool done = [] {
    if (VIPS_INIT("tests") != 0) Die("vips_init");
    return true;
  }();
  static_cast<void>(done);
}

void Replace(VipsImage** image, VipsImage* by) {
  g_object_unref(*image);
  *image = by;
}

// All frames, one below the other, as libvips wants animations.
VipsImage* ToVips(const std::vector<Raster>& frames, const EncodeOptions& options) {
  Init();
  const int channels = options.alpha ? 4 : 3;
  std::vector<uint8_t> bytes;
  for (const Raster& frame : frames) {
    DAILYFEED_CHECK(frame.width == frames[0].width && frame.height == frames[0].height);
    for (const Pixel& pixel : frame.pixels) {
      bytes.insert(bytes.end(), pixel.begin(), pixel.begin() + channels);
    }
  }
  VipsImage* plain = vips_image_new_from_memory_copy(
      bytes.data(), bytes.size(), frames[0].width,
      frames[0].height * static_cast<int>(frames.size()), channels, VIPS_FORMAT_UCHAR);
  if (plain == nullptr) Die("image");
  VipsImage* image = nullptr;
  if (vips_copy(plain, &image, "interpretation", VIPS_INTERPRETATION_sRGB, nullptr) != 0) {
    Die("copy");
  }
  g_object_unref(plain);
  const auto convert = [&](VipsInterpretation space) {
    VipsImage* converted = nullptr;
    if (vips_colourspace(image, &converted, space, nullptr) != 0) Die("colours");
    Replace(&image, converted);
  };
  if (options.grey) convert(VIPS_INTERPRETATION_B_W);
  if (options.cmyk) convert(VIPS_INTERPRETATION_CMYK);
  if (options.sixteen_bits) {
    convert(options.grey ? VIPS_INTERPRETATION_GREY16 : VIPS_INTERPRETATION_RGB16);
  }
  if (options.orientation != 0) {
    vips_image_set_int(image, VIPS_META_ORIENTATION, options.orientation);
  }
  if (!options.comment.empty()) {
    vips_image_set_string(
        image, "exif-ifd0-ImageDescription",
        (options.comment + " (" + options.comment + ", ASCII, 1 components)").c_str());
    vips_image_set_blob_copy(image, VIPS_META_XMP_NAME, options.comment.data(),
                             options.comment.size());
  }
  if (frames.size() > 1) vips_image_set_int(image, VIPS_META_PAGE_HEIGHT, frames[0].height);
  return image;
}

std::string Take(VipsImage* image, void* bytes, size_t size) {
  std::string text(static_cast<const char*>(bytes), size);
  g_free(bytes);
  g_object_unref(image);
  return text;
}

void AppendNumber(uint32_t number, int bytes, std::string* out) {
  for (int i = 0; i < bytes; ++i) out->push_back(static_cast<char>(number >> (8 * i)));
}

void AppendBigEndian(uint32_t number, std::string* out) {
  for (int shift = 24; shift >= 0; shift -= 8) out->push_back(static_cast<char>(number >> shift));
}

}  // namespace

Raster Plain(int width, int height, Pixel colour) {
  Raster raster = {.width = width, .height = height};
  raster.pixels.assign(static_cast<size_t>(width) * height, colour);
  return raster;
}

Raster Corners(int width, int height) {
  Raster raster = Plain(width, height, kWhite);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const bool left = x < width / 2;
      if (y < height / 2) {
        raster.At(x, y) = left ? kRed : kGreen;
      } else if (left) {
        raster.At(x, y) = kBlue;
      }
    }
  }
  return raster;
}

Raster Noise(int width, int height, uint32_t seed) {
  Raster raster = Plain(width, height, kWhite);
  uint32_t state = seed * 2654435761u + 1;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      state = state * 1664525u + 1013904223u;
      const int grain = static_cast<int>(state >> 28);
      Pixel& pixel = raster.At(x, y);
      pixel[0] = static_cast<uint8_t>((x * 200 / width + grain) & 255);
      pixel[1] = static_cast<uint8_t>((y * 200 / height + grain) & 255);
      pixel[2] = static_cast<uint8_t>(((x + y) * 100 / (width + height) + grain) & 255);
    }
  }
  return raster;
}

std::string EncodeJpeg(const Raster& raster, const EncodeOptions& options) {
  VipsImage* image = ToVips({raster}, options);
  void* bytes = nullptr;
  size_t size = 0;
  const char* const profile = options.profile.empty() ? "none" : options.profile.c_str();
  if (vips_jpegsave_buffer(image, &bytes, &size, "Q", 92, "interlace", options.progressive,
                           "subsample_mode", VIPS_FOREIGN_SUBSAMPLE_OFF, "profile", profile,
                           nullptr) != 0) {
    Die("jpegsave");
  }
  return Take(image, bytes, size);
}

std::string EncodePng(const Raster& raster, const EncodeOptions& options) {
  VipsImage* image = ToVips({raster}, options);
  void* bytes = nullptr;
  size_t size = 0;
  const char* const profile = options.profile.empty() ? "none" : options.profile.c_str();
  if (vips_pngsave_buffer(image, &bytes, &size, "compression", 1, "interlace", options.progressive,
                          "profile", profile, nullptr) != 0) {
    Die("pngsave");
  }
  return Take(image, bytes, size);
}

std::string EncodeGif(const std::vector<Raster>& frames) {
  VipsImage* image = ToVips(frames, {.alpha = true});
  void* bytes = nullptr;
  size_t size = 0;
  if (vips_gifsave_buffer(image, &bytes, &size, nullptr) != 0) Die("gifsave");
  return Take(image, bytes, size);
}

std::string EncodeWebp(const std::vector<Raster>& frames, const EncodeOptions& options) {
  VipsImage* image = ToVips(frames, options);
  void* bytes = nullptr;
  size_t size = 0;
  if (vips_webpsave_buffer(image, &bytes, &size, "lossless", options.lossless, "Q", 92, nullptr) !=
      0) {
    Die("webpsave");
  }
  return Take(image, bytes, size);
}

std::string RepeatLastFrame(const std::string& webp, int times) {
  const size_t at = webp.rfind("ANMF");
  DAILYFEED_CHECK(at != std::string::npos);
  const auto byte = [&](size_t i) { return size_t{static_cast<uint8_t>(webp[at + 4 + i])}; };
  const size_t size = 8 + (byte(0) | byte(1) << 8 | byte(2) << 16 | byte(3) << 24);
  const std::string frame = webp.substr(at, size + size % 2);
  std::string body = webp.substr(8, at + frame.size() - 8);
  for (int i = 0; i < times; ++i) body += frame;
  body += webp.substr(at + frame.size());
  std::string file = "RIFF";
  AppendNumber(static_cast<uint32_t>(body.size()), 4, &file);
  return file + body;
}

std::string EncodeBmp(const Raster& raster) {
  const auto width = static_cast<uint32_t>(raster.width);
  const auto height = static_cast<uint32_t>(raster.height);
  const uint32_t stride = (width * 3 + 3) / 4 * 4;
  std::string file = "BM";
  AppendNumber(54 + stride * height, 4, &file);
  AppendNumber(0, 4, &file);
  AppendNumber(54, 4, &file);
  AppendNumber(40, 4, &file);
  AppendNumber(width, 4, &file);
  AppendNumber(height, 4, &file);
  AppendNumber(1, 2, &file);
  AppendNumber(24, 2, &file);
  file.append(24, '\0');
  for (int y = raster.height - 1; y >= 0; --y) {
    const size_t row = file.size();
    for (int x = 0; x < raster.width; ++x) {
      const Pixel& pixel = raster.At(x, y);
      for (const int channel : {2, 1, 0}) file.push_back(static_cast<char>(pixel[channel]));
    }
    file.resize(row + stride, '\0');
  }
  return file;
}

std::string PngChunk(std::string_view type, std::string_view data) {
  std::string chunk;
  AppendBigEndian(static_cast<uint32_t>(data.size()), &chunk);
  chunk.append(type).append(data);
  const auto* const body = reinterpret_cast<const Bytef*>(chunk.data() + 4);
  AppendBigEndian(static_cast<uint32_t>(crc32(0, body, static_cast<uInt>(chunk.size() - 4))),
                  &chunk);
  return chunk;
}

std::string DeflatedZeros(uint64_t bytes) {
  z_stream stream = {};
  DAILYFEED_CHECK(deflateInit(&stream, 9) == Z_OK);
  std::array<Bytef, 1 << 16> zeros = {};
  std::array<Bytef, 1 << 16> buffer;
  std::string data;
  int result = Z_OK;
  while (result != Z_STREAM_END) {
    if (stream.avail_in == 0) {
      stream.next_in = zeros.data();
      stream.avail_in = static_cast<uInt>(std::min<uint64_t>(bytes, zeros.size()));
      bytes -= stream.avail_in;
    }
    stream.next_out = buffer.data();
    stream.avail_out = static_cast<uInt>(buffer.size());
    result = deflate(&stream, bytes == 0 ? Z_FINISH : Z_NO_FLUSH);
    data.append(reinterpret_cast<const char*>(buffer.data()), buffer.size() - stream.avail_out);
  }
  deflateEnd(&stream);
  return data;
}

std::string EncodeHugePng(uint32_t width, uint32_t height, HugePng kind) {
  std::string header;
  AppendBigEndian(width, &header);
  AppendBigEndian(height, &header);
  std::string palette;
  uint64_t bytes = height * (1 + (uint64_t{width} + 7) / 8);
  if (kind == HugePng::kGrey) header += std::string("\x01\x00\x00\x00\x00", 5);
  if (kind == HugePng::kPaletteWithAlpha) {
    header += std::string("\x01\x03\x00\x00\x00", 5);
    palette = PngChunk("PLTE", "rgbRGB") + PngChunk("tRNS", "a");
  }
  if (kind == HugePng::kInterlaced16Bit) {
    DAILYFEED_CHECK(width % 8 == 0 && height % 8 == 0);
    header += std::string("\x10\x06\x00\x00\x01", 5);
    // Adam7: the rows of its passes, each with a filter, and 8 bytes a pixel.
    bytes = uint64_t{8} * width * height + height * 15 / 8;
  }
  return "\x89PNG\r\n\x1a\n" + PngChunk("IHDR", header) + palette +
         PngChunk("IDAT", DeflatedZeros(bytes)) + PngChunk("IEND", "");
}

std::string WithSegments(const std::string& jpeg, const std::string& segments) {
  constexpr size_t kStartBytes = 2;
  return jpeg.substr(0, kStartBytes) + segments + jpeg.substr(kStartBytes);
}

std::string EncodeGifPart(const Raster& frame, int left, int top, int width, int height) {
  std::string gif = EncodeGif({frame});
  const auto set = [&gif](size_t at, int number) {
    gif[at] = static_cast<char>(number);
    gif[at + 1] = static_cast<char>(number >> 8);
  };
  set(6, width);
  set(8, height);
  // The descriptor of the frame: a comma, and the corner 0, 0.
  const size_t at = gif.find(std::string(",\0\0\0\0", 5));
  DAILYFEED_CHECK(at != std::string::npos);
  set(at + 1, left);
  set(at + 3, top);
  return gif;
}

Raster Decode(std::string_view file) {
  Init();
  VipsImage* loaded = vips_image_new_from_buffer(file.data(), file.size(), "", nullptr);
  if (loaded == nullptr) Die("decode");
  const int channels = loaded->Bands;
  VipsImage* image = nullptr;
  if (vips_colourspace(loaded, &image, VIPS_INTERPRETATION_sRGB, nullptr) != 0) Die("colours");
  size_t size = 0;
  auto* const bytes = static_cast<uint8_t*>(vips_image_write_to_memory(image, &size));
  if (bytes == nullptr) Die("decode");
  Raster raster = Plain(image->Xsize, image->Ysize, kWhite);
  raster.channels = channels;
  const auto bands = static_cast<size_t>(image->Bands);
  DAILYFEED_CHECK(bands == 3 || bands == 4);
  for (size_t i = 0; i < raster.pixels.size(); ++i) {
    for (size_t band = 0; band < bands; ++band) raster.pixels[i][band] = bytes[i * bands + band];
  }
  g_free(bytes);
  g_object_unref(image);
  g_object_unref(loaded);
  return raster;
}

::testing::AssertionResult IsNear(const Raster& raster, int x, int y, const Pixel& colour,
                                  int tolerance) {
  const Pixel& pixel = raster.At(x, y);
  bool near = std::abs(int{pixel[3]} - int{colour[3]}) <= tolerance;
  // What is not seen has no colour.
  for (size_t i = 0; i < 3 && colour[3] != 0; ++i) {
    near = near && std::abs(int{pixel[i]} - int{colour[i]}) <= tolerance;
  }
  if (near) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure()
         << "at " << x << ", " << y << " it is " << int{pixel[0]} << " " << int{pixel[1]} << " "
         << int{pixel[2]} << " " << int{pixel[3]};
}

}  // namespace dailyfeed
