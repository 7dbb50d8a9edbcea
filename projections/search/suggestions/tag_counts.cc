#include "projections/search/suggestions/tag_counts.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "projections/search/text/code_points.h"

namespace dailyfeed::search {
namespace {

// What a short string keeps inside itself.
const size_t kInsideString = std::string().capacity();

size_t BytesOf(const TagCount& tag) {
  return sizeof(TagCount) + (tag.tag.size() > kInsideString ? tag.tag.size() + 17 : 0);
}

// Tags with the changes, both in order.
std::vector<TagCount> Merged(std::span<const TagCount> tags, std::span<const TagCount> changes) {
  std::vector<TagCount> merged;
  merged.reserve(tags.size() + changes.size());
  auto old = tags.begin();
  for (const TagCount& change : changes) {
    for (; old != tags.end() && old->tag < change.tag; ++old) merged.push_back(*old);
    if (old != tags.end() && old->tag == change.tag) ++old;
    if (change.count > 0) merged.push_back(change);
  }
  merged.insert(merged.end(), old, tags.end());
  return merged;
}

bool MoreUsed(const TagCount& a, const TagCount& b) {
  return a.count != b.count ? a.count > b.count : a.tag < b.tag;
}

}  // namespace

void TagCounts::AddChunks(std::vector<TagCount> tags, TagCounts* to) {
  to->tags_ += tags.size();
  for (size_t begin = 0; begin < tags.size();) {
    const size_t left = tags.size() - begin;
    const size_t size = left < 2 * kChunkTags ? left : kChunkTags;
    auto chunk = std::make_shared<Chunk>();
    chunk->tags.assign(
        std::make_move_iterator(tags.begin() + static_cast<ptrdiff_t>(begin)),
        std::make_move_iterator(tags.begin() + static_cast<ptrdiff_t>(begin + size)));
    chunk->bytes = sizeof(Chunk) + 32;
    for (const TagCount& tag : chunk->tags) chunk->bytes += BytesOf(tag);
    to->bytes_ += chunk->bytes;
    to->chunks_.push_back(std::move(chunk));
    begin += size;
  }
}

TagCounts TagCounts::With(std::span<const TagCount> changes) const {
  TagCounts tags;
  tags.chunks_.reserve(chunks_.size());
  if (chunks_.empty()) {
    AddChunks(Merged({}, changes), &tags);
    return tags;
  }
  for (size_t i = 0; i < chunks_.size(); ++i) {
    // Up to the first tag of the next chunk; the last chunk has the rest.
    auto behind = changes.end();
    if (i + 1 < chunks_.size()) {
      behind = std::lower_bound(
          changes.begin(), changes.end(), chunks_[i + 1]->tags.front().tag,
          [](const TagCount& change, const std::string& tag) { return change.tag < tag; });
    }
    const auto of_chunk = changes.first(static_cast<size_t>(behind - changes.begin()));
    changes = changes.subspan(of_chunk.size());
    if (!of_chunk.empty()) {
      AddChunks(Merged(chunks_[i]->tags, of_chunk), &tags);
      continue;
    }
    tags.tags_ += chunks_[i]->tags.size();
    tags.bytes_ += chunks_[i]->bytes;
    tags.chunks_.push_back(chunks_[i]);
  }
  return tags;
}

void TagCounts::Visit(std::string_view lower, std::string_view upper,
                      absl::FunctionRef<void(std::string_view, uint64_t)> visit) const {
  // The last chunk that begins at or before `lower` may have the first of them.
  auto chunk = std::upper_bound(
      chunks_.begin(), chunks_.end(), lower,
      [](std::string_view key, const ChunkPtr& of) { return key < of->tags.front().tag; });
  if (chunk != chunks_.begin()) --chunk;
  for (; chunk != chunks_.end(); ++chunk) {
    for (const TagCount& tag : (*chunk)->tags) {
      if (tag.tag < lower) continue;
      if (!upper.empty() && tag.tag >= upper) return;
      visit(tag.tag, tag.count);
    }
  }
}

std::vector<TagCount> TagCounts::MostUsed(const TypedPrefix& typed, size_t max) const {
  std::vector<TagCount> best;  // a heap whose front is the least used
  if (max == 0) return best;
  std::u32string text;
  for (const TypedPrefix::Range& range : typed.ranges()) {
    Visit(range.lower, range.upper, [&](std::string_view tag, uint64_t count) {
      // Most are used less than those that were found. Later ones lose a tie.
      if (best.size() == max && count <= best.front().count) return;
      text.clear();
      AppendCodePoints(tag, &text);
      if (!typed.Matches(text)) return;
      best.push_back({std::string(tag), count});
      std::push_heap(best.begin(), best.end(), MoreUsed);
      if (best.size() <= max) return;
      std::pop_heap(best.begin(), best.end(), MoreUsed);
      best.pop_back();
    });
  }
  std::sort(best.begin(), best.end(), MoreUsed);
  return best;
}

size_t TagCounts::Bytes() const { return bytes_ + chunks_.capacity() * sizeof(ChunkPtr); }

}  // namespace dailyfeed::search
