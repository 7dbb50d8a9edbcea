#include "adapters/http/guard/addresses.h"

#include <gtest/gtest.h>

namespace dailyfeed::http {
namespace {

TEST(AddressesTest, EverySpellingOfAnAddressIsTheSame) {
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

TEST(AddressesTest, WhatIsNoAddress) {
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

TEST(AddressesTest, TheFirstWhoIsNotTrustedIsTheClient) {
  const std::vector<std::string> proxies =
      CanonicalAddresses({"10.0.0.1", "10.0.0.2", "2001:DB8::0:2"});
  const struct {
    std::string_view peer, forwarded_for, address;
    bool is_one_client;
  } rows[] = {
      // Nobody is believed but a proxy.
      {"192.0.2.7", "", "192.0.2.7", true},
      {"192.0.2.7", "6.6.6.6", "192.0.2.7", true},
      {"::ffff:192.0.2.7", "6.6.6.6", "192.0.2.7", true},
      // From the right, over proxies, to the first who is none.
      {"10.0.0.1", "192.0.2.7", "192.0.2.7", true},
      {"::ffff:10.0.0.1", "192.0.2.7", "192.0.2.7", true},
      {"2001:db8::2", "[2001:db8:1::7]:443", "2001:db8:1::7", true},
      {"10.0.0.1", "6.6.6.6, 192.0.2.7", "192.0.2.7", true},
      {"10.0.0.1", "6.6.6.6,192.0.2.7:5123,10.0.0.2:80", "192.0.2.7", true},
      {"10.0.0.1", "nonsense, 192.0.2.7", "192.0.2.7", true},
      // Nobody is named: the proxy stands for all.
      {"10.0.0.1", "", "10.0.0.1", false},
      {"10.0.0.1", "10.0.0.2", "10.0.0.2", false},
      // A name that is no address ends the way.
      {"10.0.0.1", "unknown", "10.0.0.1", false},
      {"10.0.0.1", "192.0.2.7, 10.0.2.i,", "10.0.0.1", false},
      {"10.0.0.1", "192.0.2.7, nonsense, 10.0.0.2", "10.0.0.2", false},
      {"10.0.0.1", ",", "10.0.0.1", false},
      // A peer that is not known is nobody's proxy.
      {"", "192.0.2.7", "", true},
      // Private addresses may be proxies that nobody trusts: no limit counts them.
      {"127.0.0.1", "", "127.0.0.1", false},
      {"127.0.0.1", "192.0.2.7", "127.0.0.1", false},
      {"10.0.0.9", "192.0.2.7", "10.0.0.9", false},
      {"10.0.0.1", "192.0.2.7, 10.0.0.9", "10.0.0.9", false},
  };
  for (const auto& row : rows) {
    const ClientAddress client = FindClient(row.peer, row.forwarded_for, proxies);
    EXPECT_EQ(client.address, row.address) << row.peer << " | " << row.forwarded_for;
    EXPECT_EQ(client.is_one_client, row.is_one_client) << row.peer << " | " << row.forwarded_for;
  }
  EXPECT_TRUE(FindClient("10.0.0.9", "192.0.2.7", proxies).names_are_ignored);
  EXPECT_FALSE(FindClient("10.0.0.9", "", proxies).names_are_ignored);
  EXPECT_FALSE(FindClient("10.0.0.1", "unknown", proxies).names_are_ignored);
}

TEST(AddressesTest, PrivateAddresses) {
  for (const char* address :
       {"127.0.0.1", "127.255.255.255", "10.0.0.0", "10.255.255.255", "172.16.0.0",
        "172.31.255.255", "192.168.0.1", "169.254.1.1", "100.64.0.0", "100.127.255.255",
        "::ffff:10.0.0.1", "::1", "fe80::1", "fc00::1", "fdff::1"}) {
    EXPECT_TRUE(IsPrivateAddress(address)) << address;
  }
  for (const char* address :
       {"126.255.255.255", "128.0.0.0", "9.255.255.255", "11.0.0.0", "172.15.255.255", "172.32.0.0",
        "192.167.255.255", "192.169.0.0", "100.63.255.255", "100.128.0.0", "192.0.2.7", "::2",
        "fec0::1", "fe00::1", "2001:db8::1", "", "nonsense", "unix:"}) {
    EXPECT_FALSE(IsPrivateAddress(address)) << address;
  }
}

TEST(AddressesTest, AddressesAreGroupedAsCustomersHaveThem) {
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

TEST(AddressesTest, AddressesHaveOneSpelling) {
  EXPECT_EQ(PlainAddress("10.0.0.1"), "10.0.0.1");
  EXPECT_EQ(PlainAddress("0:0::1"), "::1");
  EXPECT_EQ(PlainAddress("2001:DB8::A"), "2001:db8::a");
  for (const char* text : {"", "10.0.0", "10.0.0.256", "10.0.0.0/8", "localhost", "10.0.0.1:80",
                           "[::1]", "::1%lo", " 10.0.0.1", "not-an-address"}) {
    EXPECT_EQ(PlainAddress(text), std::nullopt) << text;
  }
}

TEST(AddressesTest, OriginsAreWhatABrowserSends) {
  for (const char* text :
       {"http://localhost:3000", "https://feed.example.com", "http://127.0.0.1", "http://[::1]",
        "http://[::1]:8080", "https://xn--9t4b11yi5a.kr:65535", "capacitor://localhost"}) {
    EXPECT_TRUE(IsOrigin(text)) << text;
  }
  for (const char* text : {"",
                           "foo",
                           "*",
                           "null",
                           "http://",
                           "http://:80",
                           "http://a/",
                           "http://a/path",
                           "http://a?b",
                           "http://a#b",
                           "http://u@a",
                           "http://a:",
                           "http://a:0",
                           "http://a:65536",
                           "http://a:080",
                           "http://a:1:2",
                           "http://a b",
                           "://a",
                           "1://a",
                           "HTTP://a",
                           "http://A",
                           "http://[::1",
                           "http://[::1]x",
                           "http://[10.0.0.1]",
                           "http://[0:0::1]",
                           "http:/a",
                           "//a"}) {
    EXPECT_FALSE(IsOrigin(text)) << text;
  }
}

}  // namespace
}  // namespace dailyfeed::http
