#include "tools/cli/descriptors.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

namespace dailyfeed::cli {
namespace {

TEST(DescriptorsTest, TheSoftLimitRisesToTheHardOne) {
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit low = {.rlim_cur = 64, .rlim_max = before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
  EXPECT_EQ(RaiseDescriptorLimit().value(), before.rlim_max);
  rlimit after{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &after), 0);
  EXPECT_EQ(after.rlim_cur, before.rlim_max);
}

TEST(DescriptorsTest, CountsWhatIsOpen) {
  const uint64_t before = OpenDescriptors();
  const int one = dup(0), two = dup(0);
  EXPECT_EQ(OpenDescriptors(), before + 2);
  close(one);
  close(two);
  EXPECT_EQ(OpenDescriptors(), before);
}

TEST(DescriptorsTest, ConnectionsGetWhatTheStoresLeave) {
  http::ServerOptions options;
  options.threads = 2;
  options.connections_max = 10'000;
  options.refusals_at_once_max = 256;
  ASSERT_TRUE(
      FitConnections({.limit = 256, .open = 41, .reserve = 96, .monitor = 32}, &options).ok());
  EXPECT_EQ(options.refusals_at_once_max, 10u);
  EXPECT_EQ(options.connections_max, 70u);
  // All of it together is not above the limit.
  EXPECT_EQ(41 + 96 + 32 + 2 * 3 + 1 + 10 + 70, 256);
}

TEST(DescriptorsTest, AHighLimitLowersNothing) {
  http::ServerOptions options;
  ASSERT_TRUE(FitConnections({.limit = 1'048'576, .open = 41, .reserve = 128}, &options).ok());
  EXPECT_EQ(options.connections_max, http::ServerOptions().connections_max);
  EXPECT_EQ(options.refusals_at_once_max, http::ServerOptions().refusals_at_once_max);
}

TEST(DescriptorsTest, TooLowALimitIsRefusedInWords) {
  http::ServerOptions options;
  for (const uint64_t limit : {0, 64, 128, 190}) {
    const absl::Status fitted =
        FitConnections({.limit = limit, .open = 41, .reserve = 128}, &options);
    EXPECT_EQ(fitted.code(), absl::StatusCode::kFailedPrecondition) << limit;
    EXPECT_NE(fitted.message().find("ulimit -n"), absl::string_view::npos);
  }
  EXPECT_EQ(options.connections_max, http::ServerOptions().connections_max);
}

}  // namespace
}  // namespace dailyfeed::cli
