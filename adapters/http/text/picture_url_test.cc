#include "adapters/http/text/picture_url.h"

#include <gtest/gtest.h>

namespace dailyfeed::http {
namespace {

TEST(PictureUrlTest, TextAndBack) {
  const std::string text = "3b241101-e2bb-4255-8caf-4136c566a962";
  EXPECT_EQ(FormatUuid(ParseUuid("3B241101-E2BB-4255-8CAF-4136C566A962").value()), text);
}

TEST(PictureUrlTest, TheLastSegmentWithoutQueryAndExtension) {
  const std::string id("\x3b\x24\x11\x01\xe2\xbb\x42\x55\x8c\xaf\x41\x36\xc5\x66\xa9\x62");
  const std::string text = "3b241101-e2bb-4255-8caf-4136c566a962";
  for (const std::string& url :
       {text, "/" + text, "/api/proxy/images/view/" + text, "https://x.example/a/" + text + ".png",
        text + "?thumbnail=true", text + ".tar.gz#x",
        std::string("3B241101-E2BB-4255-8CAF-4136C566A962"), "a?/b/" + text}) {
    const bool query_first = url.starts_with("a?");
    EXPECT_EQ(PictureIdOfUrl(url), query_first ? std::nullopt : std::optional(id)) << url;
  }
  for (const std::string& url :
       {std::string(), std::string("no-image"), std::string("/"), text + "/", text + "0",
        text.substr(1), std::string("3b241101e2bb42558caf4136c566a962"),
        std::string("3b241101-e2bb-4255-8caf-4136c566a96g"),
        std::string("3b24110--e2bb-4255-8caf-4136c566a962"), std::string(36, '-')}) {
    EXPECT_EQ(PictureIdOfUrl(url), std::nullopt) << url;
  }
}

}  // namespace
}  // namespace dailyfeed::http
