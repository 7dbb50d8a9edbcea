#include "projections/home/author_bounds.h"

#include <gtest/gtest.h>

#include <limits>

namespace dailyfeed {
namespace {

constexpr TimestampNs kUnknown = std::numeric_limits<TimestampNs>::max();

TEST(AuthorBoundsTest, NothingIsKnownAtFirst) {
  AuthorBounds bounds;
  EXPECT_EQ(bounds.Of(1)->newest(), kUnknown);
  EXPECT_EQ(bounds.Of(1), bounds.Of(1));
  EXPECT_NE(bounds.Of(1), bounds.Of(2));
}

TEST(AuthorBoundsTest, WhatWasFoundOutHoldsUntilTheNextPost) {
  AuthorBounds bounds;
  AuthorBound* bound = bounds.Of(1);
  bound->Lower(50, bound->changes());
  EXPECT_EQ(bound->newest(), 50);
  bounds.Raise(1, 70);
  EXPECT_EQ(bound->newest(), 70);
  bounds.Raise(1, 60);  // an older one that came later
  EXPECT_EQ(bound->newest(), 70);
  bounds.Raise(2, 90);  // of somebody nobody asked for
  EXPECT_EQ(bounds.Of(2)->newest(), kUnknown);
}

TEST(AuthorBoundsTest, WhatWasFoundOutBeforeAPostLowersNothing) {
  AuthorBounds bounds;
  AuthorBound* bound = bounds.Of(1);
  const uint64_t changes = bound->changes();
  bounds.Raise(1, 70);
  bound->Lower(50, changes);
  EXPECT_EQ(bound->newest(), kUnknown);
  bound->Lower(70, bound->changes());
  EXPECT_EQ(bound->newest(), 70);
}

TEST(AuthorBoundsTest, ADeletedPostIsAChangeAndLeavesTheBound) {
  AuthorBounds bounds;
  AuthorBound* bound = bounds.Of(1);
  bound->Lower(50, bound->changes());
  const uint64_t changes = bound->changes();
  bounds.Change(1);
  EXPECT_GT(bound->changes(), changes);
  EXPECT_EQ(bound->newest(), 50);
}

TEST(AuthorBoundsTest, NothingIsKnownOnceEverythingMayHaveChanged) {
  AuthorBounds bounds;
  AuthorBound* bound = bounds.Of(1);
  bound->Lower(50, bound->changes());
  const uint64_t changes = bound->changes();
  bounds.Forget();
  EXPECT_EQ(bound->newest(), kUnknown);
  bound->Lower(50, changes);
  EXPECT_EQ(bound->newest(), kUnknown);
}

}  // namespace
}  // namespace dailyfeed
