// The memory for request bodies, shared so that nobody takes all of it. Internal
// to the server.
//
// Small bodies may use the whole budget. Larger ones leave an eighth of it to
// the small ones, and those of one address have a limit of their own: uploads,
// however many and however slow, never refuse a login.
//
//   BodyBudget budget({.bytes_max = 256u << 20, .small_bytes_max = 64u << 10,
//                      .bytes_per_address_max = 64u << 20});
//   BodyBudget::Claim claim(&budget);
//   claim.set_address_group("192.0.2.7");
//   if (!claim.GrowTo(100'000)) return ServiceUnavailable();
//
// Threads: a claim on one thread at a time; claims of one budget on any threads.
#ifndef DAILYFEED_ADAPTERS_HTTP_SERVER_BODY_BUDGET_H_
#define DAILYFEED_ADAPTERS_HTTP_SERVER_BODY_BUDGET_H_

#include <atomic>
#include <cstddef>
#include <string>
#include <utility>

#include "adapters/http/server/address_tally.h"

namespace dailyfeed::http {

class BodyBudget {
 public:
  struct Limits {
    size_t bytes_max = 0;              // of all bodies together
    size_t small_bytes_max = 0;        // a body up to this is small
    size_t bytes_per_address_max = 0;  // of the larger bodies of one address; 0: no limit
  };
  static constexpr size_t kPartForSmall = 8;  // one of so many parts

  explicit BodyBudget(const Limits& limits) : limits_(limits) {}

  // What all claims hold.
  size_t bytes() const { return all_.load(std::memory_order_relaxed); }

  // What one body holds. The budget must outlive it.
  class Claim {
   public:
    explicit Claim(BodyBudget* budget) : budget_(*budget) {}
    Claim(const Claim&) = delete;
    Claim& operator=(const Claim&) = delete;
    ~Claim() { Release(); }

    // Before the claim grows; empty: not counted for an address.
    void set_address_group(std::string group) { address_group_ = std::move(group); }
    // False: the budget does not allow it; what was held stays held.
    bool GrowTo(size_t bytes);
    void Release();

   private:
    bool BecomeLarge(size_t bytes);

    BodyBudget& budget_;
    std::string address_group_;
    size_t held_ = 0;
    size_t held_large_ = 0;  // of `held_`: all or nothing
  };

 private:
  // False, and nothing is added: the sum would be above `most`.
  static bool Add(std::atomic<size_t>& sum, size_t amount, size_t most) {
    if (sum.fetch_add(amount, std::memory_order_relaxed) + amount <= most) return true;
    sum.fetch_sub(amount, std::memory_order_relaxed);
    return false;
  }

  const Limits limits_;
  std::atomic<size_t> all_ = 0;
  std::atomic<size_t> large_ = 0;
  AddressTally large_by_address_;
};

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_SERVER_BODY_BUDGET_H_
