#include "adapters/http/api/event_stream.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "core/base/status_macros.h"

namespace dailyfeed::http {
namespace {

constexpr int kRetryMilliseconds = 2000;  // before a client connects again

// `data` is one line: JSON escapes line ends.
std::string Event(std::string_view name, Position id, std::string_view data) {
  return fmt::format("event: {}\nid: {}\ndata: {}\n\n", name, id, data);
}

}  // namespace

EventStream::EventStream(ApiServices* services, MemberId viewer, std::string access_token)
    : services_(services),
      viewer_(viewer),
      access_token_(std::move(access_token)),
      last_sent_(absl::Now()) {}

absl::Status EventStream::Watch(std::optional<Position> after) {
  // The first words come before anything the watch offers meanwhile.
  std::unique_lock lock(mutex_);
  ASSIGN_OR_RETURN(watch_, services_->feed->live().Watch(viewer_, after, this));
  const Position begin = watch_->begins_after();
  waiting_ = fmt::format(
      "retry: {}\n{}", kRetryMilliseconds,
      Event("ready", begin,
            fmt::format("{{\"position\":{}{}}}", begin, watch_->has_gap() ? ",\"gap\":true" : "")));
  return absl::OkStatus();
}

void EventStream::Begin(absl::AnyInvocable<void() const> wake) {
  std::lock_guard lock(mutex_);
  wake_ = std::move(wake);
}

bool EventStream::Take(std::string* bytes) {
  // Asked after the events that wait were published: of what happened after the
  // end of the session nothing is told.
  bool had_no_room = false;
  bool goes_on = true;
  {
    std::lock_guard lock(mutex_);
    if (!Accepted()) over_ = true;
    *bytes = std::exchange(waiting_, {});
    if (over_) bytes->clear();
    had_no_room = std::exchange(full_, false);
    goes_on = !over_;
  }
  if (had_no_room) watch_->Resume();
  return goes_on;
}

bool EventStream::Offer(const LiveItem& item) {
  {
    std::lock_guard lock(mutex_);
    if (over_) return true;  // dropped: there is nobody any more
    full_ = waiting_.size() >= services_->options.stream_bytes_max;
    if (full_) return false;
  }
  const std::string event = EventOf(item);
  if (event.empty()) return true;
  std::lock_guard lock(mutex_);
  Append(event);
  return true;
}

bool EventStream::Accepted() const {
  const TokenState state = services_->feed->identity().CheckAccessToken(access_token_).state;
  return state == TokenState::kValid || state == TokenState::kValidOlderKey;
}

void EventStream::Tick(Position caught_up_to) {
  const bool accepted = Accepted();
  const absl::Time now = absl::Now();
  std::lock_guard lock(mutex_);
  if (!accepted) {
    over_ = true;
    if (wake_) wake_();
    return;
  }
  if (!waiting_.empty() || now - last_sent_ < services_->options.stream_heartbeat) return;
  Append(caught_up_to == 0 ? std::string(":\n\n") : fmt::format("id: {}\n\n", caught_up_to));
}

void EventStream::Append(std::string_view text) {
  const bool was_empty = waiting_.empty();
  waiting_.append(text);
  last_sent_ = absl::Now();
  if (was_empty && wake_) wake_();
}

std::string EventStream::EventOf(const LiveItem& item) const {
  return item.kind == LiveItem::Kind::kPost ? PostEvent(item) : ActivityEvent(item);
}

std::string EventStream::PostEvent(const LiveItem& item) const {
  absl::StatusOr<PostView> post = services_->feed->queries().Post(viewer_, item.post);
  if (!post.ok()) return {};
  std::vector<PostView> posts = {*std::move(post)};
  services_->feed->AddPendingViews(&posts);
  JsonWriter json;
  services_->objects.Post(posts.front(), json);
  return Event("post", item.position, json.Take());
}

std::string EventStream::ActivityEvent(const LiveItem& item) const {
  const Queries& queries = services_->feed->queries();
  const auto actor = queries.Member(item.actor);
  const MemberCard* const card = actor.ok() ? actor->get() : nullptr;
  JsonWriter json;
  if (item.kind == LiveItem::Kind::kLike) {
    services_->objects.Activity("LIKE_POST", card, item.post, nullptr, item.occurred_at, json);
  } else {
    const absl::StatusOr<CommentView> comment = queries.Comment(viewer_, item.comment);
    if (!comment.ok()) return {};
    services_->objects.Activity("COMMENT_CREATE", card, item.post, &*comment, item.occurred_at,
                                json);
  }
  return Event("activity", item.position, json.Take());
}

}  // namespace dailyfeed::http
