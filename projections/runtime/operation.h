// What an operation of the runtime holds while it is under way in a thread of its
// caller.
#ifndef DAILYFEED_PROJECTIONS_RUNTIME_OPERATION_H_
#define DAILYFEED_PROJECTIONS_RUNTIME_OPERATION_H_

#include <fmt/format.h>

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "projections/runtime/runtime.h"

namespace dailyfeed {

// Keeps the runtime: Stop waits until it is gone.
class Runtime::Operation {
 public:
  // UNAVAILABLE when the runtime does not run.
  static absl::StatusOr<std::unique_ptr<Operation>> Begin(Runtime* runtime) {
    std::lock_guard<std::mutex> lock(runtime->mutex_);
    if (!runtime->accepting_ || !runtime->health_.ok()) return runtime->NotRunning();
    ++runtime->operations_;
    return std::unique_ptr<Operation>(new Operation(runtime));
  }
  ~Operation() {
    std::lock_guard<std::mutex> lock(runtime_->mutex_);
    --runtime_->operations_;
    runtime_->operations_ended_.notify_all();
  }
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;

 private:
  explicit Operation(Runtime* runtime) : runtime_(runtime) {}
  Runtime* const runtime_;
};

// Keeps the generations of one projection for an operation.
class Runtime::Claim {
 public:
  // NOT_FOUND, or FAILED_PRECONDITION when another operation holds it.
  static absl::StatusOr<std::unique_ptr<Claim>> Take(Runtime* runtime,
                                                     std::string_view projection) {
    Entry* entry = runtime->Find(projection);
    if (entry == nullptr) {
      return absl::NotFoundError(fmt::format("no projection {}", std::string(projection)));
    }
    std::lock_guard<std::mutex> lock(runtime->mutex_);
    if (entry->claimed) {
      return absl::FailedPreconditionError(
          fmt::format("another operation works on the generations of {}", entry->name));
    }
    entry->claimed = true;
    return std::unique_ptr<Claim>(new Claim(runtime, entry));
  }
  ~Claim() {
    std::lock_guard<std::mutex> lock(runtime_->mutex_);
    entry_->claimed = false;
    runtime_->build_changed_.notify_all();
  }
  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;

  Entry& entry() const { return *entry_; }

 private:
  Claim(Runtime* runtime, Entry* entry) : runtime_(runtime), entry_(entry) {}
  Runtime* const runtime_;
  Entry* const entry_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_RUNTIME_OPERATION_H_
