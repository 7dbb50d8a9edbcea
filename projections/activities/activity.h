// From an event of the log to the activity it tells other systems: who did what
// to which post, comment or member.
//
//   if (const std::optional<Activity> activity = ActivityOf(event)) {
//     Tell(activity->member, ActivityTypeName(activity->type), activity->post);
//   }
//
// Pure: the same event gives the same activity, always.
#ifndef DAILYFEED_PROJECTIONS_ACTIVITIES_ACTIVITY_H_
#define DAILYFEED_PROJECTIONS_ACTIVITIES_ACTIVITY_H_

#include <optional>

#include "core/domain/events.pb.h"
#include "core/domain/types.h"

namespace dailyfeed {

struct Activity {
  v1::ActivityType type = v1::ACTIVITY_TYPE_UNSPECIFIED;
  MemberId member = 0;    // the member who acted
  PostId post = 0;        // of posts, comments and their likes
  CommentId comment = 0;  // of comments and their likes
  MemberId followee = 0;  // of a follow and its end
  TimestampNs at = 0;
  bool operator==(const Activity&) const = default;
};

// nullopt: the event is no activity. Profiles, handles and pictures are none,
// nor are the relations that end because a member withdrew.
std::optional<Activity> ActivityOf(const v1::Event& event);

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_ACTIVITIES_ACTIVITY_H_
