#include "adapters/kafka/messages/message.h"

#include <fmt/format.h>

#include <optional>

#include "absl/time/time.h"
#include "core/base/check.h"
#include "core/base/hex.h"
#include "core/domain/activity/activity.h"
#include "core/domain/streams.h"
#include "projections/activities/activity.h"

namespace dailyfeed::kafka {
namespace {

constexpr std::string_view kKeyPrefix = "member_activity:kafka_event:";
constexpr int kSchema = 1;
// Of one header, one record and one batch, beside the bytes they carry.
constexpr size_t kHeaderOverhead = 8;
constexpr size_t kRecordOverhead = 100;
constexpr int64_t kNanosPerSecond = 1'000'000'000;

// "2026-11-21 04:00:00.123456000" in the zone, `separator` between day and time.
std::string LocalTime(TimestampNs time, char separator, const absl::TimeZone& zone) {
  int64_t fraction = time % kNanosPerSecond;
  if (fraction < 0) fraction += kNanosPerSecond;
  const absl::CivilSecond second = absl::ToCivilSecond(absl::FromUnixNanos(time), zone);
  return fmt::format("{:04}-{:02}-{:02}{}{:02}:{:02}:{:02}.{:09}", second.year(), second.month(),
                     second.day(), separator, second.hour(), second.minute(), second.second(),
                     fraction);
}

// The name of the type in a record key: one of them has its words in another order.
std::string_view KeyCode(v1::ActivityType type) {
  if (type == v1::ACTIVITY_TYPE_LIKE_POST_CANCEL) return "LIKE_CANCEL_POST";
  return ActivityTypeName(type);
}

// What happens to a post or comment again and again by the same member is told
// apart by its time. Likes are not, by the contract with other systems.
bool KeyHasTime(v1::ActivityType type) {
  switch (type) {
    case v1::ACTIVITY_TYPE_POST_CREATE:
    case v1::ACTIVITY_TYPE_COMMENT_CREATE:
    case v1::ACTIVITY_TYPE_LIKE_POST:
    case v1::ACTIVITY_TYPE_LIKE_POST_CANCEL:
    case v1::ACTIVITY_TYPE_LIKE_COMMENT:
    case v1::ACTIVITY_TYPE_LIKE_COMMENT_CANCEL:
      return false;
    default:
      return true;
  }
}

uint64_t KeySubject(const Activity& activity) {
  switch (ActivitySubjectOf(activity.type)) {
    case ActivitySubject::kPost:
      return activity.post;
    case ActivitySubject::kComment:
      return activity.comment;
    case ActivitySubject::kMember:
      return activity.followee != 0 ? activity.followee : activity.member;
  }
  return 0;
}

std::string NumberOrNull(uint64_t number) {
  return number == 0 ? std::string("null") : fmt::format("{}", number);
}

}  // namespace

size_t Message::Bytes() const {
  size_t bytes = kRecordOverhead + key.size() + value.size();
  for (const Header& header : headers) {
    bytes += kHeaderOverhead + header.name.size() + header.value.size();
  }
  return bytes;
}

bool MessageWriter::IsMessage(TopicKind kind, const v1::Event& event) {
  return kind == TopicKind::kEvents || ActivityOf(event).has_value();
}

std::string MessageWriter::ActivityKey(const v1::Event& event) const {
  const std::optional<Activity> activity = ActivityOf(event);
  DAILYFEED_CHECK(activity.has_value());
  std::string key = fmt::format("{}{}###{}###{}", kKeyPrefix, KeyCode(activity->type),
                                KeySubject(*activity), activity->member);
  if (KeyHasTime(activity->type)) key += "###" + LocalTime(activity->at, ' ', zone_.zone());
  return key;
}

std::string MessageWriter::ActivityValue(const v1::Event& event) const {
  const std::optional<Activity> activity = ActivityOf(event);
  DAILYFEED_CHECK(activity.has_value());
  return fmt::format(
      R"({{"memberId":{},"postId":{},"commentId":{},"memberActivityType":"{}","createdAt":"{}",)"
      R"("updatedAt":null}})",
      activity->member, NumberOrNull(activity->post), NumberOrNull(activity->comment),
      ActivityTypeName(activity->type), LocalTime(activity->at, 'T', zone_.zone()));
}

Message MessageWriter::Write(TopicKind kind, const v1::Event& event, std::string_view order_key,
                             Position previous) const {
  Message message;
  if (kind == TopicKind::kActivities) {
    message.key = ActivityKey(event);
    message.value = ActivityValue(event);
  } else {
    message.key = StreamName(event.stream_kind(), event.stream_id());
    message.value = event.SerializeAsString();
  }
  message.headers = {{kPositionHeader, fmt::format("{}", event.position())},
                     {kPreviousHeader, fmt::format("{}", previous)},
                     {kHistoryHeader, fmt::format("{}", history_)},
                     {kKeyHeader, std::string(order_key)},
                     {kEventIdHeader, FormatUuid(event.event_id())},
                     {kOccurredAtHeader, fmt::format("{}", event.occurred_at_ns())},
                     {kSchemaHeader, fmt::format("{}", kSchema)}};
  if (kind == TopicKind::kEvents) {
    message.headers.push_back({kTypeHeader, std::string(EventTypeName(event.payload()))});
  }
  return message;
}

bool HasPersonalData(const v1::Event& event) {
  return event.payload().has_member_signed_up() || event.payload().has_handle_changed();
}

MemberId OwnerOfPersonalData(const v1::Event& event) {
  return event.payload().has_member_signed_up() ? event.payload().member_signed_up().member_id()
                                                : event.payload().handle_changed().member_id();
}

const std::string& HandleIn(const v1::Event& event) {
  return event.payload().has_member_signed_up() ? event.payload().member_signed_up().handle()
                                                : event.payload().handle_changed().handle();
}

v1::Event WithoutPersonalData(const v1::Event& event,
                              const std::optional<std::string>& sealed_handle) {
  v1::Event safe = event;
  if (safe.payload().has_member_signed_up()) {
    v1::MemberSignedUp& signed_up = *safe.mutable_payload()->mutable_member_signed_up();
    signed_up.set_handle(sealed_handle.value_or(""));
    if (!sealed_handle) signed_up.clear_email_digest();
  } else if (safe.payload().has_handle_changed()) {
    safe.mutable_payload()->mutable_handle_changed()->set_handle(sealed_handle.value_or(""));
  }
  return safe;
}

}  // namespace dailyfeed::kafka
