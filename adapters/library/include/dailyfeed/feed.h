// dailyfeed inside a program: one object over one directory.
//
//   auto feed = dailyfeed::Feed::Open({.directory = "/var/lib/feed"}).value();
//   dailyfeed::Member kim =
//       feed->SignUp({.email = "kim@example.com", .password = "Secret1!x",
//                     .name = "Kim", .handle = "kim"}).value();
//   absl::Status followed = feed->Follow(lee, kim).get();
//   dailyfeed::Post post = feed->Publish(kim, {.content = "hello"}).get().value();
//   for (const dailyfeed::FeedPost& row : feed->FollowFeed(lee).value().rows) ...
//
// This header is the whole interface; it needs Abseil and the standard library.
//
// Writes. A verb that returns a future queues one command and does not wait. The
// future becomes ready when the command was refused, or when it is on disk and
// every later read sees it. Commands that wait together share one sync, so a host
// with much to write collects futures and waits for them later. A future may be
// dropped; the command is executed all the same. A full queue is an answer
// (RESOURCE_EXHAUSTED): wait for earlier futures and send the command again.
// Verbs that return no future hash a password or decode a picture on the calling
// thread and return when they are done.
//
// Errors. Everything returns absl::Status or absl::StatusOr; nothing throws.
// ErrorName(status) is the name that the HTTP API uses ("POST_NOT_FOUND").
//
// Threads: everything from any thread.
#ifndef DAILYFEED_ADAPTERS_LIBRARY_INCLUDE_DAILYFEED_FEED_H_
#define DAILYFEED_ADAPTERS_LIBRARY_INCLUDE_DAILYFEED_FEED_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace dailyfeed {

// Ids, each a type of its own: a post cannot be given where a member is wanted.
// The numbers are those of the HTTP API; 0 is nobody and nothing.
template <typename Kind>
struct TypedId {
  uint64_t id = 0;

  explicit operator bool() const { return id != 0; }
  auto operator<=>(const TypedId&) const = default;
  template <typename Hash>
  friend Hash AbslHashValue(Hash hash, TypedId value) {
    return Hash::combine(std::move(hash), value.id);
  }
};
using Member = TypedId<struct MemberKind>;
using Post = TypedId<struct PostKind>;
using Comment = TypedId<struct CommentKind>;

// A picture is known by a UUID, as text.
struct Picture {
  std::string uuid;
  auto operator<=>(const Picture&) const = default;
};

struct FeedOptions {
  // Made when it is missing; its parent exists. One process has it open.
  std::string directory;
  // Of days: what was posted today. A directory keeps the zone it was made with.
  std::string time_zone = "Asia/Seoul";
  // The most that all caches take together. Beside them the engine needs about 100 MiB.
  size_t cache_bytes_max = size_t{512} << 20;
};

// What a person fills in; the rules of the fields are those of the HTTP API.
// Empty: none.
struct NewMember {
  std::string email;
  std::string password;
  std::string name;
  std::string handle;
  std::string display_name;
  std::string bio;
  std::string location;
  std::string website_url;
  std::string birth_date;  // yyyy-MM-dd
};

// What changes of a profile; absent fields stay as they are.
struct ProfileEdit {
  std::optional<std::string> name;
  std::optional<std::string> display_name;
  std::optional<std::string> bio;
  std::optional<std::string> location;
  std::optional<std::string> website_url;
  std::optional<std::string> avatar_url;
};

struct PostText {
  // Absent: a new post has no title, an edited one keeps its title.
  std::optional<std::string> title = std::nullopt;
  std::string content;
};

// How a command is written.
struct WriteOptions {
  // Sent again with the same key, the command happens once and is answered as the first
  // time: within 24 hours, per member. 1 to 128 visible ASCII characters; empty: no key.
  std::string idempotency_key = {};
  // When it happened, if not now: for imports. Years 1678 to 2261.
  std::optional<absl::Time> occurred_at = std::nullopt;
};

// Which part of a list: the first rows, or those behind a page that was read.
struct PageOf {
  uint32_t size = 20;      // 1 to 1000
  std::string after = {};  // FeedPage::next
};

template <typename Row>
struct FeedPage {
  std::vector<Row> rows;
  std::string next;  // PageOf::after of the next page; empty: this is the last one
};

struct FeedMember {
  Member member;
  std::string handle;
  std::string name;
  std::string display_name;
  std::string bio;
  std::string location;
  std::string website_url;
  std::string avatar_url;  // "no-image": none
  absl::Time signed_up_at;
  uint64_t followers = 0;
  uint64_t followings = 0;
};

struct FeedPost {
  Post post;
  Member author;              // nobody: has withdrawn
  std::string author_handle;  // empty: has withdrawn, like the name
  std::string author_name;
  std::string title;
  std::string content;
  absl::Time created_at;
  absl::Time updated_at;
  uint64_t views = 0;
  uint64_t likes = 0;
  uint64_t comments = 0;  // at every depth
  bool liked = false;     // by the viewer
};

struct FeedComment {
  Comment comment;
  Post post;
  Comment parent;  // nothing: stands below the post itself
  Member author;   // nobody: has withdrawn
  std::string author_handle;
  std::string author_name;
  std::string content;
  absl::Time created_at;
  absl::Time updated_at;
  uint64_t likes = 0;
  uint64_t replies = 0;  // direct ones
  bool liked = false;
};

struct FeedPicture {
  Picture picture;
  uint32_t width = 0;
  uint32_t height = 0;
  uint64_t bytes = 0;
  absl::Time created_at;
};

// Posts of all time, or created today, within the last 7 or the last 30 days.
enum class Days { kAll, kToday, kSeven, kThirty };

// An event of the log: `bytes` is a message dailyfeed.v1.Event of events.proto.
struct LoggedEvent {
  uint64_t position = 0;  // from 1, without holes
  absl::Time occurred_at;
  std::string_view bytes;
};

// The symbolic name of an error, as in the HTTP API; empty for OK and for errors of
// the machine (a disk, a wrong option).
std::string_view ErrorName(const absl::Status& status);
// The fields of NewMember or ProfileEdit that an INVALID_REQUEST is about, by their
// names in the HTTP API ("memberName").
std::vector<std::string> InvalidFields(const absl::Status& status);

class Feed {
 public:
  template <typename T>
  using Answer = std::future<absl::StatusOr<T>>;
  using Done = std::future<absl::Status>;

  // Recovers what a crash left and is ready when it returns. INVALID_ARGUMENT: an
  // option makes no sense; NOT_FOUND: the parent of the directory, or the zone, does
  // not exist; PERMISSION_DENIED; FAILED_PRECONDITION: another process has the
  // directory, or it has another zone; DATA_LOSS: files are damaged or missing.
  static absl::StatusOr<std::unique_ptr<Feed>> Open(const FeedOptions& options);
  // Finishes what was accepted and closes the directory.
  ~Feed();
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;

  // Members. MEMBER_ALREADY_EXISTS, MEMBER_HANDLE_ALREADY_EXISTS; INVALID_REQUEST with
  // InvalidFields.
  absl::StatusOr<Member> SignUp(const NewMember& member);
  // Whose password this is. MEMBER_PASSWORD_INVALID alike for an unknown e-mail.
  absl::StatusOr<Member> CheckPassword(std::string_view email, std::string_view password);
  absl::Status ChangePassword(Member member, std::string_view current, std::string_view password);
  absl::Status EditProfile(Member member, const ProfileEdit& edit);
  Done ChangeHandle(Member member, std::string handle, const WriteOptions& write = {});
  // For good: when it is done nothing of them is visible and their key is destroyed.
  Done Withdraw(Member member, const WriteOptions& write = {});

  Done Follow(Member follower, Member followee, const WriteOptions& write = {});
  Done Unfollow(Member follower, Member followee, const WriteOptions& write = {});

  Answer<Post> Publish(Member author, PostText text, const WriteOptions& write = {});
  Done Edit(Member author, Post post, PostText text, const WriteOptions& write = {});
  Done Delete(Member author, Post post, const WriteOptions& write = {});
  Done Like(Member member, Post post, const WriteOptions& write = {});
  Done Unlike(Member member, Post post, const WriteOptions& write = {});

  Answer<Comment> AddComment(Member author, Post post, std::string content,
                             const WriteOptions& write = {});
  Answer<Comment> Reply(Member author, Post post, Comment parent, std::string content,
                        const WriteOptions& write = {});
  Done Edit(Member author, Comment comment, std::string content, const WriteOptions& write = {});
  Done Delete(Member author, Comment comment, const WriteOptions& write = {});
  Done Like(Member member, Comment comment, const WriteOptions& write = {});
  Done Unlike(Member member, Comment comment, const WriteOptions& write = {});

  // JPEG, PNG, GIF, WebP or BMP. Decoded in this process: a host that takes files of
  // strangers should do it in a process of its own.
  absl::StatusOr<Picture> AddPicture(Member owner, std::string_view file);
  // Deletes the picture if it is the member's own; OK also if it is not.
  Done DeletePicture(Member owner, const Picture& picture, const WriteOptions& write = {});

  // Reads. MEMBER_NOT_FOUND and the like for what does not exist or is gone.
  absl::StatusOr<FeedMember> Read(Member member) const;
  absl::StatusOr<FeedMember> FindHandle(std::string_view handle) const;
  // As the reader sees it (nobody: as a stranger does). Read counts a view, unless the
  // reader is the author or nobody; Show does not.
  absl::StatusOr<FeedPost> Read(Member reader, Post post);
  absl::StatusOr<FeedPost> Show(Member viewer, Post post) const;
  absl::StatusOr<FeedComment> Show(Member viewer, Comment comment) const;
  absl::StatusOr<bool> IsFollowing(Member follower, Member followee) const;

  absl::StatusOr<FeedPage<FeedMember>> Followers(Member of, const PageOf& page = {}) const;
  absl::StatusOr<FeedPage<FeedMember>> Followings(Member of, const PageOf& page = {}) const;
  // Whom the viewer may want to follow: the newest members first.
  absl::StatusOr<FeedPage<FeedMember>> Recommended(Member viewer, const PageOf& page = {}) const;

  // Posts of everybody the viewer follows, newest first.
  absl::StatusOr<FeedPage<FeedPost>> FollowFeed(Member viewer, const PageOf& page = {}) const;
  absl::StatusOr<FeedPage<FeedPost>> PostsOf(Member viewer, Member author,
                                             const PageOf& page = {}) const;
  absl::StatusOr<FeedPage<FeedPost>> MostPopular(Member viewer, Days days = Days::kAll,
                                                 const PageOf& page = {}) const;
  absl::StatusOr<FeedPage<FeedPost>> MostCommented(Member viewer, Days days = Days::kAll,
                                                   const PageOf& page = {}) const;
  absl::StatusOr<FeedPage<FeedPost>> RecentlyActive(Member viewer, const PageOf& page = {}) const;
  // The `size` most relevant posts. The language: docs/reference/search.md, "keyword".
  absl::StatusOr<std::vector<FeedPost>> Search(Member viewer, std::string_view text,
                                               uint32_t size = 20) const;

  // Below the post, oldest first; replies to one comment; all of one member's.
  absl::StatusOr<FeedPage<FeedComment>> CommentsOf(Member viewer, Post post,
                                                   const PageOf& page = {}) const;
  absl::StatusOr<FeedPage<FeedComment>> RepliesTo(Member viewer, Comment parent,
                                                  const PageOf& page = {}) const;
  absl::StatusOr<FeedPage<FeedComment>> CommentsBy(Member viewer, Member author,
                                                   const PageOf& page = {}) const;

  absl::StatusOr<FeedPage<FeedPicture>> PicturesOf(Member owner, const PageOf& page = {}) const;
  // The stored PNG, or its thumbnail.
  absl::StatusOr<std::string> ReadPicture(const Picture& picture, bool thumbnail = false) const;

  // Every event behind `position`, in order, until `visit` returns false: for read
  // models of the host's own. The event is valid during the call.
  absl::Status ReadLog(uint64_t position,
                       const std::function<bool(const LoggedEvent& event)>& visit) const;

  // OK while commands are accepted: not after a failed write, nor while the disk is
  // nearly full. Reads go on either way.
  absl::Status WriteStatus() const;
  // A copy of everything in `directory`, which is made or is empty, while reads and
  // writes go on. `dailyfeed restore` makes a directory of it.
  absl::Status Backup(const std::string& directory);

 private:
  struct Inside;
  explicit Feed(std::unique_ptr<Inside> inside);
  const std::unique_ptr<Inside> inside_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_LIBRARY_INCLUDE_DAILYFEED_FEED_H_
