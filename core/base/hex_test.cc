#include "core/base/hex.h"

#include <gtest/gtest.h>

namespace dailyfeed {
namespace {

TEST(HexTest, EveryByte) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text = Hex(std::string(1, static_cast<char>(byte)));
    ASSERT_EQ(text.size(), 2u);
    EXPECT_EQ(HexDigitValue(text[0]) * 16 + HexDigitValue(text[1]), byte);
  }
  EXPECT_EQ(Hex(std::string_view("\x3b\0\xFF", 3)), "3b00ff");
  EXPECT_EQ(HexDigitValue('F'), 15);
  for (const char c : {'g', 'G', '/', ':', '@', '`', '\0', '\xFF'}) EXPECT_EQ(HexDigitValue(c), -1);
}

TEST(UuidTest, TextAndBack) {
  const std::string text = "3b241101-e2bb-4255-8caf-4136c566a962";
  const std::string id("\x3b\x24\x11\x01\xe2\xbb\x42\x55\x8c\xaf\x41\x36\xc5\x66\xa9\x62");
  EXPECT_EQ(FormatUuid(id), text);
  EXPECT_EQ(ParseUuid(text), id);
  EXPECT_EQ(ParseUuid("3B241101-E2BB-4255-8CAF-4136C566A962"), id);
}

TEST(UuidTest, EveryOtherTextIsNone) {
  const std::string text = "3b241101-e2bb-4255-8caf-4136c566a962";
  for (const std::string& other :
       {std::string(), text + "0", text.substr(1), std::string("3b241101e2bb42558caf4136c566a962"),
        std::string("3b241101-e2bb-4255-8caf-4136c566a96g"),
        std::string("3b24110--e2bb-4255-8caf-4136c566a962"), std::string(36, '-'),
        std::string(36, 'a')}) {
    EXPECT_EQ(ParseUuid(other), std::nullopt) << other;
  }
}

}  // namespace
}  // namespace dailyfeed
