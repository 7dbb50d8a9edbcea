#include "adapters/embedded/health.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dailyfeed {
namespace {

using ::testing::ElementsAre;

const absl::Status kBroken = absl::UnavailableError("/data: no space left");

TEST(HealthTest, ReadyWhenEverythingIsWell) {
  const Health health = HealthOf(FeedState{.caught_up = true});
  EXPECT_TRUE(health.ready && health.alive && health.accepts_writes);
  EXPECT_EQ(health.reason, "");
  EXPECT_THAT(health.details, ElementsAre());
}

TEST(HealthTest, CatchingUpIsNotReadyAndNothingIsWrong) {
  const Health health = HealthOf(FeedState{});
  EXPECT_FALSE(health.ready);
  EXPECT_TRUE(health.alive && health.accepts_writes);
  EXPECT_EQ(health.reason, "the read models are catching up with the log");
}

// Whatever failed, the rest cannot be written either; and the reason for
// anybody does not say what storage said.
TEST(HealthTest, AFailureIsToldBeforeCatchingUp) {
  const struct {
    FeedState state;
    const char* reason;
    const char* detail;
  } rows[] = {
      {{.log = kBroken, .engine = kBroken, .caught_up = true},
       "the log cannot be written",
       "the log takes no writes: /data: no space left"},
      {{.runtime = kBroken, .engine = kBroken},
       "the read models cannot be written",
       "the read models take no writes: /data: no space left"},
      {{.engine = kBroken, .caught_up = true},
       "commands cannot be decided",
       "the engine takes no commands: /data: no space left"},
  };
  for (const auto& row : rows) {
    const Health health = HealthOf(row.state);
    EXPECT_FALSE(health.ready || health.alive || health.accepts_writes) << row.reason;
    EXPECT_EQ(health.reason, row.reason);
    EXPECT_THAT(health.details, ElementsAre(row.detail));
  }
}

// Nobody can log in, and only a restart helps; commands are still taken.
TEST(HealthTest, FailedSecretsAreToldAndLeaveTheCommands) {
  const Health health = HealthOf(FeedState{.secrets = kBroken, .caught_up = true});
  EXPECT_FALSE(health.ready || health.alive);
  EXPECT_TRUE(health.accepts_writes);
  EXPECT_EQ(health.reason, "sessions and passwords cannot be written");
  EXPECT_THAT(health.details, ElementsAre("the secrets take no writes: /data: no space left"));
}

TEST(HealthTest, AFullDiskRefusesWritesAndServesReads) {
  const Health health = HealthOf(FeedState{.disk = kBroken, .caught_up = true});
  EXPECT_TRUE(health.ready && health.alive);
  EXPECT_FALSE(health.accepts_writes);
  EXPECT_EQ(health.reason, "");
  EXPECT_THAT(health.warnings, ElementsAre("commands are refused: /data: no space left"));
}

TEST(HealthTest, EveryReasonIsInTheDetails) {
  const Health health = HealthOf(FeedState{.log = kBroken, .engine = kBroken});
  EXPECT_EQ(health.reason, "the log cannot be written");
  EXPECT_THAT(health.details, ElementsAre("the log takes no writes: /data: no space left",
                                          "the read models have not caught up with the log"));
}

}  // namespace
}  // namespace dailyfeed
