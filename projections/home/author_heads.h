// The newest posts of each author, from memory when they are there: what the
// follow feed is merged from.
//
// A head is immutable and shared; a new post makes a new head. Heads hold keys
// only (creation time and id), at most kPostsMax; `complete` says whether that
// is all the author has. Behind an incomplete head the store goes on.
//
//   ASSIGN_OR_RETURN(AuthorHeadPtr head, heads.Load(view, author, nullptr));
//
// Threads: Load, BoundOf, Behind and counts from any, the rest from the
// runtime's.
#ifndef DAILYFEED_PROJECTIONS_HOME_AUTHOR_HEADS_H_
#define DAILYFEED_PROJECTIONS_HOME_AUTHOR_HEADS_H_

#include <memory>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "core/domain/events.pb.h"
#include "core/domain/types.h"
#include "projections/cache/cache.h"
#include "projections/codec/list_key.h"
#include "projections/home/author_bounds.h"
#include "projections/runtime/runtime.h"

namespace dailyfeed {

struct AuthorHead {
  std::vector<ListKey> posts;  // newest first
  bool complete = false;
};
using AuthorHeadPtr = std::shared_ptr<const AuthorHead>;

class AuthorHeads final : public ProjectionObserver {
 public:
  static constexpr size_t kPostsMax = 32;  // first pages rarely need more of one author
  static constexpr size_t kPostsMin = 8;   // an incomplete head below is read anew

  // `timelines`: the timelines projection, which this observes.
  AuthorHeads(Runtime* runtime, ProjectionId timelines, size_t bytes_max)
      : timelines_(timelines), cache_(bytes_max) {
    runtime->Observe(timelines, this);
  }

  // The head of an author. With `floor`, nullptr when the author's newest post
  // is older than that: cheaper than taking the head and looking. Lowers
  // `bound`, which is null or BoundOf(author), to what it finds.
  absl::StatusOr<AuthorHeadPtr> Load(const ReadView& view, MemberId author, const ListKey* floor,
                                     AuthorBound* bound = nullptr);
  std::shared_ptr<AuthorBound> BoundOf(MemberId author) { return bounds_.Of(author); }
  Moment MomentAt(const ReadView& view) const { return MomentOf(view, timelines_); }

  // The posts of an author behind `after`, from the store; from the newest on
  // when null. Its keys are for PostAt.
  std::unique_ptr<StoreIterator> Behind(const ReadView& view, MemberId author,
                                        const ListKey* after) const;
  static absl::StatusOr<ListKey> PostAt(const StoreIterator& rows);

  CacheCounts counts() const { return cache_.counts(); }

  void OnEvent(const v1::Event& event) override;
  void OnReset(uint64_t epoch) override;

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
  static bool RemovePost(PostId post, Entry& entry);

  const ProjectionId timelines_;
  Cache<Entry> cache_;
  AuthorBounds bounds_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_HOME_AUTHOR_HEADS_H_
