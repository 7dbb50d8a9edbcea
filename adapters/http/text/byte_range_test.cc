#include "adapters/http/text/byte_range.h"

#include <gtest/gtest.h>

#include <string>

namespace dailyfeed::http {
namespace {

std::string Range(std::string_view header, uint64_t size = 100) {
  const ByteRange range = ParseByteRange(header, size);
  if (range.kind == ByteRange::Kind::kWhole) return "whole";
  if (range.kind == ByteRange::Kind::kUnsatisfiable) return "none";
  return std::to_string(range.first) + "+" + std::to_string(range.length);
}

TEST(ByteRangeTest, OneRange) {
  EXPECT_EQ(Range("bytes=0-0"), "0+1");
  EXPECT_EQ(Range("Bytes=10-19"), "10+10");
  EXPECT_EQ(Range("bytes=90-"), "90+10");
  EXPECT_EQ(Range("bytes=90-1000"), "90+10");
  EXPECT_EQ(Range("bytes=0-99"), "0+100");
  EXPECT_EQ(Range("bytes=-1"), "99+1");
  EXPECT_EQ(Range("bytes=-500"), "0+100");
  EXPECT_EQ(Range("bytes=0-99999999999999999999999"), "0+100");
}

TEST(ByteRangeTest, BehindTheEnd) {
  EXPECT_EQ(Range("bytes=100-"), "none");
  EXPECT_EQ(Range("bytes=100-200"), "none");
  EXPECT_EQ(Range("bytes=-0"), "none");
  EXPECT_EQ(Range("bytes=99999999999999999999999-"), "none");
}

TEST(ByteRangeTest, WhatIsPassedOver) {
  for (const char* header : {"", "bytes", "bytes=", "bytes=-", "bytes=5", "bytes=9-5", "bytes=a-b",
                             "bytes=0-1,5-6", "bytes=0x1-2", "items=0-1", "bytes= 0-1", "0-1"}) {
    EXPECT_EQ(Range(header), "whole") << header;
  }
}

}  // namespace
}  // namespace dailyfeed::http
