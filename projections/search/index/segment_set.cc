#include "projections/search/index/segment_set.h"

#include <algorithm>
#include <utility>

namespace dailyfeed::search {
namespace {

bool Overlap(const SegmentInfo& a, const SegmentInfo& b) {
  return a.first <= b.last && b.first <= a.last;
}

}  // namespace

void SegmentSet::VoidIn(Part& part, uint32_t ordinal) {
  if (part.void_documents == nullptr) {
    part.void_documents = std::make_shared<Bitmap>(part.segment->info().ordinals());
  }
  if (part.void_documents->Has(ordinal)) return;
  if (part.void_documents.use_count() > 1) {
    part.void_documents = std::make_shared<Bitmap>(*part.void_documents);
  }
  part.void_documents->Set(ordinal);
  ++part.void_count;
}

void SegmentSet::Compare(Part& listed, Part& other) {
  const std::vector<uint64_t>& ids = listed.segment->ids();
  const SegmentInfo& info = other.segment->info();
  auto at = std::lower_bound(ids.begin(), ids.end(), info.first);
  for (; at != ids.end() && *at <= info.last; ++at) {
    const std::optional<uint32_t> ordinal = other.segment->OrdinalOf(*at);
    if (!ordinal.has_value()) continue;
    if (listed.segment->info().position > info.position) {
      VoidIn(other, *ordinal);
    } else {
      VoidIn(listed, static_cast<uint32_t>(at - ids.begin()));
    }
  }
}

bool SegmentSet::Add(const SegmentInfo& info, std::vector<uint64_t> ids) {
  if (!info.listed) {
    for (const auto& [number, part] : parts_) {
      const SegmentInfo& other = part.segment->info();
      if (!other.listed && Overlap(info, other)) return false;
    }
  }
  Part added = {.segment = std::make_shared<const Segment>(tag_, info, std::move(ids))};
  for (auto& [number, part] : parts_) {
    const SegmentInfo& other = part.segment->info();
    if (!Overlap(info, other)) continue;
    if (other.listed) {
      Compare(part, added);
    } else {
      Compare(added, part);
    }
  }
  for (auto at = changed_.lower_bound(info.first); at != changed_.end() && at->first <= info.last;
       ++at) {
    if (at->second <= info.position) continue;
    if (const auto ordinal = added.segment->OrdinalOf(at->first)) VoidIn(added, *ordinal);
  }
  parts_.insert_or_assign(info.number, std::move(added));
  return true;
}

void SegmentSet::Remove(uint64_t number) { parts_.erase(number); }

void SegmentSet::Void(uint64_t id, Position position) {
  changed_[id] = position;
  for (auto& [number, part] : parts_) {
    if (part.segment->info().position >= position) continue;
    if (const auto ordinal = part.segment->OrdinalOf(id)) VoidIn(part, *ordinal);
  }
}

std::shared_ptr<const SegmentView> SegmentSet::View() const {
  auto view = std::make_shared<SegmentView>();
  for (const auto& [number, part] : parts_) {
    auto& parts = part.segment->info().listed ? view->lists : view->ranges;
    parts.push_back({part.segment, part.void_documents, part.void_count});
  }
  std::sort(view->ranges.begin(), view->ranges.end(),
            [](const SegmentPart& a, const SegmentPart& b) {
              return a.segment->info().first < b.segment->info().first;
            });
  const SegmentInfo* before = nullptr;
  for (const SegmentPart& part : view->ranges) {
    const SegmentInfo& info = part.segment->info();
    if (!info.ordered || (before != nullptr && before->created_max > info.created_min)) {
      view->ordered = false;
    }
    before = &info;
  }
  return view;
}

size_t SegmentSet::memory_bytes() const {
  size_t bytes = changed_.size() * 2 * sizeof(uint64_t);
  for (const auto& [number, part] : parts_) {
    bytes += part.segment->memory_bytes();
    if (part.void_documents != nullptr) bytes += part.void_documents->size() / 8;
  }
  return bytes;
}

uint64_t SegmentSet::void_documents() const {
  uint64_t count = 0;
  for (const auto& [number, part] : parts_) count += part.void_count;
  return count;
}

}  // namespace dailyfeed::search
