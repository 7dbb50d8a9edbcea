// bench search beside writes: whether the first search that starts after an
// acknowledgement sees what was acknowledged, how late acknowledgements are while
// segments are sealed, and what an edit of an old post costs the disk.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "core/base/status_macros.h"
#include "tools/bench/histogram.h"
#include "tools/bench/search_data.h"

namespace dailyfeed::bench {
namespace {

constexpr double kPostsPerSecond = 2000;
constexpr double kEditsPerSecond = 50;
constexpr double kSearchesPerSecond = 200;
constexpr double kEditGoalKib = 16;
constexpr double kSlowestAcknowledgementGoalMs = 50;

// Calls `work` so many times a second, later ones without a pause when it is behind.
template <typename Work>
void Repeat(double per_second, absl::Duration span, const Work& work) {
  const absl::Time start = absl::Now();
  const absl::Duration step = absl::Seconds(1 / per_second);
  for (int64_t i = 0; absl::Now() - start < span; ++i) {
    const absl::Duration ahead = start + i * step - absl::Now();
    if (ahead > absl::ZeroDuration()) absl::SleepFor(ahead);
    work();
  }
}

// A text that was acknowledged, by the one word that no other has.
struct Acknowledged {
  PostId id = 0;
  std::string word;
};

class WriteBench {
 public:
  explicit WriteBench(SearchData* data) : data_(*data), next_edit_(data->posts().size()) {}

  absl::Status Run() {
    RETURN_IF_ERROR(MeasureFreshness());
    return MeasureEdits();
  }

 private:
  absl::Duration span() const { return absl::Seconds(data_.options().quick ? 3 : 60); }

  // No word of the corpus has a digit in it.
  std::string Word() {
    return fmt::format("w{}x{}", ++words_, static_cast<uint32_t>(data_.options().seed));
  }

  void Acknowledge(Acknowledged what) {
    std::lock_guard<std::mutex> lock(mutex_);
    newest_.push_back(std::move(what));
    if (newest_.size() > 64) newest_.erase(newest_.begin());
  }
  void Fail(const absl::Status& status) {
    std::lock_guard<std::mutex> lock(mutex_);
    if (first_error_.ok()) first_error_ = status;
  }

  void Post() {
    const std::string word = Word();
    const absl::Time start = absl::Now();
    ++in_flight_;
    data_.feed().Submit({.command = PublishPost{.content = data_.corpus().Post() + " " + word},
                         .actor = data_.members()[words_ % data_.members().size()]},
                        [this, word, start](absl::StatusOr<CommandResult> result) {
                          if (!Answered(start, result.status())) return;
                          Acknowledge({.id = result->subject_id, .word = word});
                        });
  }

  // Each post once, from the newest of the old ones down.
  void Edit() {
    if (next_edit_ == 0) return;
    const search_quality::JudgedPost& post = data_.posts()[--next_edit_];
    const std::string word = Word();
    const absl::Time start = absl::Now();
    ++in_flight_;
    data_.feed().Submit({.command = EditPost{.post_id = post.id, .content = post.text + " " + word},
                         .actor = AuthorOf(post)},
                        [this, id = post.id, word, start](absl::StatusOr<CommandResult> result) {
                          if (!Answered(start, result.status())) return;
                          Acknowledge({.id = static_cast<PostId>(id), .word = word});
                        });
  }
  MemberId AuthorOf(const search_quality::JudgedPost& post) const {
    return data_.members()[std::stoull(post.author.substr(post.author.find('_') + 1))];
  }

  // False: it was not acknowledged. A machine that cannot take so much refuses some.
  bool Answered(absl::Time start, const absl::Status& status) {
    const absl::Duration waited = absl::Now() - start;
    std::lock_guard<std::mutex> lock(mutex_);
    --in_flight_;
    if (absl::IsResourceExhausted(status)) {
      ++refused_;
    } else if (!status.ok()) {
      if (first_error_.ok()) first_error_ = status;
    } else {
      acknowledged_.Record(static_cast<uint64_t>(absl::ToInt64Nanoseconds(waited)));
      slowest_ = std::max(slowest_, waited);
    }
    return status.ok();
  }

  void Search() {
    Acknowledged what;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      if (newest_.empty()) return;
      what = newest_.back();
    }
    ++searches_;
    const absl::Time start = absl::Now();
    const auto found =
        data_.feed().queries().SearchPosts(0, data_.RequestOf(QueryClass::kLongWord, what.word));
    searched_.RecordSince(start);
    if (!found.ok()) return Fail(found.status());
    if (found->total != 1 || found->rows.size() != 1 || found->rows[0].body->id != what.id) {
      ++misses_;
    }
  }

  absl::Status MeasureFreshness() {
    std::thread posts([&] { Repeat(kPostsPerSecond, span(), [&] { Post(); }); });
    std::thread searches([&] { Repeat(kSearchesPerSecond, span(), [&] { Search(); }); });
    // Edits have words of their own and no text of the corpus, so that a thread
    // each may make them.
    Repeat(kEditsPerSecond, span(), [&] { Edit(); });
    posts.join();
    searches.join();
    WaitForAnswers();
    RETURN_IF_ERROR(first_error_);
    data_.reporter().Report({.bench = "search",
                             .name = fmt::format("searches that missed what was acknowledged, of "
                                                 "{} beside {} writes ({} refused)",
                                                 searches_, acknowledged_.count(), refused_),
                             .value = static_cast<double>(misses_),
                             .unit = "searches",
                             .goal = "0",
                             .met = misses_ == 0,
                             .percentiles = searched_.Summary()});
    const double slowest = absl::ToDoubleMilliseconds(slowest_);
    data_.reporter().Report({.bench = "search",
                             .name = "the slowest acknowledgement meanwhile",
                             .value = slowest,
                             .unit = "ms",
                             .goal = "at most 50 ms",
                             .met = slowest <= kSlowestAcknowledgementGoalMs,
                             .percentiles = acknowledged_.Summary()});
    return absl::OkStatus();
  }

  absl::Status MeasureEdits() {
    const uint64_t written = WrittenBytes();
    const uint64_t before = acknowledged_.count();
    Repeat(kEditsPerSecond, span(), [&] { Edit(); });
    WaitForAnswers();
    RETURN_IF_ERROR(first_error_);
    const auto edits = static_cast<double>(acknowledged_.count() - before);
    const double each = static_cast<double>(WrittenBytes() - written) / edits / 1024;
    data_.reporter().Report(
        {.bench = "search",
         .name = "written to disk for an edit of an old post, log and all read models together",
         .value = each,
         .unit = "KiB",
         .goal = "at most 16 KiB",
         .met = each <= kEditGoalKib});
    return absl::OkStatus();
  }

  void WaitForAnswers() const {
    while (in_flight_ > 0) absl::SleepFor(absl::Milliseconds(1));
  }

  SearchData& data_;
  std::atomic<uint64_t> words_{0};
  size_t next_edit_;
  std::atomic<int64_t> in_flight_{0};

  std::mutex mutex_;
  std::vector<Acknowledged> newest_;
  absl::Status first_error_;
  uint64_t refused_ = 0;
  Histogram acknowledged_;
  absl::Duration slowest_;

  uint64_t searches_ = 0;
  uint64_t misses_ = 0;
  Histogram searched_;
};

}  // namespace

absl::Status MeasureSearchBesideWrites(SearchData& data) { return WriteBench(&data).Run(); }

}  // namespace dailyfeed::bench
