// The newest rows of a list that every member has, from memory when they are
// there: what lists of many members are merged from (merge_newest.h).
//
// A head is immutable and shared; a new row makes a new head. Heads hold keys
// only (time and id), at most kPostsMax; `complete` says whether that is all the
// member has. Behind an incomplete head the store goes on. Which list it is says a
// derived class: the posts of an author (author_heads.h), and what members did.
//
//   ASSIGN_OR_RETURN(AuthorHeadPtr head, heads.Load(view, author, nullptr));
//
// Threads: Load, BoundOf, Behind and counts from any, the rest from the
// runtime's.
#ifndef DAILYFEED_PROJECTIONS_HOME_NEWEST_HEADS_H_
#define DAILYFEED_PROJECTIONS_HOME_NEWEST_HEADS_H_

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "core/domain/types.h"
#include "projections/cache/cache.h"
#include "projections/codec/list_key.h"
#include "projections/home/author_bounds.h"
#include "projections/runtime/runtime.h"

namespace dailyfeed {

struct AuthorHead {
  std::vector<ListKey> posts;  // newest first; of another list: its rows
  bool complete = false;
};
using AuthorHeadPtr = std::shared_ptr<const AuthorHead>;

class NewestHeads : public ProjectionObserver {
 public:
  static constexpr size_t kPostsMax = 32;  // first pages rarely need more of one author
  static constexpr size_t kPostsMin = 8;   // an incomplete head below is read anew

  // The head of an author. With `floor`, nullptr when the author's newest post
  // is older than that: cheaper than taking the head and looking. Lowers
  // `bound`, which is null or BoundOf(author), to what it finds.
  absl::StatusOr<AuthorHeadPtr> Load(const ReadView& view, MemberId author, const ListKey* floor,
                                     AuthorBound* bound = nullptr);
  std::shared_ptr<AuthorBound> BoundOf(MemberId author) { return bounds_.Of(author); }
  Moment MomentAt(const ReadView& view) const { return MomentOf(view, projection_); }

  // The posts of an author behind `after`, from the store; from the newest on
  // when null. Its keys are for PostAt.
  std::unique_ptr<StoreIterator> Behind(const ReadView& view, MemberId author,
                                        const ListKey* after) const;
  absl::StatusOr<ListKey> PostAt(const StoreIterator& rows) const { return Decode(rows.key()); }

  CacheCounts counts() const { return cache_.counts(); }

  void OnReset(uint64_t epoch) override;

 protected:
  // `projection`: whose rows the list is, which this observes.
  NewestHeads(Runtime* runtime, ProjectionId projection, size_t bytes_max)
      : projection_(projection), cache_(bytes_max) {
    runtime->Observe(projection, this);
  }

  // The list in the store: the keys of a member begin with ListPrefix and come in
  // the order of Before.
  virtual std::string ListPrefix(MemberId member) const = 0;
  virtual std::string RowKey(MemberId member, const ListKey& row) const = 0;
  virtual absl::StatusOr<ListKey> Decode(std::string_view key) const = 0;
  // Whether the member has no rows, whatever the store still holds.
  virtual absl::StatusOr<bool> IsGone(const ReadView& view, MemberId member) const {
    (void)view, (void)member;
    return false;
  }

  // For OnEvent. The event at `position` added a row, removed one, or ended the list.
  void Added(MemberId member, Position position, const ListKey& row);
  void Removed(MemberId member, Position position, uint64_t id);
  void Ended(MemberId member, Position position);

  ProjectionId projection() const { return projection_; }

 private:
  struct Entry {
    ListKey newest;  // of head->posts, beside it so that most look-ups end here
    AuthorHeadPtr head;
    explicit Entry(AuthorHeadPtr of) : head(std::move(of)) {
      if (!head->posts.empty()) newest = head->posts.front();
    }
    size_t Bytes() const;
  };
  absl::StatusOr<AuthorHeadPtr> Read(const ReadView& view, MemberId author) const;
  static bool AddPost(const ListKey& post, Entry& entry);
  static bool RemovePost(uint64_t post, Entry& entry);

  const ProjectionId projection_;
  Cache<Entry> cache_;
  AuthorBounds bounds_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_HOME_NEWEST_HEADS_H_
