#include "adapters/images/formats/exif.h"

#include <gtest/gtest.h>

#include <string>

namespace dailyfeed {
namespace {

// A directory of one entry.
std::string Big(char tag_low, char type, char value) {
  std::string exif("MM\0*\0\0\0\x08\0\1\x01\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0", 26);
  exif[11] = tag_low;
  exif[13] = type;
  exif[19] = value;
  return exif;
}

TEST(ExifTest, SaysHowTheCameraWasHeld) {
  for (char value = 1; value <= 8; ++value) EXPECT_EQ(OrientationOf(Big(0x12, 3, value)), value);
  const std::string little("II*\0\x08\0\0\0\1\0\x12\x01\3\0\1\0\0\0\6\0\0\0\0\0\0\0", 26);
  EXPECT_EQ(OrientationOf(little), 6);
  EXPECT_EQ(OrientationOf(std::string("Exif\0\0", 6) + little), 6);
}

TEST(ExifTest, WhatMakesNoSenseIsUpright) {
  EXPECT_EQ(OrientationOf(""), 1);
  EXPECT_EQ(OrientationOf(Big(0x13, 3, 6)), 1) << "another tag";
  EXPECT_EQ(OrientationOf(Big(0x12, 4, 6)), 1) << "another type";
  EXPECT_EQ(OrientationOf(Big(0x12, 3, 0)), 1);
  EXPECT_EQ(OrientationOf(Big(0x12, 3, 9)), 1);
  const std::string whole = Big(0x12, 3, 6);
  for (size_t size = 0; size < 20; ++size) EXPECT_EQ(OrientationOf(whole.substr(0, size)), 1);
  std::string far = whole;
  far[4] = '\x7f';  // the directory is behind the end
  EXPECT_EQ(OrientationOf(far), 1);
  std::string many = whole;
  many[8] = many[9] = '\xff';  // entries
  EXPECT_EQ(OrientationOf(many), 6);
}

}  // namespace
}  // namespace dailyfeed
