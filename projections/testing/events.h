// Events in one line each, as the log would hold them; position and stream
// version are left to whoever appends them.
//
//   v1::Event event = At(kTime, Liked(post, member));
#ifndef DAILYFEED_PROJECTIONS_TESTING_EVENTS_H_
#define DAILYFEED_PROJECTIONS_TESTING_EVENTS_H_

#include <string>
#include <vector>

#include "core/domain/events.pb.h"
#include "core/domain/types.h"

namespace dailyfeed::testing {

v1::Event SignedUp(MemberId member, const std::string& handle);
// With subject "subject-" and the handle they signed up with.
v1::Event ProfileUpdated(MemberId member, const v1::PersonalProfileChanges& changes);
v1::Event HandleChanged(MemberId member, const std::string& handle);
v1::Event Withdrawn(MemberId member, const std::string& signed_up_handle);
v1::Event Erased(MemberId member);
// Its hashes are `content` and `thumbnail` repeated to 32 bytes, its id is the
// number repeated to 16.
v1::Event PictureAdded(PictureNumber number, MemberId owner, char content, char thumbnail);
v1::Event PictureDeleted(PictureNumber number, MemberId owner);
std::string PictureId(PictureNumber number);
v1::Event Followed(MemberId follower, MemberId followee);
v1::Event Unfollowed(MemberId follower, MemberId followee);
v1::Event Published(PostId post, MemberId author, const std::string& content);
v1::Event Edited(PostId post, MemberId author, const std::string& title,
                 const std::string& content);
v1::Event Deleted(PostId post, MemberId author);
v1::Event Viewed(PostId post, MemberId member);
v1::Event Liked(PostId post, MemberId member);
v1::Event Unliked(PostId post, MemberId member);
v1::Event CommentAdded(CommentId comment, PostId post, MemberId author,
                       const std::vector<CommentId>& ancestors, const std::string& content);
v1::Event CommentEdited(CommentId comment, PostId post, MemberId author,
                        const std::string& content);
v1::Event CommentDeleted(CommentId comment, PostId post, MemberId author,
                         const std::vector<CommentId>& ancestors);
v1::Event CommentLiked(CommentId comment, PostId post, MemberId member);
v1::Event CommentUnliked(CommentId comment, PostId post, MemberId member);

v1::Event At(TimestampNs time, v1::Event event);
v1::Event At(TimestampNs time, Position position, v1::Event event);

}  // namespace dailyfeed::testing

#endif  // DAILYFEED_PROJECTIONS_TESTING_EVENTS_H_
