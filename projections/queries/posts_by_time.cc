#include "projections/queries/posts_by_time.h"

#include <algorithm>
#include <limits>
#include <string>

#include "absl/functional/function_ref.h"
#include "core/base/status_macros.h"
#include "projections/codec/row_codec.h"
#include "projections/timelines/timeline_rows.h"

namespace dailyfeed {
namespace {

using timelines::CountKey;
using timelines::SpanSeconds;

constexpr int64_t kNsPerSecond = 1'000'000'000;
// Of every possible creation time.
constexpr int64_t kFirstSecond = std::numeric_limits<TimestampNs>::min() / kNsPerSecond - 1;
constexpr int64_t kLastSecond = std::numeric_limits<TimestampNs>::max() / kNsPerSecond;

// A count as it stands in the store.
struct Counted {
  int level;
  int64_t span;
  uint64_t posts;
};
// False: no more is wanted.
using Visit = absl::FunctionRef<bool(const Counted&)>;

int64_t CeilDivide(int64_t a, int64_t b) { return a / b + (a % b > 0 ? 1 : 0); }

// Walks over counts and posts with one iterator.
class Walk {
 public:
  explicit Walk(std::unique_ptr<StoreIterator> rows) : rows_(std::move(rows)) {}

  // The counts that together make up the seconds [begin, end), the newest
  // first: the largest spans that fit, and smaller ones at both ends. False:
  // `visit` wanted no more.
  absl::StatusOr<bool> Counts(int level, int64_t begin, int64_t end, Visit visit) {
    if (begin >= end) return true;  // always at the ends of level 0
    const int64_t seconds = SpanSeconds(level);
    const int64_t first = CeilDivide(begin, seconds);
    const int64_t behind = timelines::SpanOf(level, end);
    if (first >= behind) return Counts(level - 1, begin, end, visit);
    ASSIGN_OR_RETURN(bool more, Counts(level - 1, behind * seconds, end, visit));
    if (!more) return false;
    ASSIGN_OR_RETURN(more, Row(level, first, behind, visit));
    if (!more) return false;
    return Counts(level - 1, begin, first * seconds, visit);
  }

  // The time of creation from which the list has to be read to come to the post
  // behind the `skip` newest of [begin, end), and how many to leave out there.
  struct Start {
    TimestampNs from = 0;
    uint64_t skip = 0;
  };
  absl::StatusOr<Start> Find(int64_t begin, int64_t end, uint64_t skip) {
    for (int level = timelines::kLevels - 1;; --level) {
      Counted found{};
      RETURN_IF_ERROR(Counts(level, begin, end, [&](const Counted& counted) {
                        found = counted;
                        if (skip < counted.posts) return false;
                        skip -= counted.posts;
                        return true;
                      }).status());
      begin = std::max(begin, found.span * SpanSeconds(found.level));
      end = std::min(end, (found.span + 1) * SpanSeconds(found.level));
      if (found.level == 0) break;
      level = found.level;
    }
    // The last moment of that second.
    const TimestampNs from = begin >= kLastSecond ? std::numeric_limits<TimestampNs>::max()
                                                  : begin * kNsPerSecond + (kNsPerSecond - 1);
    return Start{from, skip};
  }

  // Posts from `start` on, not older than the second `begin`.
  absl::Status Posts(const Start& start, int64_t begin, size_t count, std::vector<ListKey>* keys) {
    rows_->Seek(timelines::NewestFrom(start.from));
    for (uint64_t i = 0; i < start.skip && rows_->Valid(); ++i) rows_->Next();
    for (; keys->size() < count && rows_->Valid(); rows_->Next()) {
      ASSIGN_OR_RETURN(const ListKey key, timelines::DecodeNewestKey(rows_->key()));
      if (timelines::SecondOf(key.order) < begin) break;
      keys->push_back(key);
    }
    return rows_->status();
  }

 private:
  // The counts of one level in [first, behind), the newest first.
  absl::StatusOr<bool> Row(int level, int64_t first, int64_t behind, Visit visit) {
    const std::string prefix = timelines::CountPrefix(level);
    for (rows_->Seek(CountKey(level, behind - 1)); rows_->Valid(); rows_->Next()) {
      if (!rows_->key().starts_with(prefix)) break;
      ASSIGN_OR_RETURN(const timelines::SpanCount at, timelines::DecodeCountKey(rows_->key()));
      if (at.span < first) break;
      ASSIGN_OR_RETURN(const uint64_t posts, timelines::DecodeCount(rows_->value()));
      if (!visit({.level = level, .span = at.span, .posts = posts})) return false;
    }
    RETURN_IF_ERROR(rows_->status());
    return true;
  }

  std::unique_ptr<StoreIterator> rows_;
};

}  // namespace

absl::StatusOr<PostsByTime::Window> PostsByTime::Read(std::span<const TimeSpan> spans,
                                                      uint64_t skip, size_t count) const {
  Window window;
  // From the counts to the end of the list.
  Walk walk(rows_.NewIterator(
      {.lower = timelines::CountPrefix(0), .upper = PrefixEnd(timelines::NewestPrefix())}));
  for (size_t i = spans.size(); i-- > 0;) {
    const int64_t begin = std::max(spans[i].begin, kFirstSecond);
    const int64_t end = std::min(spans[i].end, kLastSecond + 1);
    uint64_t posts = 0;
    RETURN_IF_ERROR(walk.Counts(timelines::kLevels - 1, begin, end,
                                [&](const Counted& counted) {
                                  posts += counted.posts;
                                  return true;
                                })
                        .status());
    window.total += posts;
    if (window.keys.size() >= count || skip >= posts) {
      skip -= std::min(skip, posts);
      continue;
    }
    ASSIGN_OR_RETURN(const Walk::Start start, walk.Find(begin, end, skip));
    ASSIGN_OR_RETURN(const DeepPages::Ticket ticket, deep_pages_->Enter(start.skip));
    RETURN_IF_ERROR(walk.Posts(start, begin, count, &window.keys));
    skip = 0;
  }
  return window;
}

}  // namespace dailyfeed
