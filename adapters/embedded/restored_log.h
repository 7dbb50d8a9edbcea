// An event log that is older than the secrets beside it: a backup was restored,
// and the newest secrets were kept (docs/how-to/back-up.md).
//
//   RETURN_IF_ERROR(FinishRestore(*log, *queries, engine.get(), identity.get()));
//
// What the log lost must not come back. Whoever withdrew behind its end has no
// key any more: they withdraw here, as before. And members who signed up behind
// its end have sessions, under ids that the log gives to others: these end.
//
// Secrets that are older than the log look different: keys are missing there that
// were never destroyed. Nothing is done to those members; the right secrets
// bring them back.
#ifndef DAILYFEED_ADAPTERS_EMBEDDED_RESTORED_LOG_H_
#define DAILYFEED_ADAPTERS_EMBEDDED_RESTORED_LOG_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "adapters/identity/identity.h"
#include "core/domain/types.h"
#include "core/engine/engine.h"
#include "core/ports/event_log.h"
#include "projections/queries/queries.h"

namespace dailyfeed {

// When the log was opened, before anybody reads or withdrawals are released.
// Done twice it does nothing. Costs two look-ups when there is nothing to do.
absl::Status FinishRestore(const EventLog& log, const Queries& queries, Engine* engine,
                           Identity* identity);

// When the last event was recorded: a moment that is past, unless the clock was
// ahead then. 0: the log is empty.
absl::StatusOr<TimestampNs> LastRecordedAt(const EventLog& log);

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_EMBEDDED_RESTORED_LOG_H_
