#include "adapters/embedded/refused_sign_ups.h"

#include <optional>
#include <string_view>
#include <utility>

#include "adapters/embedded/store_status.h"
#include "core/base/status_macros.h"
#include "core/domain/decision_rows.h"

namespace dailyfeed {

void RefusedSignUps::OnAnswered(Subject subject, const absl::StatusOr<CommandResult>& result) {
  const bool unused = result.ok() ? result->replayed : IsRefusal(result.status());
  if (!unused) return;
  std::lock_guard lock(mutex_);
  if (subjects_.size() < waiting_max_) subjects_.push_back(std::move(subject));
}

absl::Status RefusedSignUps::DestroyAll(const EventLog& log, Identity* identity) {
  std::deque<Subject> subjects;
  {
    std::lock_guard lock(mutex_);
    subjects.swap(subjects_);
  }
  absl::Status first_failure;
  for (const Subject& subject : subjects) first_failure.Update(Destroy(subject, log, identity));
  return first_failure;
}

absl::Status RefusedSignUps::Destroy(const Subject& subject, const EventLog& log,
                                     Identity* identity) {
  const auto rows = [&log](std::string_view key, std::string* value) {
    return log.GetDecisionRow(key, value);
  };
  // A command that was sent twice is refused the second time and is in the log
  // the first time: the key of a member is never destroyed here.
  ASSIGN_OR_RETURN(const std::optional<MemberAccount> account,
                   LookUpMemberByEmailDigest(rows, subject.email_digest));
  if (account && account->subject_id == subject.subject_id) return absl::OkStatus();
  RETURN_IF_ERROR(identity->DestroySubject(subject.subject_id));
  destroyed_.fetch_add(1, std::memory_order_relaxed);
  return absl::OkStatus();
}

size_t RefusedSignUps::waiting() const {
  std::lock_guard lock(mutex_);
  return subjects_.size();
}

}  // namespace dailyfeed
