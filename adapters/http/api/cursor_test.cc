#include "adapters/http/api/cursor.h"

#include <gtest/gtest.h>

#include <limits>

#include "core/domain/errors.h"

namespace dailyfeed::http {
namespace {

const std::string kKey(32, 'k');
constexpr ListIdentity kList = {.name = "followers", .id = 7, .caller = 3};
constexpr ListPlace kPlace = {.page = 2, .after = {.order = 1760499296123456000, .id = 41}};

bool Refused(const CursorCodec& codec, const ListIdentity& list, std::string_view cursor) {
  const auto place = codec.Decode(list, cursor);
  return !place.ok() && ErrorCodeOf(place.status()) == ErrorCode::kInvalidCursor;
}

TEST(CursorTest, ReadsBackWhatItWrote) {
  const CursorCodec codec(kKey);
  for (const ListPlace& place :
       {kPlace, ListPlace{}, ListPlace{.page = 1, .after = {.order = -1, .id = 0}},
        ListPlace{.page = std::numeric_limits<uint64_t>::max(),
        .after = {.order = std::numeric_limits<int64_t>::min(),
                 .id = std::numeric_limits<uint64_t>::max()}},
        ListPlace{.page = 0, .after = {.order = std::numeric_limits<int64_t>::max(), .id = 1}},
        ListPlace{.page = 1, .after = {.order = 7, .id = 41, .then = 1760499296123456000}},
        ListPlace{.page = std::numeric_limits<uint64_t>::max(),
        .after = {.order = std::numeric_limits<int64_t>::min(),
                 .id = std::numeric_limits<uint64_t>::max(),
                 .then = std::numeric_limits<int64_t>::min()}}}) {
    const std::string text = codec.Encode(kList, place);
    EXPECT_LE(text.size(), CursorCodec::kTextBytesMax);
    EXPECT_EQ(
        text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
        std::string::npos);
    const auto read = codec.Decode(kList, text);
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(read->page, place.page);
    EXPECT_EQ(read->after.order, place.after.order);
    EXPECT_EQ(read->after.id, place.after.id);
    EXPECT_EQ(read->after.then, place.after.then);
  }
}

TEST(CursorTest, AnotherCodecWithTheSameKeyReadsIt) {
  EXPECT_TRUE(CursorCodec(kKey).Decode(kList, CursorCodec(kKey).Encode(kList, kPlace)).ok());
}

TEST(CursorTest, BelongsToOneListIdCallerAndKey) {
  const CursorCodec codec(kKey);
  const std::string text = codec.Encode(kList, kPlace);
  EXPECT_TRUE(Refused(codec, {.name = "followings", .id = 7, .caller = 3}, text));
  EXPECT_TRUE(Refused(codec, {.name = "followers", .id = 8, .caller = 3}, text));
  EXPECT_TRUE(Refused(codec, {.name = "followers", .id = 7, .caller = 4}, text));
  EXPECT_TRUE(Refused(codec, {.name = "follower", .id = 7, .caller = 3}, text));
  EXPECT_TRUE(Refused(CursorCodec(std::string(32, 'x')), kList, text));
}

TEST(CursorTest, EveryAlteredOrCutTextIsRefused) {
  const CursorCodec codec(kKey);
  const std::string text = codec.Encode(kList, kPlace);
  for (size_t i = 0; i < text.size(); ++i) {
    EXPECT_TRUE(Refused(codec, kList, text.substr(0, i)));
    std::string altered = text;
    for (const char c : {'A', 'B', '_', '=', '+', ' ', '\0'}) {
      altered[i] = c;
      if (altered == text) continue;
      EXPECT_TRUE(Refused(codec, kList, altered)) << i << c;
    }
  }
  EXPECT_TRUE(Refused(codec, kList, text + "A"));
  EXPECT_TRUE(Refused(codec, kList, text + text));
  EXPECT_TRUE(Refused(codec, kList, std::string(100'000, 'A')));
  EXPECT_TRUE(Refused(codec, kList, "null"));
}

}  // namespace
}  // namespace dailyfeed::http
