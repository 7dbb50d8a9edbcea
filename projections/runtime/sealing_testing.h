// What the tests of rows beside the batches share: a projection that seals its
// rows into segments, an observer that holds part of it in memory, and a model.
#ifndef DAILYFEED_PROJECTIONS_RUNTIME_SEALING_TESTING_H_
#define DAILYFEED_PROJECTIONS_RUNTIME_SEALING_TESTING_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "core/ports/event_source.h"
#include "projections/runtime/observer.h"
#include "projections/runtime/projection.h"
#include "projections/runtime/runtime_testing.h"
#include "projections/runtime/upkeep.h"

namespace dailyfeed {

struct SegmentOfLikes {
  uint64_t entries = 0;
  Position moment = 0;
};

// Which member likes which post. A like has a row "d/post/member" with the position
// and the moment of its event, and a loose row "w/post/member" with the same, until
// a piece of work seals the loose rows into a segment: rows beside the batches. A
// segment is true at the moment of its piece; a sealed entry is void when row "d" has
// a higher moment, or is gone. Row "n" counts the loose rows, row "m" names the segments.
// Several segments are merged into one.
class SealingProjection : public Projection, public Upkeep {
 public:
  std::string_view name() const override { return "sealing"; }
  uint32_t version() const override { return version_; }
  void set_version(uint32_t version) { version_ = version; }
  static constexpr v1::Payload::KindCase kKinds[] = {
      v1::Payload::kPostLiked, v1::Payload::kPostUnliked, v1::Payload::kPostDeleted};
  std::span<const v1::Payload::KindCase> kinds() const override { return kKinds; }
  absl::Status Apply(const v1::Event& event, ProjectionRows& rows) override;
  std::string ParkingKey(const v1::Event& event) const override;
  std::vector<std::string> TracesOf(MemberId) const override { return {"trace"}; }
  Upkeep* upkeep() override { return this; }

  absl::StatusOr<Need> Needs(ProjectionRows& rows) override;
  absl::StatusOr<Commit> Work(UpkeepRows& work) override;

  // Test knobs.
  uint64_t loose_max = 10;  // then sealing is due; at four times as many it is overdue
  size_t padding = 0;       // bytes of each sealed row more
  // Called in Work when it has written its rows, on its thread. An error is that of
  // the piece.
  std::function<absl::Status(UpkeepRows&)> in_work;
  std::function<absl::Status()> in_commit;
  std::function<absl::Status()> in_needs;
  void Refuse(PostId post);
  void Accept(PostId post);

 private:
  absl::StatusOr<Commit> Seal(UpkeepRows& work, uint64_t segment, std::string manifest);
  absl::StatusOr<Commit> Merge(UpkeepRows& work, uint64_t segment,
                               const std::map<uint64_t, SegmentOfLikes>& segments);
  absl::Status PutEntry(UpkeepRows& work, uint64_t segment, uint64_t entry, std::string_view like,
                        std::string_view position) const;

  std::atomic<uint32_t> version_{1};
  mutable std::mutex mutex_;
  std::set<PostId> refused_;
};

// The loose rows and the manifest, in memory.
class SealingMemory final : public ProjectionObserver {
 public:
  struct Version {
    Rows loose;
    std::string manifest;
  };
  absl::Status OnLoad(const ProjectionReader& rows) override;
  void OnRows(const WrittenRows& rows) override;
  void OnReset(uint64_t) override {}
  std::shared_ptr<const void> Memory() const override { return version_; }

  std::function<absl::Status()> in_load;
  uint64_t loads = 0;

 private:
  std::shared_ptr<const Version> version_ = std::make_shared<Version>();
};

// Position of the like by "post/member": of a fold of the log in a map, up to `last`.
Rows LikesOf(const EventSource& log, Position last = ~Position{0});
// The likes that rows of a SealingProjection have; checks that each has exactly one
// loose row or sealed entry, that every segment is whole, and the count.
Rows SealedLikes(const ProjectionReader& rows);
// Segments in the manifest.
size_t SegmentsOf(const ProjectionReader& rows);
// That `view` has the rows and the memory of one moment.
void CheckMemory(const ReadView& view, ProjectionId id);

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_RUNTIME_SEALING_TESTING_H_
