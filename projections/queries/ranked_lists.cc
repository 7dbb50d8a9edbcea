#include "projections/queries/ranked_lists.h"

#include <algorithm>
#include <string>

#include "core/base/status_macros.h"
#include "projections/codec/row_codec.h"

namespace dailyfeed {
namespace {

// The most changes that a head notes while it is read; with more it is read again
// later. They are not counted with the heads: they are there during a reading.
constexpr size_t kMissedMax = 8192;
// Up to this number of changes are made in place, more by a merge.
constexpr size_t kChangesInPlaceMax = 8;
// A head that shrank to this part of its size is read anew.
constexpr size_t kLeastPart = 2;
// What a node of the map costs beside its value.
constexpr size_t kNodeBytes = 64;

}  // namespace

RankedLists::RankedLists(Runtime* runtime, ProjectionId posts, const Options& options)
    : runtime_(runtime),
      posts_(posts),
      heads_max_(options.head_rows_max == 0
                     ? 0
                     : options.heads_bytes_max /
                           (kNodeBytes + sizeof(Head) +
                            (options.head_rows_max + kChangesInPlaceMax) * sizeof(ListKey))),
      head_rows_max_(options.head_rows_max) {
  runtime->Observe(posts, this);
}

absl::StatusOr<std::vector<ListKey>> RankedLists::Read(const ReadView& view,
                                                       std::span<const List> lists,
                                                       const std::optional<ListKey>& after,
                                                       uint64_t skip, size_t count) {
  std::vector<Source> sources;
  sources.reserve(lists.size());
  for (const List& list : lists) {
    Source source;
    RETURN_IF_ERROR(Open(view, list, after, skip + count, &source));
    if (source.at < source.ahead.size()) sources.push_back(std::move(source));
  }
  // A heap with the first row in front.
  const auto later = [](const Source& a, const Source& b) { return Before(b.front(), a.front()); };
  std::make_heap(sources.begin(), sources.end(), later);
  std::vector<ListKey> keys;
  keys.reserve(count);
  while (!sources.empty() && keys.size() < count) {
    std::pop_heap(sources.begin(), sources.end(), later);
    Source& source = sources.back();
    if (skip > 0) {
      --skip;
    } else {
      keys.push_back(source.front());
      if (keys.size() == count) break;
    }
    ++source.at;
    RETURN_IF_ERROR(Fill(view, &source));
    if (source.at < source.ahead.size()) {
      std::push_heap(sources.begin(), sources.end(), later);
    } else {
      sources.pop_back();
    }
  }
  return keys;
}

absl::Status RankedLists::Open(const ReadView& view, const List& list,
                               const std::optional<ListKey>& after, uint64_t wanted,
                               Source* source) {
  const Moment at = MomentOf(view, posts_);
  source->list = list;
  source->behind = after;
  for (bool loaded = false;; loaded = true) {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      const auto found = heads_.find(list);
      const bool there = found != heads_.end() && found->second.loaded;
      if (!loaded) ++(there ? hits_ : misses_);
      const bool of_view =
          there && heard_.IsOfThisEpoch(at) && found->second.changed <= at.position;
      if (there) found->second.used = ++clock_;
      if (of_view) Take(found->second, after, wanted, source);
      if (there || loaded || heads_max_ == 0) break;
    }
    // Deep pages are not what heads are for, but their readers came from the
    // first page.
    RETURN_IF_ERROR(Load(list));
  }
  return Fill(view, source);
}

void RankedLists::Take(const Head& head, const std::optional<ListKey>& after, uint64_t wanted,
                       Source* source) {
  auto begin = head.rows.begin();
  if (after.has_value()) {
    begin = std::upper_bound(head.rows.begin(), head.rows.end(), *after, Before);
  }
  const auto left = static_cast<uint64_t>(head.rows.end() - begin);
  const bool all = left <= wanted;
  source->ahead.assign(begin, all ? head.rows.end() : begin + static_cast<ptrdiff_t>(wanted));
  source->complete = all && head.complete;
  if (!all) {
    source->behind = source->ahead.back();
  } else if (!head.complete && (!after.has_value() || Before(*after, head.bound))) {
    source->behind = head.bound;
  }
}

absl::Status RankedLists::Fill(const ReadView& view, Source* source) const {
  if (source->at < source->ahead.size() || source->complete) return absl::OkStatus();
  return FromStore(view, source);
}

// One row at a time: the reader may skip many.
absl::Status RankedLists::FromStore(const ReadView& view, Source* source) const {
  if (source->rest == nullptr) {
    const std::string prefix = posts::RankedPrefix(source->list.list, source->list.day);
    std::string lower = prefix;
    if (source->behind.has_value()) {
      // The first key behind.
      lower = posts::RankedKey(source->list.list, source->list.day, *source->behind) + '\0';
    }
    source->rest =
        view.rows(posts_).NewIterator({.lower = std::move(lower), .upper = PrefixEnd(prefix)});
  } else {
    source->rest->Next();
  }
  source->ahead.clear();
  source->at = 0;
  if (!source->rest->Valid()) {
    source->complete = true;
    return source->rest->status();
  }
  ASSIGN_OR_RETURN(const posts::RankedRow row, posts::DecodeRankedKey(source->rest->key()));
  source->ahead.push_back(row.key);
  return absl::OkStatus();
}

RankedLists::Head* RankedLists::HeadOf(const List& list) {
  const auto [at, added] = heads_.try_emplace(list);
  at->second.used = ++clock_;
  if (!added || heads_.size() <= heads_max_) return &at->second;
  auto oldest = heads_.end();
  for (auto other = heads_.begin(); other != heads_.end(); ++other) {
    if (other == at) continue;
    if (oldest == heads_.end() || other->second.used < oldest->second.used) oldest = other;
  }
  heads_.erase(oldest);
  return &at->second;
}

absl::Status RankedLists::Load(const List& list) {
  uint64_t load = 0;
  Heard heard;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    Head* head = HeadOf(list);
    if (head->loading || head->loaded) return absl::OkStatus();
    head->loading = true;
    head->missed.clear();
    load = head->load = ++clock_;
    heard = heard_;
  }
  // OnRows notes every change from here on. What was changed before is in the
  // newest view, unless that view is about to be replaced.
  const std::shared_ptr<const ReadView> view = runtime_->Pin();
  const Moment at = MomentOf(*view, posts_);
  const bool shows_all = heard.IsShownAt(at);
  std::vector<ListKey> rows;
  absl::Status read;
  Source source;
  source.list = list;
  if (shows_all) {
    rows.reserve(head_rows_max_ + kChangesInPlaceMax);  // all it will ever take
    read = FromStore(*view, &source);
    while (read.ok() && !source.complete && rows.size() < head_rows_max_) {
      rows.push_back(source.front());
      read = FromStore(*view, &source);
    }
  }
  std::lock_guard<std::mutex> lock(mutex_);
  const auto found = heads_.find(list);
  // Forgotten, pushed out, or too much was written: the next reader tries.
  if (found == heads_.end() || !found->second.loading || found->second.load != load) return read;
  Head& head = found->second;
  head.loading = false;
  if (read.ok() && shows_all && heard_.IsOfThisEpoch(at)) {
    head.complete = source.complete;
    if (!rows.empty()) head.bound = rows.back();
    head.rows = std::move(rows);
    head.loaded = true;
    head.changed = std::max(at.position, heard_.position());
    const std::vector<Change> missed = std::exchange(head.missed, {});
    for (const Change& change : missed) Apply({&change, 1}, head.changed, &head);
  }
  head.missed = {};
  return read;
}

void RankedLists::Apply(std::span<const Change> changes, Position position, Head* head) {
  const auto concerns = [head](const Change& change) {
    return head->complete || !Before(head->bound, change.key);
  };
  // In list order, so those beyond the bound are the last.
  while (!changes.empty() && !concerns(changes.back())) changes = changes.first(changes.size() - 1);
  if (changes.empty()) return;
  head->changed = std::max(head->changed, position);
  std::vector<ListKey>& rows = head->rows;
  const auto same = [](const ListKey& a, const ListKey& b) {
    return !Before(a, b) && !Before(b, a);
  };
  if (changes.size() <= kChangesInPlaceMax) {
    for (const Change& change : changes) {
      const auto at = std::lower_bound(rows.begin(), rows.end(), change.key, Before);
      const bool there = at != rows.end() && same(*at, change.key);
      if (there == change.there) continue;
      if (change.there) {
        rows.insert(at, change.key);
      } else {
        rows.erase(at);
      }
    }
  } else {
    std::vector<ListKey> merged;
    merged.reserve(rows.size() + changes.size());
    auto row = rows.begin();
    for (const Change& change : changes) {
      while (row != rows.end() && Before(*row, change.key)) merged.push_back(*row++);
      if (row != rows.end() && same(*row, change.key)) ++row;
      if (change.there) merged.push_back(change.key);
    }
    merged.insert(merged.end(), row, rows.end());
    const size_t kept = std::min(merged.size(), head_rows_max_ + 1);
    rows.assign(merged.begin(), merged.begin() + static_cast<ptrdiff_t>(kept));
  }
  if (rows.size() > head_rows_max_) {
    rows.resize(head_rows_max_);
    head->complete = false;
    head->bound = rows.back();
  }
  if (!head->complete && rows.size() < head_rows_max_ / kLeastPart) {
    head->loaded = false;
    rows.clear();
  }
}

void RankedLists::OnRows(const WrittenRows& written) {
  std::lock_guard<std::mutex> lock(mutex_);
  heard_.Event(event_);
  if (heads_.empty()) return;
  // Rows come in key order: those of one list one after the other.
  std::optional<List> list;
  Head* head = nullptr;
  std::vector<Change> changes;
  const auto finish = [&] {
    if (head == nullptr || changes.empty()) return;
    if (head->loaded) return Apply(changes, event_, head);
    if (head->missed.size() + changes.size() > kMissedMax) {
      head->loading = false;
      head->missed = {};
      return;
    }
    head->missed.insert(head->missed.end(), changes.begin(), changes.end());
  };
  written.Visit(posts::kRankedBegin, posts::kRankedEnd,
                [&](std::string_view key, const std::string* value) {
                  const absl::StatusOr<posts::RankedRow> row = posts::DecodeRankedKey(key);
                  if (!row.ok()) return;  // not one that the projection writes
                  const List of = {row->list, row->day};
                  if (list != of) {
                    finish();
                    changes.clear();
                    list = of;
                    const auto found = heads_.find(of);
                    const bool follows =
                        found != heads_.end() && (found->second.loaded || found->second.loading);
                    head = follows ? &found->second : nullptr;
                  }
                  if (head != nullptr) changes.push_back({row->key, value != nullptr});
                });
  finish();
}

void RankedLists::OnReset(uint64_t epoch) {
  std::lock_guard<std::mutex> lock(mutex_);
  heard_.Reset(epoch);
  heads_.clear();
}

CacheCounts RankedLists::counts() const {
  std::lock_guard<std::mutex> lock(mutex_);
  CacheCounts counts = {.hits = hits_, .misses = misses_, .bytes = 0, .entries = heads_.size()};
  for (const auto& [list, head] : heads_) {
    counts.bytes += kNodeBytes + sizeof(Head) + head.rows.capacity() * sizeof(ListKey);
  }
  return counts;
}

}  // namespace dailyfeed
