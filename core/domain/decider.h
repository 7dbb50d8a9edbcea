// The domain behind one door: a command and the decision state go in, events
// or an error come out; an event goes in, the next decision state comes out.
//
// Each aggregate (member, follow, post, like, comment) has its own folder with
//   Decide(const State&, const Command&, const Context&) -> StatusOr<Events>
//   Evolve(State, const Payload&) -> State
// over plain structs. This header adds what a host of the domain needs: which
// rows of decision state make up a State, and how they are written back.
//
// Pure: no I/O of its own, no clock, no threads, no randomness. The same rows
// and command give the same events, always.
//
//   ASSIGN_OR_RETURN(events, DecideCommand(command, context, rows));
//   for (const Event& event : stamped) EvolveRows(event, rows);
#ifndef DAILYFEED_CORE_DOMAIN_DECIDER_H_
#define DAILYFEED_CORE_DOMAIN_DECIDER_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/domain/commands.h"
#include "core/domain/events.pb.h"
#include "core/domain/types.h"

namespace dailyfeed {

// Every limit the domain enforces; lengths in UTF-16 code units.
struct DomainLimits {
  uint32_t post_title_max = 100;
  uint32_t post_content_max = 5000;
  uint32_t comment_content_max = 1000;
  uint32_t comment_depth_max = 2;
  uint32_t followings_max = 1000;
};

struct Context {
  MemberId actor = 0;  // 0 only for commands anyone may send: SignUp
  TimestampNs now = 0;
  DomainLimits limits;
};

// An event before the log has given it a place.
struct NewEvent {
  v1::StreamKind stream_kind = v1::STREAM_KIND_UNSPECIFIED;
  uint64_t stream_id = 0;
  v1::Payload payload;
};

// The decision state as rows of bytes: unique e-mails and handles, edges, the
// little that deciders must know of each aggregate, and the counters of ids.
// The key and value formats are documented in decision_rows.h. Errors of the
// storage below pass through unchanged.
class DecisionRows {
 public:
  virtual ~DecisionRows() = default;
  // False when there is no such row; `value` is then untouched.
  virtual absl::StatusOr<bool> Get(std::string_view key, std::string* value) = 0;
  virtual void Put(std::string_view key, std::string_view value) = 0;
  virtual void Delete(std::string_view key) = 0;
};

// Loads the state the command needs, checks that the actor is a live member,
// decides. Errors carry a symbolic code (errors.h). Writes no row. A command
// that is accepted gives at least one event.
absl::StatusOr<std::vector<NewEvent>> DecideCommand(const Command& command, const Context& context,
                                                    DecisionRows& rows);

// Folds one event of the log into the rows. An event that contradicts the rows
// (a like twice, an edit of a post never published) is DATA_LOSS: the log is
// damaged.
absl::Status EvolveRows(const v1::Event& event, DecisionRows& rows);

// The entity a list of events creates or concerns: the new member, post or
// comment id, else the id the command named.
uint64_t SubjectOf(const NewEvent& event);

// "post/41" <-> (STREAM_KIND_POST, 41).
std::string StreamName(v1::StreamKind kind, uint64_t id);
bool ParseStreamName(std::string_view name, v1::StreamKind* kind, uint64_t* id);

// "PostPublished", the name of the payload's message; "Unknown" when unset.
std::string_view EventTypeName(const v1::Payload& payload);

}  // namespace dailyfeed

#endif  // DAILYFEED_CORE_DOMAIN_DECIDER_H_
