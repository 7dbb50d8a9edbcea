// Random histories of events as commands to the whole library, for tests that
// hold its answers against the naive model.
//
//   FeedModel model;
//   testing::RandomHistory history(&model, seed, kEverything);
//   const v1::Event event = history.Next();
//   Request request = RequestFor(feed, event.payload());
//   Send(feed, event, *std::move(request.command));
//   if (event.payload().has_member_withdrawn()) Release(event.actor(), &model);
//   CompareAll(model, feed.queries());
#ifndef DAILYFEED_ADAPTERS_EMBEDDED_TESTING_HISTORY_COMMANDS_H_
#define DAILYFEED_ADAPTERS_EMBEDDED_TESTING_HISTORY_COMMANDS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "adapters/embedded/dailyfeed.h"
#include "core/domain/errors.h"
#include "core/domain/events.pb.h"
#include "projections/queries/queries_comparison.h"
#include "projections/testing/feed_model.h"

namespace dailyfeed {

// "Today" of the histories, as queries see it. Commands say when they happened.
class StandingClock final : public Clock {
 public:
  TimestampNs Now() override { return (kToday * kSecondsPerDay + 3600) * 1'000'000'000; }
};

// What a member has to ask for so that this happens, what the answer names, and
// what the same again is answered with.
struct Request {
  absl::StatusOr<Command> command;
  uint64_t subject = 0;                 // 0: not looked at
  std::optional<ErrorCode> when_again;  // nullopt: it may happen again
};

Request RequestFor(Dailyfeed& feed, const v1::Payload& payload);

// The e-mail and the first password of whoever signed up with this handle.
std::string EmailOf(const std::string& signed_up_handle);
inline constexpr char kFirstPassword[] = "Secret1!x";

// The answer to the command, sent as the actor and at the time of the event.
absl::StatusOr<CommandResult> Send(Dailyfeed& feed, const v1::Event& event, Command command);

// Whoever withdraws has no relations any more when it is answered.
void Release(MemberId gone, FeedModel* model);
// The log says a little later that their files are erased; waited for, so that
// nothing is written between two commands.
void WaitForWithdrawals(Dailyfeed& feed);

// Everything but what only a history of events without an engine has:
// withdrawals that nobody completes.
void CompareAll(const FeedModel& model, const Queries& queries);

inline constexpr testing::HistoryProfile kEverything = {.name = "everything",
                                                        .members = 6,
                                                        .publish = 12,
                                                        .remove_post = 5,
                                                        .follow = 12,
                                                        .unfollow = 4,
                                                        .change_handle = 4,
                                                        .withdraw = 1,
                                                        .release = 0,
                                                        .erase = 0,
                                                        .sign_up = 6,
                                                        .ticks = (kHistoryDays + 1) * 24,
                                                        .tick_ns = 3'600'000'000'000,
                                                        .by_commands = true};

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_EMBEDDED_TESTING_HISTORY_COMMANDS_H_
