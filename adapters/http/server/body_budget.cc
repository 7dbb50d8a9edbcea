#include "adapters/http/server/body_budget.h"

namespace dailyfeed::http {

bool BodyBudget::Claim::GrowTo(size_t bytes) {
  if (bytes <= held_) return true;
  const Limits& limits = budget_.limits_;
  if (!Add(budget_.all_, bytes - held_, limits.bytes_max)) return false;
  if (bytes > limits.small_bytes_max && !BecomeLarge(bytes)) {
    budget_.all_.fetch_sub(bytes - held_, std::memory_order_relaxed);
    return false;
  }
  held_ = bytes;
  return true;
}

bool BodyBudget::Claim::BecomeLarge(size_t bytes) {
  const Limits& limits = budget_.limits_;
  const size_t more = bytes - held_large_;
  if (!Add(budget_.large_, more, limits.bytes_max - limits.bytes_max / kPartForSmall)) return false;
  if (!budget_.large_by_address_.Add(address_group_, more, limits.bytes_per_address_max)) {
    budget_.large_.fetch_sub(more, std::memory_order_relaxed);
    return false;
  }
  held_large_ = bytes;
  return true;
}

void BodyBudget::Claim::Release() {
  if (held_ == 0) return;
  budget_.all_.fetch_sub(held_, std::memory_order_relaxed);
  budget_.large_.fetch_sub(held_large_, std::memory_order_relaxed);
  budget_.large_by_address_.Subtract(address_group_, held_large_,
                                     budget_.limits_.bytes_per_address_max);
  held_ = held_large_ = 0;
  address_group_.clear();
}

}  // namespace dailyfeed::http
