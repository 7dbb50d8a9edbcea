// The decision state as rows of bytes: what deciders must know, and nothing
// else. It is a fold of the log and lives beside it, written in the same batch
// as the events; `log verify` folds the log again and compares.
//
// Keys begin with a byte that tells their kind, then ids as 8 bytes big-endian
// (so that the rows of one member or post lie together). Values are varints
// (LEB128, shortest form), texts are a varint of their size and their bytes.
//
//   tag  key                          value
//   01   member id                    01 (live), handle as spelled, e-mail digest, subject id
//                                     |  02 (withdrawn) subject id  |  03 (erased)
//   02   handle in lower case         member id
//   03   e-mail digest                member id
//   04   follower id, followee id     01
//   05   follower id                  how many members they follow; no row: none
//   06   post id                      01 (live) author id, title  |  02 (deleted) author id
//   07   post id, member id           01: the member likes the post
//   08   comment id                   01 (live) or 02 (deleted itself), post id, author id,
//                                     number of ancestors, their ids from the top-level one down
//   09   comment id, member id        01: the member likes the comment
//   0a   01 member, 02 post,          the last id that was given
//        03 comment, 04 picture
//   0b   picture id, a UUID           01 (live) or 02 (deleted), number, owner id
//
// A comment is live when its own row, those of all its ancestors and that of
// its post say so; deleting a post or a comment changes one row. A picture is
// live when its row says so and its owner is.
//
// One LikePost reads three rows (actor, post, edge) and writes one.
#ifndef DAILYFEED_CORE_DOMAIN_DECISION_ROWS_H_
#define DAILYFEED_CORE_DOMAIN_DECISION_ROWS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "core/domain/types.h"

namespace dailyfeed {

// Where deciders read and events are folded into. Errors of the storage below
// pass through unchanged. One thread at a time.
class DecisionRows {
 public:
  virtual ~DecisionRows() = default;
  // False when there is no such row; `value` is then untouched.
  virtual absl::StatusOr<bool> Get(std::string_view key, std::string* value) = 0;
  virtual void Put(std::string_view key, std::string_view value) = 0;
  virtual void Delete(std::string_view key) = 0;
};

// Reads one row, like DecisionRows::Get and EventLog::GetDecisionRow:
//
//   auto getter = [&](std::string_view key, std::string* value) {
//     return log.GetDecisionRow(key, value);
//   };
//   ASSIGN_OR_RETURN(auto account, LookUpMemberByEmailDigest(getter, digest));
using RowGetter = absl::FunctionRef<absl::StatusOr<bool>(std::string_view key, std::string* value)>;

inline constexpr size_t kSubjectIdBytes = 16;

enum class MemberLifecycle : uint8_t { kLive = 1, kWithdrawn = 2, kErased = 3 };

struct MemberRow {
  std::string handle;        // as spelled; empty when not live
  std::string email_digest;  // empty when not live
  std::string subject_id;    // empty when erased
  MemberLifecycle lifecycle = MemberLifecycle::kLive;
  friend bool operator==(const MemberRow&, const MemberRow&) = default;
};

struct PostRow {
  MemberId author_id = 0;
  bool deleted = false;
  std::string title;  // empty when deleted
  friend bool operator==(const PostRow&, const PostRow&) = default;
};

struct CommentRow {
  PostId post_id = 0;
  MemberId author_id = 0;
  bool deleted = false;  // itself; see above for "live"
  std::vector<CommentId> ancestor_ids;
  friend bool operator==(const CommentRow&, const CommentRow&) = default;
};

struct PictureRow {
  PictureNumber number = 0;
  MemberId owner_id = 0;
  bool deleted = false;  // itself; see above for "live"
  friend bool operator==(const PictureRow&, const PictureRow&) = default;
};
inline constexpr size_t kPictureIdBytes = 16;

enum class IdKind : uint8_t { kMember = 1, kPost = 2, kComment = 3, kPicture = 4 };

// Whether the row is an edge between two ids: there are millions of them, each
// read once or twice, so a cache of recently used rows does better without.
bool IsEdgeKey(std::string_view key);

std::string MemberKey(MemberId member);
// `handle` in any spelling.
std::string HandleKey(std::string_view handle);
std::string EmailDigestKey(std::string_view digest);
std::string FollowKey(MemberId follower, MemberId followee);
std::string FollowingsCountKey(MemberId follower);
std::string PostKey(PostId post);
std::string PostLikeKey(PostId post, MemberId member);
std::string CommentKey(CommentId comment);
std::string CommentLikeKey(CommentId comment, MemberId member);
std::string LastIdKey(IdKind kind);
std::string PictureKey(std::string_view picture_id);

// The value of an edge row (04, 07, 09).
inline constexpr std::string_view kEdgeValue("\x01", 1);

std::string EncodeMemberRow(const MemberRow& row);
std::string EncodePostRow(const PostRow& row);
std::string EncodeCommentRow(const CommentRow& row);
std::string EncodePictureRow(const PictureRow& row);
// A lone number: counts and ids.
std::string EncodeNumber(uint64_t number);

// False when the bytes are not exactly what Encode writes.
bool DecodeMemberRow(std::string_view value, MemberRow* row);
bool DecodePostRow(std::string_view value, PostRow* row);
bool DecodeCommentRow(std::string_view value, CommentRow* row);
bool DecodePictureRow(std::string_view value, PictureRow* row);
bool DecodeNumber(std::string_view value, uint64_t* number);

// Typed reads. nullopt (or 0, or false) when there is no row; DATA_LOSS naming
// the row when its value is malformed.
absl::StatusOr<std::optional<MemberRow>> ReadMember(RowGetter get, MemberId member);
// Whether the member is live, without decoding the rest of the row.
absl::StatusOr<bool> ReadMemberIsLive(RowGetter get, MemberId member);
absl::StatusOr<std::optional<PostRow>> ReadPost(RowGetter get, PostId post);
absl::StatusOr<std::optional<CommentRow>> ReadComment(RowGetter get, CommentId comment);
absl::StatusOr<std::optional<PictureRow>> ReadPicture(RowGetter get, std::string_view picture_id);
absl::StatusOr<uint64_t> ReadNumber(RowGetter get, std::string_view key);
absl::StatusOr<bool> ReadEdge(RowGetter get, std::string_view key);

struct MemberAccount {
  MemberId member_id = 0;
  std::string subject_id;
};
// From the e-mail digest to the credentials; nullopt when no live member has
// the e-mail.
absl::StatusOr<std::optional<MemberAccount>> LookUpMemberByEmailDigest(RowGetter get,
                                                                       std::string_view digest);

// For people: "post-like 41 by member 7", and with the value
// "post 41: live, author 7, title \"hi\"". Any bytes are accepted; those that
// are no row come out in hexadecimal.
std::string DescribeRowKey(std::string_view key);
std::string DescribeRow(std::string_view key, std::string_view value);

}  // namespace dailyfeed

#endif  // DAILYFEED_CORE_DOMAIN_DECISION_ROWS_H_
