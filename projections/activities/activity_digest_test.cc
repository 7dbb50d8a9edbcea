#include "projections/activities/activity_digest.h"

#include <gtest/gtest.h>

namespace dailyfeed {
namespace {

TEST(ActivityDigestTest, TheOrderDoesNotMatterAndEveryRowDoes) {
  ActivityDigest a, b, fewer, other, twice;
  a.Add("key1", "x");
  a.Add("key2", "y");
  b.Add("key2", "y");
  b.Add("key1", "x");
  fewer.Add("key1", "x");
  other.Add("key1", "x");
  other.Add("key2", "z");
  twice.Add("key1", "x");
  twice.Add("key1", "x");
  EXPECT_EQ(a.Line(), b.Line());
  EXPECT_EQ(a.rows(), 2u);
  EXPECT_NE(a.Line(), fewer.Line());
  EXPECT_NE(a.Line(), other.Line());
  EXPECT_NE(a.Line(), twice.Line());
}

TEST(ActivityDigestTest, TheLineStays) {
  ActivityDigest digest;
  EXPECT_EQ(digest.Line(), "0 activities, digest 00000000000000000000000000000000");
}

}  // namespace
}  // namespace dailyfeed
