// The example of docs/explanation/projections.md, compiled and run.
#include <gtest/gtest.h>

#include "core/base/status_macros.h"
#include "core/ports/memory_event_log.h"
#include "core/ports/memory_store.h"
#include "projections/runtime/runtime.h"
#include "projections/runtime/runtime_testing.h"

namespace dailyfeed {
namespace {

// DOCS-BEGIN
// How many likes a post has.
class LikeCounts final : public Projection {
 public:
  std::string_view name() const override { return "like-counts"; }
  uint32_t version() const override { return 1; }

  std::span<const v1::Payload::KindCase> kinds() const override { return kKinds; }

  absl::Status Apply(const v1::Event& event, ProjectionRows& rows) override {
    const v1::Payload& payload = event.payload();
    const bool like = payload.has_post_liked();
    const PostId post = like ? payload.post_liked().post_id() : payload.post_unliked().post_id();
    ASSIGN_OR_RETURN(const uint64_t count, Read(post, rows));
    if (!like && count == 0) return absl::DataLossError("a count would fall below 0");
    rows.Put(Key(post), std::to_string(like ? count + 1 : count - 1));
    return absl::OkStatus();
  }

  static std::string Key(PostId post) { return "likes/" + std::to_string(post); }

 private:
  static constexpr v1::Payload::KindCase kKinds[] = {v1::Payload::kPostLiked,
                                                     v1::Payload::kPostUnliked};

  static absl::StatusOr<uint64_t> Read(PostId post, ProjectionRows& rows) {
    std::string value;
    ASSIGN_OR_RETURN(const bool found, rows.Get(Key(post), &value));
    return found ? std::stoull(value) : 0;
  }
};
// DOCS-END

TEST(ProjectionExampleTest, Works) {
  MemoryEventLog log;
  MemoryStore store;
  EventMaker events(&log);
  LikeCounts likes;
  auto runtime = Runtime::Create(&store, &log, {});
  runtime->Register(&likes);
  ASSERT_TRUE(runtime->Start().ok());
  ASSERT_TRUE(
      Commit(*runtime, {events.Like(41, 1), events.Like(41, 2), events.Unlike(41, 1)}).ok());
  ASSERT_TRUE(Commit(*runtime, {events.Unlike(42, 1)}).ok());

  std::string value;
  EXPECT_TRUE(runtime->Reader("like-counts")->Get(LikeCounts::Key(41), &value).value());
  EXPECT_EQ(value, "1");
  EXPECT_EQ(runtime->Parked().value().at(0).key, "post-likes/42");
}

}  // namespace
}  // namespace dailyfeed
