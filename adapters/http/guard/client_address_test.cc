#include "adapters/http/guard/client_address.h"

#include <gtest/gtest.h>

namespace dailyfeed::http {
namespace {

TEST(ClientAddressTest, EverySpellingOfAnAddressIsTheSame) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"192.0.2.7", "192.0.2.7"},        {"  192.0.2.7\t", "192.0.2.7"},
      {"192.0.2.7:1", "192.0.2.7"},      {"192.0.2.7:65535", "192.0.2.7"},
      {"::ffff:192.0.2.7", "192.0.2.7"}, {"[::ffff:192.0.2.7]:80", "192.0.2.7"},
      {"2001:db8::1", "2001:db8::1"},    {"2001:DB8:0:0:0:0:0:1", "2001:db8::1"},
      {"[2001:db8::1]", "2001:db8::1"},  {"[2001:db8::1]:443", "2001:db8::1"},
      {"fe80::1%eth0", "fe80::1"},       {"::1", "::1"},
  };
  for (const auto& [text, address] : rows) EXPECT_EQ(CanonicalAddress(text), address) << text;
}

TEST(ClientAddressTest, WhatIsNoAddress) {
  const std::string_view rows[] = {
      "",
      " ",
      "10.0.2.i",
      "unknown",
      "_hidden",
      "10.0.2",
      "10.0.2.300",
      "010.0.0.1",
      "10.0.0.1:",
      "10.0.0.1:x",
      "10.0.0.1:123456",
      "10.0.0.1 10.0.0.2",
      "[10.0.0.1]",
      "[2001:db8::1",
      "[2001:db8::1]443",
      "[2001:db8::1]:",
      "2001:db8::1]:443",
      "\"192.0.2.7\"",
      "for=192.0.2.7",
      "10.0.0.1%eth0",
      std::string_view("10.0.0.1\0", 9),
      "1111:2222:3333:4444:5555:6666:7777:8888:9999:0000:1111:2222",
  };
  for (const std::string_view text : rows) EXPECT_EQ(CanonicalAddress(text), std::nullopt) << text;
}

TEST(ClientAddressTest, TheFirstWhoIsNotTrustedIsTheClient) {
  const std::vector<std::string> proxies =
      CanonicalAddresses({"10.0.0.1", "10.0.0.2", "2001:DB8::0:2"});
  const struct {
    std::string_view peer, forwarded_for, address;
    bool is_proxy;
  } rows[] = {
      // Nobody is believed but a proxy.
      {"192.0.2.7", "", "192.0.2.7", false},
      {"192.0.2.7", "6.6.6.6", "192.0.2.7", false},
      {"::ffff:192.0.2.7", "6.6.6.6", "192.0.2.7", false},
      // From the right, over proxies, to the first who is none.
      {"10.0.0.1", "192.0.2.7", "192.0.2.7", false},
      {"::ffff:10.0.0.1", "192.0.2.7", "192.0.2.7", false},
      {"2001:db8::2", "[2001:db8:1::7]:443", "2001:db8:1::7", false},
      {"10.0.0.1", "6.6.6.6, 192.0.2.7", "192.0.2.7", false},
      {"10.0.0.1", "6.6.6.6,192.0.2.7:5123,10.0.0.2:80", "192.0.2.7", false},
      {"10.0.0.1", "nonsense, 192.0.2.7", "192.0.2.7", false},
      // Nobody is named: the proxy stands for all.
      {"10.0.0.1", "", "10.0.0.1", true},
      {"10.0.0.1", "10.0.0.2", "10.0.0.2", true},
      // A name that is no address ends the way.
      {"10.0.0.1", "unknown", "10.0.0.1", true},
      {"10.0.0.1", "192.0.2.7, 10.0.2.i,", "10.0.0.1", true},
      {"10.0.0.1", "192.0.2.7, nonsense, 10.0.0.2", "10.0.0.2", true},
      {"10.0.0.1", ",", "10.0.0.1", true},
      // A peer that is not known is nobody's proxy.
      {"", "192.0.2.7", "", false},
  };
  for (const auto& row : rows) {
    const ClientAddress client = FindClient(row.peer, row.forwarded_for, proxies);
    EXPECT_EQ(client.address, row.address) << row.peer << " | " << row.forwarded_for;
    EXPECT_EQ(client.is_proxy, row.is_proxy) << row.peer << " | " << row.forwarded_for;
  }
}

TEST(ClientAddressTest, AddressesAreGroupedAsCustomersHaveThem) {
  const std::pair<const char*, const char*> rows[] = {
      {"192.0.2.7", "192.0.2.7"},
      {"::ffff:192.0.2.7", "192.0.2.7"},
      {"2001:db8:0:1:2:3:4:5", "2001:db8:0:1::/64"},
      {"2001:db8:0:1::9", "2001:db8:0:1::/64"},
      {"2001:db8:0:2::9", "2001:db8:0:2::/64"},
      {"nonsense", "nonsense"},
      {"", ""},
  };
  for (const auto& [address, group] : rows) EXPECT_EQ(AddressGroup(address), group);
}

}  // namespace
}  // namespace dailyfeed::http
