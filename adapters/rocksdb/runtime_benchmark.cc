// What one event costs between OnCommitted and its acknowledgement, on RocksDB.
//
//   bazel run --config=opt //adapters/rocksdb:runtime_benchmark
#include <benchmark/benchmark.h>

#include <cmath>
#include <condition_variable>
#include <cstring>
#include <filesystem>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "adapters/rocksdb/rocks_store.h"
#include "core/domain/check.h"
#include "core/domain/status_macros.h"
#include "core/engine/memory_event_log.h"
#include "projections/runtime/runtime.h"

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
  bool Handles(v1::Payload::KindCase kind) const override {
    return kind == v1::Payload::kPostLiked;
  }
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

// Arguments: events a batch, posts, bytes of the row cache.
void BM_ApplyLikes(benchmark::State& state) {
  const size_t batch_events = state.range(0);
  const std::string directory =
      std::filesystem::temp_directory_path() / ("runtime_benchmark" + std::to_string(::getpid()));
  std::filesystem::remove_all(directory);
  {
    auto store = OpenRocksStore(directory, {}).value();
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

}  // namespace
}  // namespace dailyfeed
