#include "tools/cli/config.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace dailyfeed::cli {
namespace {

std::string ErrorOf(std::string_view text) {
  ServeConfig config;
  return std::string(ApplyConfigText("feed.conf", text, config).message());
}

TEST(ConfigTest, ReadsEveryKindOfValue) {
  ServeConfig config;
  const absl::Status status = ApplyConfigText("feed.conf",
                                              "# a comment\n"
                                              "\n"
                                              "engine.queue_capacity = 16   # commands\r\n"
                                              "http.request_timeout=1m30s\n"
                                              "caches.post_bytes_max = 3MiB\n"
                                              "http.header_bytes_max = 4000\n"
                                              "api.secure_cookies = false\n"
                                              "api.cors_origins = http://a:80 , http://c\n"
                                              "api.default_cover_url = http://x/y#z\n"
                                              "http.address = [::1]:80\n"
                                              "data_directory = feed dir",
                                              config);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(config.feed.engine.queue_capacity, 16u);
  EXPECT_EQ(config.server.request_timeout, absl::Seconds(90));
  EXPECT_EQ(config.feed.caches.post_bytes_max, size_t{3} << 20);
  EXPECT_EQ(config.server.header_bytes_max, 4000u);
  EXPECT_FALSE(config.api.secure_cookies);
  EXPECT_EQ(config.api.cors_origins, (std::vector<std::string>{"http://a:80", "http://c"}));
  EXPECT_EQ(config.api.default_cover_url, "http://x/y#z");
  EXPECT_EQ(config.http_address, "[::1]:80");
  EXPECT_EQ(config.feed.data_directory, "feed dir");
}

TEST(ConfigTest, AnEmptyListIsEmpty) {
  ServeConfig config;
  ASSERT_TRUE(ApplyConfigText("f", "api.cors_origins =\n", config).ok());
  EXPECT_TRUE(config.api.cors_origins.empty());
}

TEST(ConfigTest, NamesTheLineThatIsWrong) {
  EXPECT_EQ(ErrorOf("\nengine.queue = 1\n"),
            "feed.conf:2: there is no setting \"engine.queue\"; "
            "`dailyfeed serve --print-config` shows all of them");
  EXPECT_EQ(ErrorOf("engine.queue_capacity\n"),
            "feed.conf:1: expected \"name = value\", not \"engine.queue_capacity\"");
  EXPECT_EQ(ErrorOf("engine.queue_capacity = 1\nengine.queue_capacity = 2\n"),
            "feed.conf:2: engine.queue_capacity stands here twice");
}

TEST(ConfigTest, RefusesValuesOutsideTheirRange) {
  const struct {
    const char* line;
    const char* part;
  } kCases[] = {
      {"engine.queue_capacity = 0", "is a whole number from 1"},
      {"engine.queue_capacity = -1", "is a whole number from 1"},
      {"engine.queue_capacity = 1 0", "is a whole number from 1"},
      {"api.ids_max = 100001", "to 100000, not \"100001\""},
      {"engine.queue_capacity = 18446744073709551615", "to 1000000"},
      {"engine.batch_commands_max = 99999999999", "to 1000000"},
      {"identity.argon2_memory_bytes = 900GiB", "to 4GiB"},
      {"http.threads = 100000000", "to 256"},
      {"api.trusted_proxies = not-an-address", "has single IP addresses"},
      {"api.trusted_proxies = 10.0.0.1, 10.0.0.0/8", "not \"10.0.0.0/8\""},
      {"api.cors_origins = foo", "has origins like"},
      {"api.cors_origins = http://a, http://b/", "not \"http://b/\""},
      {"maintenance_interval = 1us", "from 1ms"},
      {"http.idle_timeout = 99999999h", "to 87840h"},
      {"api.body_bytes_max = 1MB", "is a size like"},
      {"api.body_bytes_max = 99999999999999GiB", "is a size like"},
      {"log.wal_bytes_max = 1", "from 1MiB to 64GiB"},
      {"http.request_timeout = 10", "is a time like"},
      {"http.request_timeout = 0s", "from 1ms"},
      {"http.request_timeout = inf", "is a time like"},
      {"api.secure_cookies = yes", "is true or false"},
      {"api.cors_origins = http://a,,http://b", "has an empty entry"},
      {"log.requests = some", "is all, errors or none"},
      {"http.address = localhost", "is HOST:PORT"},
      {"http.address = localhost:65536", "is HOST:PORT"},
  };
  for (const auto& test : kCases) {
    EXPECT_NE(ErrorOf(test.line).find(test.part), std::string::npos)
        << test.line << " gave: " << ErrorOf(test.line);
  }
}

TEST(ConfigTest, WhatIsPrintedReadsBackTheSame) {
  ServeConfig first;
  first.feed.engine.queue_capacity = 77;
  first.api.trusted_proxies = {"10.0.0.1", "10.0.0.2"};
  first.server.idle_timeout = absl::Milliseconds(1500);
  const std::string printed = PrintConfig(first);
  ServeConfig second;
  const absl::Status status = ApplyConfigText("printed", printed, second);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(PrintConfig(second), printed);
  EXPECT_EQ(second.feed.engine.queue_capacity, 77u);
}

TEST(ConfigTest, AValueThatBeginsWithANumberSignIsPrintedAsOne) {
  ServeConfig first;
  ASSERT_TRUE(ApplyConfigText("f", "data_directory =#x\n", first).ok());
  ServeConfig second;
  ASSERT_TRUE(ApplyConfigText("printed", PrintConfig(first), second).ok());
  EXPECT_EQ(second.feed.data_directory, "#x");
}

TEST(ConfigTest, EverySettingHasItsOwnPlace) {
  std::set<std::string> names;
  for (const Setting& setting : Settings()) {
    EXPECT_TRUE(names.insert(setting.name).second) << setting.name;
    EXPECT_FALSE(setting.description.empty()) << setting.name;
    // Setting one changes this one only.
    ServeConfig config;
    const std::string before = setting.get(config);
    std::string other = before == "true" ? "false" : before == "false" ? "true" : "";
    for (const char* candidate : {"37", "77MiB", "3MiB", "123s", "127.0.0.1:7", "10.0.0.7",
                                  "http://other", "errors", "something"}) {
      if (other.empty() && setting.set(config, candidate).ok()) other = candidate;
    }
    ASSERT_FALSE(other.empty()) << setting.name;
    ASSERT_TRUE(setting.set(config, other).ok()) << setting.name;
    EXPECT_NE(setting.get(config), before) << setting.name;
    ServeConfig defaults;
    for (const Setting& neighbour : Settings()) {
      if (neighbour.name == setting.name) continue;
      EXPECT_EQ(neighbour.get(config), neighbour.get(defaults))
          << setting.name << " changes " << neighbour.name;
    }
  }
}

// Whatever the file accepts is accepted by whoever opens the directory, which
// says NOT_FOUND here because its parent is missing.
TEST(ConfigTest, TheEndsOfEveryRangeAreAcceptedAndBeyondIsNot) {
  for (const Setting& setting : Settings()) {
    ServeConfig config;
    config.feed.data_directory = testing::TempDir() + "/no/such/parent";
    if (setting.most.empty()) {
      EXPECT_TRUE(setting.unit.empty() || setting.unit == "comma-separated") << setting.name;
      continue;
    }
    for (const std::string& value : {setting.least, setting.most}) {
      const absl::Status set = setting.set(config, value);
      EXPECT_TRUE(set.ok()) << setting.name << ": " << set;
      EXPECT_EQ(setting.get(config), value) << setting.name;
      const absl::Status opened = dailyfeed::Dailyfeed::Open(config.feed).status();
      EXPECT_EQ(opened.code(), absl::StatusCode::kNotFound) << setting.name << ": " << opened;
    }
    size_t digits = 0;
    const std::string beyond = std::to_string(std::stoull(setting.most, &digits) + 1);
    EXPECT_FALSE(setting.set(config, beyond + setting.most.substr(digits)).ok()) << setting.name;
    EXPECT_EQ(setting.get(config), setting.most) << setting.name;
  }
}

TEST(ConfigTest, TrustedProxiesAreKeptAsTheServerKnowsThem) {
  ServeConfig config;
  ASSERT_TRUE(ApplyConfigText("f", "api.trusted_proxies = 10.0.0.1, 0:0::1\n", config).ok());
  EXPECT_EQ(config.api.trusted_proxies, (std::vector<std::string>{"10.0.0.1", "::1"}));
}

TEST(ConfigTest, AMissingFileSaysSo) {
  ServeConfig config;
  EXPECT_EQ(ApplyConfigFile(testing::TempDir() + "/absent.conf", config).code(),
            absl::StatusCode::kNotFound);
}

TEST(ConfigTest, HostAndPort) {
  EXPECT_EQ(ParseHostPort("127.0.0.1:8080")->host, "127.0.0.1");
  EXPECT_EQ(ParseHostPort("127.0.0.1:8080")->port, 8080);
  EXPECT_EQ(ParseHostPort("[::1]:1")->host, "::1");
  EXPECT_EQ(ParseHostPort(":0")->host, "0.0.0.0");
}

}  // namespace
}  // namespace dailyfeed::cli
