#include "adapters/embedded/restored_log.h"

#include <string>
#include <string_view>
#include <vector>

#include "core/base/status_macros.h"
#include "core/domain/commands.h"
#include "core/domain/decision_rows.h"
#include "core/domain/events.pb.h"

namespace dailyfeed {

absl::Status FinishRestore(const EventLog& log, const Queries& queries, Engine* engine,
                           Identity* identity) {
  const auto get = [&log](std::string_view key, std::string* value) {
    return log.GetDecisionRow(key, value);
  };
  ASSIGN_OR_RETURN(const uint64_t last_member, ReadNumber(get, LastIdKey(IdKind::kMember)));
  RETURN_IF_ERROR(identity->RevokeMembersFrom(last_member + 1));

  ASSIGN_OR_RETURN(const std::vector<UnfinishedWithdrawal> keyless, queries.MembersWithoutKey());
  for (const UnfinishedWithdrawal& member : keyless) {
    ASSIGN_OR_RETURN(const bool destroyed, identity->WasDestroyed(member.subject_id));
    if (!destroyed) continue;
    RETURN_IF_ERROR(
        engine->Execute({.command = WithdrawMember{}, .actor = member.member_id}).status());
  }
  return absl::OkStatus();
}

absl::StatusOr<TimestampNs> LastRecordedAt(const EventLog& log) {
  TimestampNs recorded_at = 0;
  const Position head = log.Head();
  if (head == 0) return recorded_at;
  RETURN_IF_ERROR(log.Read(head, [&](const v1::Event& event) {
    recorded_at = event.recorded_at_ns();
    return false;
  }));
  return recorded_at;
}

}  // namespace dailyfeed
