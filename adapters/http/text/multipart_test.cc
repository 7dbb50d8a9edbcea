#include "adapters/http/text/multipart.h"

#include <gtest/gtest.h>

namespace dailyfeed::http {
namespace {

using std::string_literals::operator""s;

// "name=body" of every part, apart by '|'; "none" when it is no form.
std::string Parts(std::string_view body, std::string_view boundary = "b") {
  std::vector<MultipartPart> parts;
  if (!ParseMultipart(body, boundary, &parts)) return "none";
  std::string text;
  for (const MultipartPart& part : parts) {
    if (!text.empty()) text += '|';
    text += part.name + "=" + std::string(part.body);
  }
  return text;
}

std::string Part(std::string_view name, std::string_view body) {
  return "--b\r\nContent-Disposition: form-data; name=\"" + std::string(name) + "\"\r\n\r\n" +
         std::string(body) + "\r\n";
}

TEST(MultipartTest, Boundaries) {
  const auto boundary = [](std::string_view type) {
    return MultipartBoundary(type).value_or("none");
  };
  EXPECT_EQ(boundary("multipart/form-data; boundary=x-1"), "x-1");
  EXPECT_EQ(boundary("Multipart/Form-Data;charset=utf-8 ; BOUNDARY=\"a b\""), "a b");
  EXPECT_EQ(boundary("multipart/form-data;boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW"),
            "----WebKitFormBoundary7MA4YWxkTrZu0gW");
  EXPECT_EQ(boundary("multipart/form-data;flag;boundary=x"), "x");
  EXPECT_EQ(boundary("multipart/form-data"), "none");
  EXPECT_EQ(boundary("multipart/form-data; boundary="), "none");
  EXPECT_EQ(boundary("multipart/form-data; boundary=\"x"), "none");
  EXPECT_EQ(boundary("multipart/form-data; boundary=\"x\r\n\""), "none");
  EXPECT_EQ(boundary("multipart/form-data; boundary=" + std::string(71, 'x')), "none");
  EXPECT_EQ(boundary("multipart/mixed; boundary=x"), "none");
  EXPECT_EQ(boundary("application/json"), "none");
  EXPECT_EQ(boundary(""), "none");
}

TEST(MultipartTest, Parts) {
  EXPECT_EQ(Parts(Part("a", "1") + Part("b", "2") + "--b--\r\n"), "a=1|b=2");
  EXPECT_EQ(Parts(Part("a", "") + "--b--"), "a=");
  EXPECT_EQ(Parts("--b--\r\n"), "");
  EXPECT_EQ(Parts("preamble\r\n" + Part("a", "1") + "--b--\r\nepilogue\r\n--b\r\n"), "a=1");
  EXPECT_EQ(Parts("\r\n" + Part("a", "1") + "--b--"), "a=1");
  EXPECT_EQ(Parts("--b \t\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--b--"), "a=1");
  EXPECT_EQ(Parts("--b\r\n\r\nno headers\r\n--b--"), "=no headers");
}

TEST(MultipartTest, BodiesMayHoldAnything) {
  for (const std::string& body : {"\r\n"s, "--bb"s, "\r\n--"s, "\r\n--bb\r\n"s, "\r\n-b--"s,
                                  "\r\n--b x\r\n"s, std::string(300, '\0'), "\r\n\r\n--a--\r\n"s}) {
    EXPECT_EQ(Parts(Part("a", body) + "--b--"), "a=" + body);
  }
}

TEST(MultipartTest, Names) {
  const auto name = [](std::string_view headers) {
    std::vector<MultipartPart> parts;
    const std::string body = "--b\r\n" + std::string(headers) + "\r\n\r\nx\r\n--b--";
    return ParseMultipart(body, "b", &parts) && parts.size() == 1 ? parts[0].name : "none";
  };
  EXPECT_EQ(name("Content-Disposition: form-data; name=\"image\"; filename=\"a.png\""), "image");
  EXPECT_EQ(name("content-disposition:form-data;NAME=image"), "image");
  EXPECT_EQ(name("Content-Type: image/png\r\nContent-Disposition: form-data; filename=\"a;b\"; "
                 "name=\"image\""),
            "image");
  EXPECT_EQ(name("Content-Disposition: form-data; filename=\"name=x\"; name=\"image\""), "image");
  EXPECT_EQ(name("Content-Disposition: form-data; filename=\"C:\\dir\\\"; name=\"image\""), "");
  EXPECT_EQ(name("Content-Disposition: form-data; name=\"a\\\"b\""), "a\"b");
  EXPECT_EQ(name("Content-Disposition: form-data; filename=\"x\""), "");
  EXPECT_EQ(name("Content-Type: text/plain"), "");
  EXPECT_EQ(name("no colon"), "none");
}

TEST(MultipartTest, WhatIsCutOffOrTooMuchIsRefused) {
  const std::string whole = Part("a", "1") + Part("b", "2") + "--b--";
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(Parts(std::string_view(whole).substr(0, size)), "none") << size;
  }
  std::string many;
  for (size_t i = 0; i < kMultipartPartsMax; ++i) many += Part("a", "1");
  EXPECT_NE(Parts(many + "--b--"), "none");
  EXPECT_EQ(Parts(many + Part("a", "1") + "--b--"), "none");
  const std::string long_header = "X: " + std::string(kMultipartHeaderBytesMax, 'x');
  EXPECT_EQ(Parts("--b\r\n" + long_header + "\r\n\r\n1\r\n--b--"), "none");
  EXPECT_EQ(Parts("--b\nContent-Disposition: form-data; name=a\n\n1\n--b--"), "none");
}

TEST(MultipartTest, FindsTheFirstPartOfAName) {
  std::vector<MultipartPart> parts;
  const std::string body = Part("a", "1") + Part("image", "2") + Part("image", "3") + "--b--";
  ASSERT_TRUE(ParseMultipart(body, "b", &parts));
  EXPECT_EQ(FindPart(parts, "image")->body, "2");
  EXPECT_EQ(FindPart(parts, "Image"), nullptr);
}

}  // namespace
}  // namespace dailyfeed::http
