// What one event costs between OnCommitted and its acknowledgement, and when the
// read models are built from the log, on RocksDB.
//
//   bazel run --config=opt //adapters/rocksdb:runtime_benchmark
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <atomic>
#include <cmath>
#include <cstring>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "adapters/rocksdb/log/rocks_event_log.h"
#include "adapters/rocksdb/store/rocks_store.h"
#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "core/ports/memory_event_log.h"
#include "projections/comments/comments_projection.h"
#include "projections/follows/follows_projection.h"
#include "projections/posts/posts_projection.h"
#include "projections/runtime/runtime.h"
#include "projections/timelines/timelines_projection.h"

namespace dailyfeed {
namespace {

using EventPtr = std::shared_ptr<const v1::Event>;

std::string Key(char kind, uint64_t a, uint64_t b = 0) {
  std::string key(1, kind);
  for (uint64_t id : {a, b}) {
    for (int shift = 56; shift >= 0; shift -= 8) key.push_back(static_cast<char>(id >> shift));
  }
  return key;
}

// A like as a real read model takes it: counts are read and written, the edge is written.
class LikesOnly final : public Projection {
 public:
  std::string_view name() const override { return "likes"; }
  uint32_t version() const override { return 1; }
  static constexpr v1::Payload::KindCase kKinds[] = {v1::Payload::kPostLiked};
  std::span<const v1::Payload::KindCase> kinds() const override { return kKinds; }
  absl::Status Apply(const v1::Event& event, ProjectionRows& rows) override {
    const v1::PostLiked& like = event.payload().post_liked();
    const std::string counts = Key('c', like.post_id());
    std::string value;
    ASSIGN_OR_RETURN(const bool found, rows.Get(counts, &value));
    if (!found) value.assign(24, '\0');
    uint64_t likes;
    std::memcpy(&likes, value.data(), sizeof(likes));
    ++likes;
    std::memcpy(value.data(), &likes, sizeof(likes));
    rows.Put(counts, value);
    rows.Put(Key('e', like.post_id(), like.member_id()), {});
    return absl::OkStatus();
  }
};

// Likes of `posts` posts, a few of them hot.
std::vector<EventPtr> Likes(size_t count, uint64_t posts) {
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> uniform(0, 1);
  std::vector<EventPtr> events;
  events.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    auto event = std::make_shared<v1::Event>();
    event->set_position(i + 1);
    event->set_stream_kind(v1::STREAM_KIND_POST_LIKES);
    event->set_event_id("0123456789abcdef");
    v1::PostLiked* like = event->mutable_payload()->mutable_post_liked();
    like->set_post_id(static_cast<uint64_t>(std::pow(static_cast<double>(posts), uniform(random))));
    like->set_member_id(random() % 100'000);
    events.push_back(std::move(event));
  }
  return events;
}

std::string TemporaryDirectory() {
  const std::string directory =
      std::filesystem::temp_directory_path() / ("runtime_benchmark" + std::to_string(::getpid()));
  std::filesystem::remove_all(directory);
  std::filesystem::create_directories(directory);
  return directory;
}

// Arguments: events a batch, posts, bytes of the row cache.
void BM_ApplyLikes(benchmark::State& state) {
  const size_t batch_events = state.range(0);
  const std::string directory = TemporaryDirectory();
  {
    auto store = OpenRocksStore(directory + "/views", {}).value();
    MemoryEventLog log;
    LikesOnly likes;
    RuntimeOptions options;
    options.row_cache_bytes = state.range(2);
    auto runtime = Runtime::Create(store.get(), &log, options);
    runtime->Register(&likes);
    DAILYFEED_CHECK(runtime->Start().ok());
    const auto events = Likes(batch_events * state.max_iterations, state.range(1));
    size_t next = 0;
    std::atomic<size_t> acknowledged{0};
    for (auto _ : state) {
      CommittedBatch batch;
      batch.events.assign(events.begin() + next, events.begin() + next + batch_events);
      next += batch_events;
      batch.done = [&](absl::Status status) {
        DAILYFEED_CHECK(status.ok());
        acknowledged += batch_events;
      };
      runtime->OnCommitted(std::move(batch));
      if (next == events.size()) runtime->Stop();
    }
    DAILYFEED_CHECK(acknowledged == events.size());
    state.SetItemsProcessed(static_cast<int64_t>(events.size()));
  }
  std::filesystem::remove_all(directory);
}

BENCHMARK(BM_ApplyLikes)
    ->ArgNames({"batch", "posts", "cache"})
    ->Args({1, 1'000'000, 8 << 20})
    ->Args({64, 1'000'000, 8 << 20})
    ->Args({64, 1'000'000, 0})
    ->Args({1024, 1'000'000, 8 << 20})
    ->Args({1024, 1'000'000, 1 << 20})
    ->Args({1024, 1'000'000, 0})
    ->MeasureProcessCPUTime()
    ->MinTime(1.0);

// ---- Building read models from the log.

// A tenth posts, the rest likes of them, a few of them hot.
void FillLog(EventLog& log, size_t count) {
  constexpr size_t kAppendEvents = 10'000;
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> uniform(0, 1);
  std::map<std::pair<int, uint64_t>, StreamVersion> versions;
  uint64_t posts = 0;
  for (size_t done = 0; done < count;) {
    LogBatch batch;
    std::deque<std::string> bytes;
    for (; bytes.size() < kAppendEvents && done < count; ++done) {
      v1::Event event;
      event.set_position(done + 1);
      event.set_event_id("0123456789abcdef");
      event.set_command_id("0123456789abcdef");
      event.set_occurred_at_ns(static_cast<int64_t>(done) * 1'000'000);
      event.set_recorded_at_ns(event.occurred_at_ns());
      if (done % 10 == 0) {
        v1::PostPublished* post = event.mutable_payload()->mutable_post_published();
        post->set_post_id(++posts);
        post->set_author_id(1 + random() % 10'000);
        post->set_title("A title as long as most");
        post->set_content(std::string(120, 'x'));
        event.set_stream_kind(v1::STREAM_KIND_POST);
        event.set_stream_id(posts);
      } else {
        v1::PostLiked* like = event.mutable_payload()->mutable_post_liked();
        like->set_post_id(
            static_cast<uint64_t>(std::pow(static_cast<double>(posts), uniform(random))));
        like->set_member_id(done);
        event.set_stream_kind(v1::STREAM_KIND_POST_LIKES);
        event.set_stream_id(like->post_id());
      }
      event.set_stream_version(++versions[{event.stream_kind(), event.stream_id()}]);
      bytes.push_back(event.SerializeAsString());
      batch.events.push_back({.position = event.position(),
                              .stream_kind = event.stream_kind(),
                              .stream_id = event.stream_id(),
                              .stream_version = event.stream_version(),
                              .day = 19700101,
                              .bytes = bytes.back()});
    }
    const absl::Status appended = log.Append(batch);
    DAILYFEED_CHECK(appended.ok());
  }
}

// Arguments: events of the log, events a store batch, bytes of the row cache.
void BM_CatchUp(benchmark::State& state) {
  const std::string directory = TemporaryDirectory();
  {
    auto log = OpenRocksEventLog(directory + "/log", {}).value();
    FillLog(*log, state.range(0));
    for (auto _ : state) {
      state.PauseTiming();
      std::filesystem::remove_all(directory + "/views");
      auto store = OpenRocksStore(directory + "/views", {}).value();
      PostsProjection posts;
      CommentsProjection comments;
      FollowsProjection follows;
      TimelinesProjection timelines;
      RuntimeOptions options;
      options.catch_up_batch_events = state.range(1);
      options.row_cache_bytes = state.range(2);
      auto runtime = Runtime::Create(store.get(), log.get(), options);
      runtime->Register(&posts);
      runtime->Register(&comments);
      runtime->Register(&follows);
      runtime->Register(&timelines);
      state.ResumeTiming();
      const absl::Status started = runtime->Start();
      DAILYFEED_CHECK(started.ok() && runtime->Parked().value().empty());
      state.PauseTiming();
      runtime = nullptr;
      store = nullptr;
      state.ResumeTiming();
    }
    state.SetItemsProcessed(state.range(0) * static_cast<int64_t>(state.iterations()));
  }
  std::filesystem::remove_all(directory);
}

BENCHMARK(BM_CatchUp)
    ->ArgNames({"events", "batch", "cache"})
    ->Args({500'000, 2000, 4 << 20})
    ->Args({500'000, 2000, 0})
    ->Args({500'000, 2000, 32 << 20})
    ->Args({500'000, 10'000, 4 << 20})
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Iterations(1);

}  // namespace
}  // namespace dailyfeed
