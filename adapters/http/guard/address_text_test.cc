#include "adapters/http/guard/address_text.h"

#include <gtest/gtest.h>

namespace dailyfeed::http {
namespace {

TEST(AddressTextTest, AddressesHaveOneSpelling) {
  EXPECT_EQ(PlainAddress("10.0.0.1"), "10.0.0.1");
  EXPECT_EQ(PlainAddress("0:0::1"), "::1");
  EXPECT_EQ(PlainAddress("2001:DB8::A"), "2001:db8::a");
  for (const char* text : {"", "10.0.0", "10.0.0.256", "10.0.0.0/8", "localhost", "10.0.0.1:80",
                           "[::1]", "::1%lo", " 10.0.0.1", "not-an-address"}) {
    EXPECT_EQ(PlainAddress(text), std::nullopt) << text;
  }
}

TEST(AddressTextTest, OriginsAreWhatABrowserSends) {
  for (const char* text :
       {"http://localhost:3000", "https://feed.example.com", "http://127.0.0.1", "http://[::1]",
        "http://[::1]:8080", "https://xn--9t4b11yi5a.kr:65535", "capacitor://localhost"}) {
    EXPECT_TRUE(IsOrigin(text)) << text;
  }
  for (const char* text : {"",
                           "foo",
                           "*",
                           "null",
                           "http://",
                           "http://:80",
                           "http://a/",
                           "http://a/path",
                           "http://a?b",
                           "http://a#b",
                           "http://u@a",
                           "http://a:",
                           "http://a:0",
                           "http://a:65536",
                           "http://a:080",
                           "http://a:1:2",
                           "http://a b",
                           "://a",
                           "1://a",
                           "HTTP://a",
                           "http://A",
                           "http://[::1",
                           "http://[::1]x",
                           "http://[10.0.0.1]",
                           "http://[0:0::1]",
                           "http:/a",
                           "//a"}) {
    EXPECT_FALSE(IsOrigin(text)) << text;
  }
}

}  // namespace
}  // namespace dailyfeed::http
