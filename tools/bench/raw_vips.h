// libvips alone: what a program would do that only fits pictures.
#ifndef DAILYFEED_TOOLS_BENCH_RAW_VIPS_H_
#define DAILYFEED_TOOLS_BENCH_RAW_VIPS_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace dailyfeed::bench {

// A JPEG with as much detail as a photograph, another one for each seed.
absl::StatusOr<std::string> MakePhotograph(int width, int height, uint32_t seed);

// Fits the file into 350 x 350, makes the thumbnail of 150 x 150, writes both as
// PNG into memory; their bytes together.
absl::StatusOr<size_t> FitWithVips(std::string_view file);

}  // namespace dailyfeed::bench

#endif  // DAILYFEED_TOOLS_BENCH_RAW_VIPS_H_
