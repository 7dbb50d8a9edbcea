#include "projections/runtime/sealing_testing.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <utility>

#include "core/base/check.h"
#include "core/base/status_macros.h"

namespace dailyfeed {
namespace {

constexpr uint64_t kSegmentsMax = 3;
constexpr uint64_t kOverdueFactor = 4;

std::string LikeName(PostId post, MemberId member) {
  return fmt::format("{:08x}/{:08x}", post, member);
}

std::string SegmentKey(uint64_t segment) { return kBesidePrefix + fmt::format("{:08x}/", segment); }

using Manifest = std::map<uint64_t, SegmentOfLikes>;  // by number

Manifest ParseManifest(const std::string& text) {
  Manifest segments;
  std::istringstream in(text);
  uint64_t number = 0;
  SegmentOfLikes segment;
  while (in >> number >> segment.entries >> segment.moment) segments.emplace(number, segment);
  return segments;
}

std::string ManifestLine(uint64_t number, const SegmentOfLikes& segment) {
  return fmt::format("{} {} {}\n", number, segment.entries, segment.moment);
}

// The value of rows "d" and "w".
struct Change {
  std::string position;
  Position moment = 0;
};

Change ParseChange(const std::string& text) {
  Change change;
  std::istringstream(text) >> change.position >> change.moment;
  return change;
}

absl::StatusOr<uint64_t> LooseCount(ProjectionRows& rows) {
  std::string value;
  ASSIGN_OR_RETURN(const bool found, rows.Get("n", &value));
  return found ? std::stoull(value) : 0;
}

absl::Status AddToLooseCount(ProjectionRows& rows, int64_t change) {
  ASSIGN_OR_RETURN(const uint64_t count, LooseCount(rows));
  rows.Put("n", std::to_string(count + change));
  return absl::OkStatus();
}

absl::Status Remove(ProjectionRows& rows, const std::string& like) {
  std::string position;
  ASSIGN_OR_RETURN(const bool loose, rows.Get("w/" + like, &position));
  rows.Delete("d/" + like);
  if (!loose) return absl::OkStatus();
  rows.Delete("w/" + like);
  return AddToLooseCount(rows, -1);
}

absl::Status Add(ProjectionRows& rows, const std::string& like, const v1::Event& event) {
  std::string before;
  ASSIGN_OR_RETURN(const bool loose, rows.Get("w/" + like, &before));
  const std::string change = fmt::format("{} {}", event.position(), rows.MomentOf(event));
  rows.Put("d/" + like, change);
  rows.Put("w/" + like, change);
  return loose ? absl::OkStatus() : AddToLooseCount(rows, 1);
}

PostId PostOf(const v1::Event& event) {
  const v1::Payload& payload = event.payload();
  if (payload.has_post_liked()) return payload.post_liked().post_id();
  if (payload.has_post_unliked()) return payload.post_unliked().post_id();
  return payload.post_deleted().post_id();
}

}  // namespace

// ---- SealingProjection.

std::string SealingProjection::ParkingKey(const v1::Event& event) const {
  return fmt::format("post/{}", PostOf(event));
}

absl::Status SealingProjection::Apply(const v1::Event& event, ProjectionRows& rows) {
  const v1::Payload& payload = event.payload();
  const PostId post = PostOf(event);
  if (payload.has_post_liked()) {
    RETURN_IF_ERROR(Add(rows, LikeName(post, payload.post_liked().member_id()), event));
  } else if (payload.has_post_unliked()) {
    RETURN_IF_ERROR(Remove(rows, LikeName(post, payload.post_unliked().member_id())));
  } else {
    std::vector<std::string> likes;
    RETURN_IF_ERROR(rows.Scan(fmt::format("d/{:08x}/", post), fmt::format("d/{:08x}/", post + 1),
                              [&](std::string_view key, std::string_view) {
                                likes.emplace_back(key.substr(2));
                                return true;
                              }));
    for (const std::string& like : likes) RETURN_IF_ERROR(Remove(rows, like));
  }
  std::lock_guard<std::mutex> lock(mutex_);
  if (refused_.contains(post)) return absl::InvalidArgumentError("the post is refused");
  return absl::OkStatus();
}

void SealingProjection::Refuse(PostId post) {
  std::lock_guard<std::mutex> lock(mutex_);
  refused_.insert(post);
}

void SealingProjection::Accept(PostId post) {
  std::lock_guard<std::mutex> lock(mutex_);
  refused_.erase(post);
}

absl::StatusOr<Upkeep::Need> SealingProjection::Needs(ProjectionRows& rows) {
  if (in_needs) RETURN_IF_ERROR(in_needs());
  ASSIGN_OR_RETURN(const uint64_t loose, LooseCount(rows));
  std::string manifest;
  RETURN_IF_ERROR(rows.Get("m", &manifest).status());
  if (loose >= kOverdueFactor * loose_max) return Need::kOverdue;
  if (loose >= loose_max) return Need::kDue;
  return ParseManifest(manifest).size() > kSegmentsMax ? Need::kDue : Need::kNone;
}

absl::StatusOr<Upkeep::Commit> SealingProjection::Work(UpkeepRows& work) {
  std::string manifest, count = "0";
  RETURN_IF_ERROR(work.rows().Get("m", &manifest).status());
  RETURN_IF_ERROR(work.rows().Get("n", &count).status());
  const Manifest segments = ParseManifest(manifest);
  // What an earlier piece left, between the segments and behind them.
  uint64_t behind = 0;
  for (const auto& [number, segment] : segments) {
    RETURN_IF_ERROR(work.DeleteRange(SegmentKey(behind), SegmentKey(number)));
    behind = number + 1;
  }
  RETURN_IF_ERROR(work.DeleteRange(SegmentKey(behind), kBehindBeside));
  absl::StatusOr<Commit> commit = Commit();
  if (segments.size() > kSegmentsMax) {
    commit = Merge(work, behind, segments);
  } else if (std::stoull(count) >= loose_max) {
    commit = Seal(work, behind, std::move(manifest));
  }
  if (commit.ok() && in_work) RETURN_IF_ERROR(in_work(work));
  return commit;
}

absl::Status SealingProjection::PutEntry(UpkeepRows& work, uint64_t segment, uint64_t entry,
                                         std::string_view like, std::string_view position) const {
  return work.Put(
      SegmentKey(segment) + fmt::format("{:08x}", entry),
      fmt::format("{} {}{}", std::string(like), std::string(position), std::string(padding, ' ')));
}

absl::StatusOr<Upkeep::Commit> SealingProjection::Seal(UpkeepRows& work, uint64_t segment,
                                                       std::string manifest) {
  Rows sealed;
  auto it = work.rows().NewIterator({.lower = "w/", .upper = "w0"});
  for (; it->Valid(); it->Next()) {
    const Change change = ParseChange(std::string(it->value()));
    RETURN_IF_ERROR(PutEntry(work, segment, sealed.size(), it->key().substr(2), change.position));
    sealed.emplace(it->key(), it->value());
  }
  RETURN_IF_ERROR(it->status());
  manifest += ManifestLine(segment, {sealed.size(), work.moment()});
  return [this, sealed = std::move(sealed),
          manifest = std::move(manifest)](ProjectionRows& rows) -> absl::Status {
    int64_t removed = 0;
    std::string now;
    for (const auto& [key, value] : sealed) {
      ASSIGN_OR_RETURN(const bool loose, rows.Get(key, &now));
      // One that changed since is newer than the segment.
      if (!loose || now != value) continue;
      rows.Delete(key);
      ++removed;
    }
    rows.Put("m", manifest);
    RETURN_IF_ERROR(AddToLooseCount(rows, -removed));
    return in_commit ? in_commit() : absl::OkStatus();
  };
}

absl::StatusOr<Upkeep::Commit> SealingProjection::Merge(UpkeepRows& work, uint64_t segment,
                                                        const Manifest& segments) {
  uint64_t entries = 0;
  for (const auto& [number, old] : segments) {
    auto it =
        work.rows().NewIterator({.lower = SegmentKey(number), .upper = SegmentKey(number + 1)});
    for (; it->Valid(); it->Next()) {
      std::istringstream in{std::string(it->value())};
      std::string like, position, now;
      in >> like >> position;
      ASSIGN_OR_RETURN(const bool live, work.rows().Get("d/" + like, &now));
      if (!live || ParseChange(now).moment > old.moment) continue;
      RETURN_IF_ERROR(PutEntry(work, segment, entries++, like, position));
    }
    RETURN_IF_ERROR(it->status());
  }
  return [this, manifest = ManifestLine(segment, {entries, work.moment()})](ProjectionRows& rows) {
    rows.Put("m", manifest);
    return in_commit ? in_commit() : absl::OkStatus();
  };
}

// ---- SealingMemory.

absl::Status SealingMemory::OnLoad(const ProjectionReader& rows) {
  ++loads;
  if (in_load) RETURN_IF_ERROR(in_load());
  auto next = std::make_shared<Version>();
  auto it = rows.NewIterator({.lower = "w/", .upper = "w0"});
  for (; it->Valid(); it->Next()) next->loose.emplace(it->key(), it->value());
  RETURN_IF_ERROR(it->status());
  RETURN_IF_ERROR(rows.Get("m", &next->manifest).status());
  version_ = std::move(next);
  return absl::OkStatus();
}

void SealingMemory::OnRows(const WrittenRows& rows) {
  auto next = std::make_shared<Version>(*version_);
  rows.Visit("m", "n",
             [&](std::string_view, const std::string* value) { next->manifest = *value; });
  rows.Visit("w/", "w0", [&](std::string_view key, const std::string* value) {
    if (value == nullptr) {
      next->loose.erase(std::string(key));
    } else {
      next->loose.insert_or_assign(std::string(key), *value);
    }
  });
  version_ = std::move(next);
}

// ---- Comparing.

Rows LikesOf(const EventSource& log, Position last) {
  Rows likes;
  const absl::Status read = log.Read(1, [&](const v1::Event& event) {
    if (event.position() > last) return false;
    const v1::Payload& payload = event.payload();
    if (payload.has_post_liked()) {
      const auto& liked = payload.post_liked();
      likes[LikeName(liked.post_id(), liked.member_id())] = std::to_string(event.position());
    } else if (payload.has_post_unliked()) {
      const auto& unliked = payload.post_unliked();
      likes.erase(LikeName(unliked.post_id(), unliked.member_id()));
    } else if (payload.has_post_deleted()) {
      const std::string prefix = fmt::format("{:08x}/", payload.post_deleted().post_id());
      std::erase_if(likes, [&](const auto& like) { return like.first.starts_with(prefix); });
    }
    return true;
  });
  DAILYFEED_CHECK(read.ok());
  return likes;
}

Rows SealedLikes(const ProjectionReader& reader) {
  const Rows rows = AllRows(reader);
  const auto value_of = [&](const std::string& key) {
    const auto found = rows.find(key);
    return found == rows.end() ? std::string() : found->second;
  };
  const Manifest segments = ParseManifest(value_of("m"));
  Rows likes, places;
  std::map<uint64_t, uint64_t> entries;
  uint64_t loose = 0;
  for (const auto& [key, value] : rows) {
    if (key.starts_with("d/")) likes.emplace(key.substr(2), ParseChange(value).position);
    if (key.starts_with("w/")) {
      ++loose;
      EXPECT_TRUE(places.emplace(key.substr(2), ParseChange(value).position).second) << key;
    }
    if (!IsBeside(key)) continue;
    const uint64_t number = std::stoull(key.substr(1, 8), nullptr, 16);
    const auto segment = segments.find(number);
    if (segment == segments.end()) continue;
    ++entries[number];
    std::istringstream in(value);
    std::string like, position;
    in >> like >> position;
    const std::string now = value_of("d/" + like);
    if (now.empty() || ParseChange(now).moment > segment->second.moment) continue;
    EXPECT_TRUE(places.emplace(like, position).second) << like << " is there twice";
  }
  EXPECT_EQ(places, likes);
  for (const auto& [number, segment] : segments) {
    EXPECT_EQ(entries[number], segment.entries) << number;
  }
  const std::string count = value_of("n");
  EXPECT_EQ(count.empty() ? 0 : std::stoull(count), loose);
  return likes;
}

size_t SegmentsOf(const ProjectionReader& rows) {
  std::string manifest;
  EXPECT_TRUE(rows.Get("m", &manifest).ok());
  return ParseManifest(manifest).size();
}

void CheckMemory(const ReadView& view, ProjectionId id) {
  const auto* memory = static_cast<const SealingMemory::Version*>(view.memory(id).get());
  ASSERT_NE(memory, nullptr);
  Rows loose;
  auto it = view.rows(id).NewIterator({.lower = "w/", .upper = "w0"});
  for (; it->Valid(); it->Next()) loose.emplace(it->key(), it->value());
  ASSERT_TRUE(it->status().ok());
  EXPECT_EQ(memory->loose, loose);
  std::string manifest;
  ASSERT_TRUE(view.rows(id).Get("m", &manifest).ok());
  EXPECT_EQ(memory->manifest, manifest);
}

}  // namespace dailyfeed
