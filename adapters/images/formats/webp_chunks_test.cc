#include "adapters/images/formats/webp_chunks.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "adapters/images/test_pictures.h"
#include "core/domain/errors.h"

namespace dailyfeed {
namespace {

size_t CountOf(std::string_view text, std::string_view part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

std::string FirstOf(std::string_view file) {
  absl::StatusOr<std::string> first = FirstFrameOf(file);
  EXPECT_TRUE(first.ok()) << first.status();
  return first.ok() ? *std::move(first) : std::string();
}

TEST(WebpChunksTest, AStillKeepsItsPixels) {
  for (const EncodeOptions& options :
       {EncodeOptions{}, {.alpha = true}, {.lossless = true}, {.profile = "p3", .comment = "x"}}) {
    const std::string file = EncodeWebp({Noise(41, 33, 2)}, options);
    const std::string first = FirstOf(file);
    EXPECT_EQ(Decode(first).pixels, Decode(file).pixels);
    EXPECT_EQ(CountOf(first, "ICCP"), CountOf(file, "ICCP"));
    EXPECT_EQ(CountOf(first, "EXIF"), CountOf(file, "EXIF"));
    EXPECT_EQ(CountOf(first, "XMP "), 0u);
    EXPECT_EQ(FirstOf(first), first);
  }
}

TEST(WebpChunksTest, OfManyFramesOneIsLeft) {
  const std::string few = EncodeWebp({Plain(4, 4, kRed), Plain(4, 4, kBlue)});
  const std::string many = RepeatLastFrame(few, 100'000);
  EXPECT_GT(CountOf(many, "ANMF"), 100'000u);
  const std::string first = FirstOf(many);
  EXPECT_EQ(CountOf(first, "ANMF"), 1u);
  EXPECT_LT(first.size(), few.size());
  EXPECT_TRUE(IsNear(Decode(first), 1, 1, kRed));
}

TEST(WebpChunksTest, TheWholeFileMustBeThere) {
  const std::string file = EncodeWebp({Plain(4, 4, kRed), Plain(4, 4, kBlue)});
  for (size_t size = 0; size < file.size(); ++size) {
    EXPECT_EQ(ErrorCodeOf(FirstFrameOf(std::string_view(file).substr(0, size)).status()),
              ErrorCode::kCorruptedImage)
        << size;
  }
  EXPECT_EQ(FirstOf(file + "behind the end"), FirstOf(file));
  std::string longer = file;
  const size_t frame = longer.rfind("ANMF");
  longer[frame + 6] = '\x7f';  // 8 MB of a chunk
  EXPECT_EQ(ErrorCodeOf(FirstFrameOf(longer).status()), ErrorCode::kCorruptedImage);
}

}  // namespace
}  // namespace dailyfeed
