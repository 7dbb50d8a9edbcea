#include "adapters/kafka/client/client_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace dailyfeed::kafka {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(ClientSettingsTest, AddressesOfBrokers) {
  for (const char* good : {"localhost:9092", "127.0.0.1:1", "a:9092,b:9093", "[::1]:9092"}) {
    EXPECT_TRUE(CheckBrokers(good).ok()) << good;
  }
  for (const char* bad : {"", "localhost", ":9092", "a:0", "a:65536", "a:x", "a:1,,b:2", "a:1,b"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(CheckBrokers(bad))) << bad;
  }
}

TEST(ClientSettingsTest, AFileOfSettings) {
  const auto settings = ParseLibrarySettings("kafka.conf",
                                             "# TLS\n"
                                             "security.protocol = SASL_SSL\r\n"
                                             "\n"
                                             "  sasl.password=a = b#c  \n");
  ASSERT_TRUE(settings.ok()) << settings.status();
  const LibrarySettings expected = {{"security.protocol", "SASL_SSL"},
                                    {"sasl.password", "a = b#c"}};
  EXPECT_EQ(*settings, expected);
}

TEST(ClientSettingsTest, WhatIsWrongNamesTheLineAndNoSecret) {
  const absl::Status no_equals =
      ParseLibrarySettings("kafka.conf", "a=b\nsasl.password hunter2\n").status();
  EXPECT_TRUE(absl::IsInvalidArgument(no_equals));
  EXPECT_THAT(no_equals.ToString(), HasSubstr("kafka.conf:2:"));
  EXPECT_THAT(no_equals.ToString(), Not(HasSubstr("hunter2")));
  const absl::Status own = ParseLibrarySettings("kafka.conf", "acks=0\n").status();
  EXPECT_THAT(own.ToString(), HasSubstr("kafka.conf:1: acks is set by dailyfeed"));
  EXPECT_TRUE(absl::IsNotFound(ReadLibrarySettings("/no/such/file").status()));
}

}  // namespace
}  // namespace dailyfeed::kafka
