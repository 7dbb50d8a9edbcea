#include "adapters/http/guard/places_per_address.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace dailyfeed::http {
namespace {

TEST(PlacesPerAddressTest, AnAddressHasSoManyPlacesAndLeavesOthersTheirs) {
  PlacesPerAddress places(2);
  std::optional<PlacesPerAddress::Place> first = places.Take("192.0.2.7");
  std::optional<PlacesPerAddress::Place> second = places.Take("::ffff:192.0.2.7");
  ASSERT_TRUE(first && second);
  EXPECT_FALSE(places.Take("192.0.2.7"));
  EXPECT_TRUE(places.Take("192.0.2.8"));
  first.reset();
  EXPECT_TRUE(places.Take("192.0.2.7"));
}

TEST(PlacesPerAddressTest, TheNetworkOfACustomerIsOneAddress) {
  PlacesPerAddress places(1);
  const auto place = places.Take("2001:db8:0:1::1");
  EXPECT_FALSE(places.Take("2001:db8:0:1::2"));
  EXPECT_TRUE(places.Take("2001:db8:0:2::1"));
}

TEST(PlacesPerAddressTest, APlaceThatMovesIsGivenBackOnce) {
  PlacesPerAddress places(1);
  {
    std::optional<PlacesPerAddress::Place> place = places.Take("192.0.2.7");
    const PlacesPerAddress::Place moved = *std::move(place);
    place.reset();
    EXPECT_FALSE(places.Take("192.0.2.7"));
  }
  EXPECT_TRUE(places.Take("192.0.2.7"));
  EXPECT_EQ(places.size(), 0u);
}

TEST(PlacesPerAddressTest, NobodyKnownAndZeroHaveNoLimit) {
  PlacesPerAddress some(1), any(0);
  std::vector<PlacesPerAddress::Place> taken;
  for (int i = 0; i < 10; ++i) {
    std::optional<PlacesPerAddress::Place> unknown = some.Take(""),
                                           unlimited = any.Take("192.0.2.7");
    ASSERT_TRUE(unknown && unlimited);
    taken.push_back(*std::move(unknown));
    taken.push_back(*std::move(unlimited));
  }
  EXPECT_EQ(some.size() + any.size(), 0u);
}

}  // namespace
}  // namespace dailyfeed::http
