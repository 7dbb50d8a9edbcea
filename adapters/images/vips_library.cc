#include "adapters/images/vips_library.h"

#include <dlfcn.h>
#include <fmt/format.h>

namespace dailyfeed {
namespace {

constexpr char kLibrary[] = "libvips.so.42";
constexpr char kDomain[] = "VIPS";

// Warnings about damaged files: whoever uploads one must not write our log.
void Ignore(const gchar*, GLogLevelFlags, const gchar*, gpointer) {}

}  // namespace

absl::StatusOr<const VipsLibrary*> VipsLibrary::Load(int threads) {
  static const absl::StatusOr<const VipsLibrary*>& loaded =
      *new absl::StatusOr<const VipsLibrary*>(LoadOnce(threads));
  return loaded;
}

absl::StatusOr<const VipsLibrary*> VipsLibrary::LoadOnce(int threads) {
  void* const library = ::dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    return absl::InternalError(fmt::format("cannot load libvips: {}", ::dlerror()));
  }
  auto* const vips = new VipsLibrary;
#define DAILYFEED_RESOLVE(name)                                                        \
  vips->name = reinterpret_cast<decltype(&::name)>(::dlsym(library, #name));           \
  if (vips->name == nullptr) {                                                         \
    return absl::InternalError(fmt::format("{} has no function {}", kLibrary, #name)); \
  }
  DAILYFEED_VIPS_FUNCTIONS(DAILYFEED_RESOLVE)
#undef DAILYFEED_RESOLVE
  if (vips->vips_init("dailyfeed") != 0) {
    return absl::InternalError(fmt::format("cannot initialize libvips: {}", vips->TakeError()));
  }
  vips->vips_block_untrusted_set(TRUE);
  vips->vips_cache_set_max(0);  // no upload is seen twice
  vips->vips_concurrency_set(threads);
  vips->g_log_set_handler(
      kDomain, static_cast<GLogLevelFlags>(G_LOG_LEVEL_MASK & ~G_LOG_LEVEL_ERROR), Ignore, nullptr);
  return vips;
}

std::string VipsLibrary::TakeError() const {
  char* const text = vips_error_buffer_copy();  // clears it as well
  std::string error(text);
  g_free(text);
  while (error.ends_with('\n')) error.pop_back();
  return error;
}

}  // namespace dailyfeed
