// What it costs to know who is asking: no look into the store, no allocation
// and at most one look into a table, whatever the token is, as long as it has
// not expired. Tables that several threads use have locks, so locks are counted.
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <pthread.h>

#include <cstdlib>
#include <new>

#include "adapters/identity/identity.h"
#include "core/ports/memory_store.h"

namespace {

// By the thread that counts. Constant initialization: operator new comes early.
thread_local bool counting = false;
thread_local int allocations = 0;
thread_local int locks = 0;

// The function of this name that would be called were it not for this file.
template <typename Function>
Function* Next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" int pthread_rwlock_rdlock(pthread_rwlock_t* lock) noexcept {
  static auto* const next = Next<int(pthread_rwlock_t*)>("pthread_rwlock_rdlock");
  if (counting) ++locks;
  return next(lock);
}
extern "C" int pthread_rwlock_wrlock(pthread_rwlock_t* lock) noexcept {
  static auto* const next = Next<int(pthread_rwlock_t*)>("pthread_rwlock_wrlock");
  if (counting) ++locks;
  return next(lock);
}
extern "C" int pthread_mutex_lock(pthread_mutex_t* lock) noexcept {
  static auto* const next = Next<int(pthread_mutex_t*)>("pthread_mutex_lock");
  if (counting) ++locks;
  return next(lock);
}

// Every other form of new comes down to this one.
void* operator new(size_t size) {
  if (counting) ++allocations;
  void* const memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace dailyfeed {
namespace {

class CountingStore : public Store {
 public:
  absl::StatusOr<bool> Get(std::string_view key, std::string* value) const override {
    ++reads;
    return rows_.Get(key, value);
  }
  absl::StatusOr<std::vector<Found>> MultiGet(const std::vector<std::string>& keys) const override {
    ++reads;
    return rows_.MultiGet(keys);
  }
  std::unique_ptr<StoreIterator> NewIterator(const KeyRange& range) const override {
    ++reads;
    return rows_.NewIterator(range);
  }
  absl::Status Write(StoreBatch batch) override { return rows_.Write(std::move(batch)); }
  absl::Status Sync() override { return rows_.Sync(); }
  std::unique_ptr<StoreSnapshot> NewSnapshot() const override { return rows_.NewSnapshot(); }

  mutable int reads = 0;

 private:
  MemoryStore rows_;
};

class SteppingClock : public Clock {
 public:
  TimestampNs Now() override { return now; }
  TimestampNs now = TimestampNs{1'763'000'000} * 1'000'000'000;
};

class IdentityCostTest : public testing::Test {
 protected:
  IdentityCostTest() {
    IdentityOptions options;
    options.clock = &clock_;
    options.argon2_operations = 1;
    options.argon2_memory_bytes = 8192;
    identity_ = Identity::Open(&store_, options).value();
  }
  std::string NewToken(MemberId member) {
    return identity_->OpenSession(member, "agent", "10.0.0.1").value().access_token;
  }
  void Advance(absl::Duration by) { clock_.now += absl::ToInt64Nanoseconds(by); }

  struct Cost {
    TokenState state;
    int reads;
    int allocations;
    int locks;
  };
  Cost CostOf(std::string_view token) {
    (void)identity_->CheckAccessToken(token);  // the first one of a thread fetches the keys
    store_.reads = 0;
    allocations = 0;
    locks = 0;
    counting = true;
    const TokenCheck check = identity_->CheckAccessToken(token);
    counting = false;
    return {check.state, store_.reads, allocations, locks};
  }
  void ExpectFree(std::string_view token, TokenState state, int look_ups = 0) {
    const Cost cost = CostOf(token);
    EXPECT_EQ(cost.state, state);
    EXPECT_EQ(cost.reads, 0);
    EXPECT_EQ(cost.allocations, 0);
    EXPECT_EQ(cost.locks, look_ups);
  }

  SteppingClock clock_;
  CountingStore store_;
  std::unique_ptr<Identity> identity_;
};

TEST_F(IdentityCostTest, ATokenThatHasNotExpiredCostsAtMostOneLookUp) {
  const std::string live = NewToken(1);
  const std::string dead = NewToken(2);
  ExpectFree(live, TokenState::kValid);
  ASSERT_TRUE(identity_->RevokeMember(2).ok());
  ExpectFree(live, TokenState::kValid);  // also when somebody's session was ended
  ExpectFree(dead, TokenState::kRevoked, 1);
  std::string edited = live;
  edited.back() = edited.back() == 'A' ? 'E' : 'A';
  ExpectFree(edited, TokenState::kMalformed);
  ExpectFree("nonsense", TokenState::kMalformed);
  ExpectFree("", TokenState::kMalformed);
  Advance(absl::Minutes(59));
  const std::string late = NewToken(1);
  Advance(absl::Minutes(1));
  ASSERT_TRUE(identity_->Maintain().ok());
  ExpectFree(late, TokenState::kValidOlderKey);
  // The control: these are counted when there are any.
  const Cost expired = CostOf(live);
  EXPECT_EQ(expired.state, TokenState::kExpired);
  EXPECT_EQ(expired.reads, 1);
  EXPECT_GT(expired.allocations, 0);
}

}  // namespace
}  // namespace dailyfeed
