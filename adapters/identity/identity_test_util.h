// An identity over a store in memory, with a clock that moves when told. For
// tests only.
#ifndef DAILYFEED_ADAPTERS_IDENTITY_IDENTITY_TEST_UTIL_H_
#define DAILYFEED_ADAPTERS_IDENTITY_IDENTITY_TEST_UTIL_H_

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "adapters/identity/identity.h"
#include "core/ports/memory_store.h"

namespace dailyfeed {

class FakeClock : public Clock {
 public:
  TimestampNs Now() override { return now_; }
  // Time passes.
  void Advance(absl::Duration duration) {
    Set(duration);
    steady_.now += absl::ToInt64Nanoseconds(duration);
  }
  // Somebody sets the clock, and no time passes.
  void Set(absl::Duration ahead) { now_ += absl::ToInt64Nanoseconds(ahead); }
  Clock* steady() { return &steady_; }

 private:
  struct Steady : Clock {
    TimestampNs Now() override { return now; }
    std::atomic<TimestampNs> now = 1'000'000'000;
  };

  std::atomic<TimestampNs> now_ = TimestampNs{1'763'000'000} * 1'000'000'000;
  Steady steady_;
};
class IdentityTest : public testing::Test {
 protected:
  IdentityTest() {
    options_.clock = &clock_;
    options_.steady_clock = clock_.steady();
    options_.argon2_operations = 1;
    options_.argon2_memory_bytes = 8192;
    Reopen();
  }

  void Reopen() {
    identity_ = nullptr;
    absl::StatusOr<std::unique_ptr<Identity>> opened = Identity::Open(&store_, options_);
    ASSERT_TRUE(opened.ok()) << opened.status();
    identity_ = *std::move(opened);
  }

  IssuedTokens Login(MemberId member) {
    return identity_->OpenSession(member, "agent", "10.0.0.1").value();
  }
  TokenState StateOf(std::string_view jwt) const { return identity_->CheckAccessToken(jwt).state; }
  RefreshOutcome Refresh(std::string_view token) { return identity_->Refresh(token).value(); }

  // Everything the store holds.
  std::string Dump() const {
    std::string all;
    for (auto it = store_.NewIterator({}); it->Valid(); it->Next()) {
      all += it->key();
      all += it->value();
    }
    return all;
  }

  size_t Rows(std::string_view prefix) const {
    size_t rows = 0;
    for (auto it = store_.NewIterator({}); it->Valid(); it->Next()) {
      rows += it->key().substr(0, prefix.size()) == prefix;
    }
    return rows;
  }

  FakeClock clock_;
  MemoryStore store_;
  IdentityOptions options_;
  std::unique_ptr<Identity> identity_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_IDENTITY_IDENTITY_TEST_UTIL_H_
