#include "projections/home/author_bounds.h"

#include <gtest/gtest.h>

#include <memory>

namespace dailyfeed {
namespace {

constexpr TimestampNs kUnknown = AuthorBound::kUnknown;

Moment At(Position position, uint64_t epoch = 1) { return {.epoch = epoch, .position = position}; }

TEST(AuthorBoundsTest, NothingIsKnownAtFirst) {
  AuthorBounds bounds;
  const auto one = bounds.Of(1);
  EXPECT_EQ(one->Newest(At(5)), kUnknown);
  EXPECT_EQ(one, bounds.Of(1));
  EXPECT_NE(one, bounds.Of(2));
}

TEST(AuthorBoundsTest, WhatWasFoundOutHoldsUntilTheNextPost) {
  AuthorBounds bounds;
  const auto bound = bounds.Of(1);
  bound->Lower(50, At(5));
  EXPECT_EQ(bound->Newest(At(5)), 50);
  bounds.Raise(1, 6, 70);
  EXPECT_EQ(bound->Newest(At(6)), 70);
  bounds.Raise(1, 7, 60);  // an older one that came later
  EXPECT_EQ(bound->Newest(At(7)), 70);
  bounds.Raise(2, 8, 90);  // of an author without a bound
  EXPECT_EQ(bounds.Of(2)->Newest(At(8)), kUnknown);
}

TEST(AuthorBoundsTest, AViewBeforeTheLastChangeHasNoBoundAndLowersNothing) {
  AuthorBounds bounds;
  const auto bound = bounds.Of(1);
  bounds.Raise(1, 6, 70);
  bound->Lower(50, At(5));
  EXPECT_EQ(bound->Newest(At(6)), kUnknown);
  bound->Lower(70, At(6));
  EXPECT_EQ(bound->Newest(At(6)), 70);
  EXPECT_EQ(bound->Newest(At(5)), kUnknown);
}

// The bound of a post that was deleted is lowered by newer views; older ones
// still show the post.
TEST(AuthorBoundsTest, ADeletedPostIsAChange) {
  AuthorBounds bounds;
  const auto bound = bounds.Of(1);
  bound->Lower(50, At(5));
  bounds.Change(1, 6);
  EXPECT_EQ(bound->changed(), 6u);
  EXPECT_EQ(bound->Newest(At(6)), 50);
  bound->Lower(20, At(6));
  EXPECT_EQ(bound->Newest(At(6)), 20);
  EXPECT_EQ(bound->Newest(At(5)), kUnknown);
}

TEST(AuthorBoundsTest, NothingIsKnownOnceEverythingMayHaveChanged) {
  AuthorBounds bounds;
  const auto bound = bounds.Of(1);
  bound->Lower(50, At(5));
  bounds.Forget(2);
  EXPECT_EQ(bound->Newest(At(5, 2)), kUnknown);
  bound->Lower(50, At(5, 1));
  EXPECT_EQ(bound->Newest(At(5, 2)), kUnknown);
  EXPECT_EQ(bounds.Of(3)->Newest(At(9, 1)), kUnknown);
  bound->Lower(40, At(5, 2));
  EXPECT_EQ(bound->Newest(At(5, 2)), 40);
}

// The author posted before there was a bound: a view from before that lowers
// nothing.
TEST(AuthorBoundsTest, ANewBoundKnowsHowOldViewsCanBe) {
  AuthorBounds bounds;
  bounds.Raise(1, 6, 70);
  const auto bound = bounds.Of(1);
  bound->Lower(50, At(5));
  EXPECT_EQ(bound->Newest(At(6)), kUnknown);
}

TEST(AuthorBoundsTest, ABoundIsForgottenWithItsLastReference) {
  AuthorBounds bounds;
  auto one = bounds.Of(1);
  auto again = bounds.Of(1);
  auto two = bounds.Of(2);
  EXPECT_EQ(bounds.size(), 2u);
  one = nullptr;
  EXPECT_EQ(bounds.size(), 2u);
  again = nullptr;
  EXPECT_EQ(bounds.size(), 1u);
  two = nullptr;
  EXPECT_EQ(bounds.size(), 0u);
}

}  // namespace
}  // namespace dailyfeed
