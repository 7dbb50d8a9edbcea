#include "projections/verify/row_sum.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace dailyfeed {
namespace {

// Digests are compared with those of other machines and older programs.
TEST(RowSumTest, IsTheSameForEver) {
  RowSum sum;
  EXPECT_EQ(sum.Hex(), "00000000000000000000000000000000");
  sum.Add("b41", "hello");
  EXPECT_EQ(sum.Hex(), "dcef2e41b9e318ea55bbfd11918ba160");
  sum.Add("b42", std::string(100, 'x'));
  EXPECT_EQ(sum.Hex(), "3fe9cb7b7dc3e952f31bb9ccaadca2a5");
  EXPECT_EQ(sum.rows, 2u);
}

TEST(RowSumTest, OrderDoesNotMatterAndTheCutDoes) {
  RowSum one, other;
  one.Add("a", "1");
  one.Add("b", "2");
  other.Add("b", "2");
  other.Add("a", "1");
  EXPECT_EQ(one, other);
  const auto of = [](std::string_view key, std::string_view content) {
    RowSum sum;
    sum.Add(key, content);
    return sum.Hex();
  };
  const std::set<std::string> different = {of("ab", ""),
                                           of("a", "b"),
                                           of("", "ab"),
                                           of("ab", std::string(1, '\0')),
                                           of(std::string("ab\0", 3), ""),
                                           of("", ""),
                                           of("ba", "")};
  EXPECT_EQ(different.size(), 7u);
}

TEST(RowSumTest, RowsThatSwapTheirContentsAreSeen) {
  RowSum one, other;
  one.Add("a", "1");
  one.Add("b", "2");
  other.Add("a", "2");
  other.Add("b", "1");
  EXPECT_NE(one, other);
}

}  // namespace
}  // namespace dailyfeed
