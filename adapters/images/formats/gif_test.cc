#include "adapters/images/formats/gif.h"

#include <gtest/gtest.h>

#include "adapters/images/test_pictures.h"
#include "core/domain/errors.h"

namespace dailyfeed {
namespace {

TEST(GifTest, OfAnAnimationTheFirstFrameIsAWholeFile) {
  const std::string one = EncodeGif({Plain(40, 30, kRed)});
  const std::string many = EncodeGif({Plain(40, 30, kRed), Plain(40, 30, kBlue)});
  for (const std::string& gif : {one, many, many + "behind the end"}) {
    const GifFrame frame = FirstFrameOfGif(gif).value();
    EXPECT_LE(frame.file.size(), gif.size());
    EXPECT_TRUE(frame.covers_canvas());
    const Raster shown = Decode(frame.file);
    EXPECT_EQ(shown.width, 40);
    EXPECT_EQ(shown.height, 30);
    EXPECT_TRUE(IsNear(shown, 20, 15, kRed));
  }
}

TEST(GifTest, SaysWhereTheFrameIsOnItsCanvas) {
  const GifFrame frame = FirstFrameOfGif(EncodeGifPart(Plain(40, 30, kRed), 5, 7, 100, 20)).value();
  EXPECT_EQ(frame.left, 5u);
  EXPECT_EQ(frame.top, 7u);
  EXPECT_EQ(frame.width, 40u);
  EXPECT_EQ(frame.height, 30u);
  EXPECT_EQ(frame.canvas_width, 100u);
  EXPECT_EQ(frame.canvas_height, 37u) << "the frame goes beyond the screen";
  EXPECT_FALSE(frame.covers_canvas());
}

TEST(GifTest, AFileWithoutAFrameIsCorrupted) {
  const std::string gif = EncodeGif({Plain(40, 30, kRed)});
  const size_t descriptor = gif.find(std::string(",\0\0\0\0", 5));
  for (size_t size = 0; size < descriptor + 10; ++size) {
    EXPECT_EQ(ErrorCodeOf(FirstFrameOfGif(gif.substr(0, size)).status()),
              ErrorCode::kCorruptedImage)
        << size;
  }
  // The decoder judges pixels: what is there of them is passed on.
  EXPECT_TRUE(FirstFrameOfGif(gif.substr(0, descriptor + 12)).ok());
}

}  // namespace
}  // namespace dailyfeed
