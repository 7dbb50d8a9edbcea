// bench auth: what it costs to know who is asking, beside the one HMAC that no
// check can do without; and refreshes, which are synced writes.
#include <fmt/format.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "adapters/crypto/hmac_sha256.h"
#include "adapters/embedded/dailyfeed.h"
#include "core/base/status_macros.h"
#include "tools/bench/benches.h"
#include "tools/bench/child.h"
#include "tools/bench/dataset.h"
#include "tools/bench/raw_rocksdb.h"

namespace dailyfeed::bench {
namespace {

constexpr double kVerifyGoal = 0.4;
constexpr size_t kSessions = 1000;
constexpr int kRefreshThreads = 16;
constexpr size_t kRefreshRowBytes = 160;  // a session and its token, as refreshing writes them

// How often `work(i)` runs in a second.
template <typename Work>
absl::StatusOr<double> PerSecond(absl::Duration duration, Work&& work) {
  constexpr uint64_t kBetweenLooks = 256;
  const absl::Time start = absl::Now();
  uint64_t done = 0;
  while (absl::Now() - start < duration) {
    for (uint64_t i = 0; i < kBetweenLooks; ++i) RETURN_IF_ERROR(work(done + i));
    done += kBetweenLooks;
  }
  return static_cast<double>(done) / absl::ToDoubleSeconds(absl::Now() - start);
}

absl::Status MeasureVerification(Identity& identity, const std::vector<IssuedTokens>& sessions,
                                 const BenchOptions& options, BenchReporter& reporter) {
  const int rounds = options.quick ? 5 : 20;
  const absl::Duration turn = absl::Milliseconds(200);
  const HmacSha256 mac(std::string(kSha256Bytes, 'k'));
  std::vector<std::string_view> signed_bytes;
  for (const IssuedTokens& session : sessions) {
    const std::string_view token = session.access_token;
    signed_bytes.push_back(token.substr(0, token.rfind('.')));
  }
  double ours = 0, peer = 0;
  uint64_t bits = 0;  // so that the peer's work is not left out
  for (int round = 0; round < rounds; ++round) {
    ASSIGN_OR_RETURN(const double checks, PerSecond(turn, [&](uint64_t i) -> absl::Status {
                       const TokenCheck check =
                           identity.CheckAccessToken(sessions[i % kSessions].access_token);
                       if (check.state == TokenState::kValid) return absl::OkStatus();
                       return absl::InternalError("a token that was just issued is refused");
                     }));
    ASSIGN_OR_RETURN(const double macs, PerSecond(turn, [&](uint64_t i) -> absl::Status {
                       bits += static_cast<unsigned char>(mac.Sign(signed_bytes[i % kSessions])[0]);
                       return absl::OkStatus();
                     }));
    ours += checks / rounds;
    peer += macs / rounds;
  }
  if (bits == 0) return absl::InternalError("every MAC began with a zero");
  reporter.Report({.bench = "auth",
                   .name = "access tokens checked, one core",
                   .value = ours,
                   .unit = "tokens/s",
                   .peer = "HMAC-SHA256 of the same bytes, key prepared",
                   .peer_value = peer,
                   .goal = "at least 0.4x",
                   .met = ours / peer >= kVerifyGoal});
  return absl::OkStatus();
}

// Each thread keeps refreshing a session of its own.
absl::StatusOr<double> Refreshes(Identity& identity, std::vector<IssuedTokens>& sessions,
                                 absl::Duration duration) {
  std::atomic<uint64_t> refreshed = 0;
  std::mutex mutex;
  absl::Status failure;
  const absl::Time start = absl::Now();
  std::vector<std::thread> threads;
  for (int t = 0; t < kRefreshThreads; ++t) {
    threads.emplace_back([&, t] {
      std::string& token = sessions[static_cast<size_t>(t)].refresh_token;
      while (absl::Now() - start < duration) {
        const absl::StatusOr<RefreshOutcome> outcome = identity.Refresh(token);
        if (!outcome.ok() || outcome->state != RefreshState::kRefreshed) {
          std::lock_guard lock(mutex);
          failure = outcome.ok() ? absl::InternalError("a refresh was refused") : outcome.status();
          return;
        }
        token = outcome->tokens.refresh_token;
        refreshed.fetch_add(1, std::memory_order_relaxed);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  RETURN_IF_ERROR(failure);
  return static_cast<double>(refreshed) / absl::ToDoubleSeconds(absl::Now() - start);
}

absl::Status MeasureRefreshes(Identity& identity, std::vector<IssuedTokens>& sessions,
                              RawRocksDb& raw, const BenchOptions& options,
                              BenchReporter& reporter) {
  const int rounds = options.quick ? 3 : 8;
  const absl::Duration turn = absl::Milliseconds(500);
  double ours = 0, peer = 0;
  for (int round = 0; round < rounds; ++round) {
    ASSIGN_OR_RETURN(const double refreshes, Refreshes(identity, sessions, turn));
    ASSIGN_OR_RETURN(const RawRocksDb::Puts puts,
                     raw.SyncedPuts(kRefreshThreads, kRefreshRowBytes, turn));
    ours += refreshes / rounds;
    peer += puts.per_second / rounds;
  }
  reporter.Report(
      {.bench = "auth",
       .name = fmt::format("refreshes, {} clients", kRefreshThreads),
       .value = ours,
       .unit = "refreshes/s",
       .peer = fmt::format("RocksDB synced puts of {} bytes, as many threads", kRefreshRowBytes),
       .peer_value = peer});
  return absl::OkStatus();
}

}  // namespace

absl::Status RunAuth(const BenchOptions& options, BenchReporter& reporter) {
  return RunInChild([&](Figures&) -> absl::Status {
           ASSIGN_OR_RETURN(const std::unique_ptr<Dailyfeed> feed,
                            OpenFeed(options.work_directory + "/data"));
           Dataset dataset(feed.get(), {.members = kSessions, .seed = options.seed});
           RETURN_IF_ERROR(dataset.AddMembers(reporter));
           std::vector<IssuedTokens> sessions;
           for (const MemberId member : dataset.members()) {
             ASSIGN_OR_RETURN(IssuedTokens tokens,
                              feed->identity().OpenSession(member, "bench", "127.0.0.1"));
             sessions.push_back(std::move(tokens));
           }
           RETURN_IF_ERROR(MeasureVerification(feed->identity(), sessions, options, reporter));
           ASSIGN_OR_RETURN(const std::unique_ptr<RawRocksDb> raw,
                            RawRocksDb::Create(options.work_directory + "/raw"));
           return MeasureRefreshes(feed->identity(), sessions, *raw, options, reporter);
         })
      .status();
}

}  // namespace dailyfeed::bench
