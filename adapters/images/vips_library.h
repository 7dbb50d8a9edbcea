// libvips, loaded when the first picture comes. Internal; the only header that
// knows its types.
//
// Linking it would make every start of every program of ours resolve a hundred
// shared libraries (0.1 s, 10 MiB), for pictures most of them never see; see
// docs/decisions/0015-pictures.md. So its functions are a table that is filled
// by dlopen, and types and signatures come from its own headers.
//
//   ASSIGN_OR_RETURN(const VipsLibrary* vips, VipsLibrary::Load(1));
//   vips->vips_pngsave_buffer(image, &bytes, &size, nullptr);
//
// Threads: from any.
#ifndef DAILYFEED_ADAPTERS_IMAGES_VIPS_LIBRARY_H_
#define DAILYFEED_ADAPTERS_IMAGES_VIPS_LIBRARY_H_

#include <vips/vips.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace dailyfeed {

// Every function of libvips and GLib that is called.
#define DAILYFEED_VIPS_FUNCTIONS(X) \
  X(g_free)                         \
  X(g_log_set_handler)              \
  X(g_object_unref)                 \
  X(vips_addalpha)                  \
  X(vips_block_untrusted_set)       \
  X(vips_cache_set_max)             \
  X(vips_colourspace)               \
  X(vips_concurrency_set)           \
  X(vips_copy)                      \
  X(vips_embed)                     \
  X(vips_error_buffer_copy)         \
  X(vips_gifload_buffer)            \
  X(vips_image_copy_memory)         \
  X(vips_image_get_typeof)          \
  X(vips_image_hasalpha)            \
  X(vips_image_new_from_memory)     \
  X(vips_image_remove)              \
  X(vips_image_set_blob_copy)       \
  X(vips_image_set_int)             \
  X(vips_init)                      \
  X(vips_pngload_buffer)            \
  X(vips_pngsave_buffer)            \
  X(vips_thumbnail_image)           \
  X(vips_webpload_buffer)

class VipsLibrary {
 public:
  // Loads and initializes it at the first call; INTERNAL says why it cannot.
  // `threads` of that call is for one picture. Lives for ever.
  static absl::StatusOr<const VipsLibrary*> Load(int threads);

  // What libvips said of the failures so far, and forgets them. One text for all
  // threads: for people who read logs.
  std::string TakeError() const;

#define DAILYFEED_DECLARE(name) decltype(&::name) name = nullptr;
  DAILYFEED_VIPS_FUNCTIONS(DAILYFEED_DECLARE)
#undef DAILYFEED_DECLARE

 private:
  VipsLibrary() = default;
  static absl::StatusOr<const VipsLibrary*> LoadOnce(int threads);
};

struct VipsUnref {
  const VipsLibrary* vips;
  void operator()(VipsImage* image) const { vips->g_object_unref(image); }
};
using VipsImagePtr = std::unique_ptr<VipsImage, VipsUnref>;

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_IMAGES_VIPS_LIBRARY_H_
