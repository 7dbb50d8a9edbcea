// The domain behind one door: a command and the decision state go in, events
// or an error come out; an event goes in, the next decision state comes out.
//
// Each aggregate (member, follow, post, like, comment,
// picture, activity) has its own folder with
//   Decide(const State&, const Command&, const Context&) -> StatusOr<Events>
//   Evolve(State, const Payload&) -> State
// over plain structs; streams.h names streams and events. This header adds what a host of the
// domain needs: which rows of decision state make up a State, and how they are written back.
//
// Pure: no I/O of its own, no clock, no threads, no randomness. The same rows
// and command give the same events, always.
//
//   ASSIGN_OR_RETURN(events, DecideCommand(command, context, rows));
//   for (const Event& event : stamped) EvolveRows(event, rows);
#ifndef DAILYFEED_CORE_DOMAIN_DECIDER_H_
#define DAILYFEED_CORE_DOMAIN_DECIDER_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/domain/commands.h"
#include "core/domain/context.h"
#include "core/domain/decision_rows.h"
#include "core/domain/events.pb.h"
#include "core/domain/streams.h"

namespace dailyfeed {

// Loads the state the command needs, checks that the actor is a live member,
// decides. Errors of the domain carry a symbolic code (errors.h); those of the
// rows below pass through. Writes no row. A command that is accepted gives at
// least one event.
absl::StatusOr<Events> DecideCommand(const Command& command, const Context& context,
                                     DecisionRows& rows);

// Folds one event of the log into the rows. An event that contradicts the rows
// (a like twice, an edit of a post never published) is DATA_LOSS naming its
// position, and changes nothing: the log is damaged.
absl::Status EvolveRows(const v1::Event& event, DecisionRows& rows);

}  // namespace dailyfeed

#endif  // DAILYFEED_CORE_DOMAIN_DECIDER_H_
