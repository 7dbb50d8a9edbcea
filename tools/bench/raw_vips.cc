#include "tools/bench/raw_vips.h"

#include <dlfcn.h>
#include <vips/vips.h>

#include <memory>
#include <vector>

namespace dailyfeed::bench {
namespace {

// Opened here as well: linked, it would be a burden of every subcommand.
#define DAILYFEED_RAW_VIPS_FUNCTIONS(X) \
  X(g_free)                             \
  X(g_object_unref)                     \
  X(vips_concurrency_set)               \
  X(vips_error_buffer)                  \
  X(vips_image_copy_memory)             \
  X(vips_image_new_from_memory)         \
  X(vips_init)                          \
  X(vips_jpegsave_buffer)               \
  X(vips_pngsave_buffer)                \
  X(vips_thumbnail_buffer)              \
  X(vips_thumbnail_image)

struct Vips {
#define DAILYFEED_DECLARE(name) decltype(&::name) name = nullptr;
  DAILYFEED_RAW_VIPS_FUNCTIONS(DAILYFEED_DECLARE)
#undef DAILYFEED_DECLARE
  bool ready = false;
};

Vips Open() {
  Vips vips;
  void* const library = ::dlopen("libvips.so.42", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return vips;
  bool found = true;
#define DAILYFEED_RESOLVE(name)                                             \
  vips.name = reinterpret_cast<decltype(&::name)>(::dlsym(library, #name)); \
  found = found && vips.name != nullptr;
  DAILYFEED_RAW_VIPS_FUNCTIONS(DAILYFEED_RESOLVE)
#undef DAILYFEED_RESOLVE
  if (!found || vips.vips_init("bench") != 0) return vips;
  vips.vips_concurrency_set(1);
  vips.ready = true;
  return vips;
}

const Vips& TheVips() {
  static const Vips& vips = *new Vips(Open());
  return vips;
}

bool Init() { return TheVips().ready; }

struct Unref {
  void operator()(VipsImage* image) const { TheVips().g_object_unref(image); }
};
using Image = std::unique_ptr<VipsImage, Unref>;

absl::Status Failed() {
  if (!Init()) return absl::InternalError("libvips cannot be loaded");
  return absl::InternalError(TheVips().vips_error_buffer());
}

absl::StatusOr<size_t> PngBytes(VipsImage* image) {
  void* bytes = nullptr;
  size_t size = 0;
  if (TheVips().vips_pngsave_buffer(image, &bytes, &size, "compression", 6, "strip", TRUE,
                                    nullptr) != 0) {
    return Failed();
  }
  TheVips().g_free(bytes);
  return size;
}

}  // namespace

absl::StatusOr<std::string> MakePhotograph(int width, int height, uint32_t seed) {
  if (!Init()) return Failed();
  std::vector<uint8_t> pixels(static_cast<size_t>(width) * static_cast<size_t>(height) * 3);
  uint32_t state = seed * 2654435761u + 1;
  for (size_t i = 0; i < pixels.size(); ++i) {
    state = state * 1664525u + 1013904223u;
    const auto place = static_cast<uint32_t>(i / 3);
    const uint32_t x = place % static_cast<uint32_t>(width);
    const uint32_t y = place / static_cast<uint32_t>(width);
    // Slopes, edges, and grain on top.
    const uint32_t edge = ((x >> 6) * (y >> 6) * (seed + 7)) & 63;
    pixels[i] = static_cast<uint8_t>((x * (i % 3 + 1) + y) / 16 % 160 + edge + (state >> 28));
  }
  const Image image(TheVips().vips_image_new_from_memory(pixels.data(), pixels.size(), width,
                                                         height, 3, VIPS_FORMAT_UCHAR));
  void* bytes = nullptr;
  size_t size = 0;
  if (image == nullptr ||
      TheVips().vips_jpegsave_buffer(image.get(), &bytes, &size, "Q", 90, nullptr) != 0) {
    return Failed();
  }
  std::string file(static_cast<const char*>(bytes), size);
  TheVips().g_free(bytes);
  return file;
}

absl::StatusOr<size_t> FitWithVips(std::string_view file) {
  if (!Init()) return Failed();
  VipsImage* lazy = nullptr;
  if (TheVips().vips_thumbnail_buffer(const_cast<char*>(file.data()), file.size(), &lazy, 350,
                                      "height", 350, "size", VIPS_SIZE_DOWN, nullptr) != 0) {
    return Failed();
  }
  const Image fitted_lazily(lazy);
  const Image fitted(TheVips().vips_image_copy_memory(lazy));
  VipsImage* cover = nullptr;
  if (fitted == nullptr ||
      TheVips().vips_thumbnail_image(fitted.get(), &cover, 150, "height", 150, "crop",
                                     VIPS_INTERESTING_CENTRE, nullptr) != 0) {
    return Failed();
  }
  const Image thumbnail(cover);
  const absl::StatusOr<size_t> large = PngBytes(fitted.get()), small = PngBytes(cover);
  if (!large.ok()) return large;
  if (!small.ok()) return small;
  return *large + *small;
}

}  // namespace dailyfeed::bench
