#include "adapters/http/guard/address_places.h"

#include <utility>

#include "adapters/http/guard/client_address.h"
#include "core/base/check.h"

namespace dailyfeed::http {

AddressPlaces::Place::Place(AddressPlaces* places, std::string group)
    : places_(places), group_(std::move(group)) {}

AddressPlaces::Place::Place(Place&& other) noexcept
    : places_(std::exchange(other.places_, nullptr)), group_(std::move(other.group_)) {}

AddressPlaces::Place::~Place() {
  if (places_ != nullptr) places_->Release(group_);
}

AddressPlaces::AddressPlaces(size_t places_max) : places_max_(places_max) {}

std::optional<AddressPlaces::Place> AddressPlaces::Take(std::string_view address) {
  if (places_max_ == 0 || address.empty()) return Place(nullptr, {});
  std::string group = AddressGroup(address);
  std::lock_guard lock(mutex_);
  size_t& taken = taken_[group];
  if (taken >= places_max_) return std::nullopt;
  ++taken;
  return Place(this, std::move(group));
}

void AddressPlaces::Release(const std::string& group) {
  std::lock_guard lock(mutex_);
  const auto taken = taken_.find(group);
  DAILYFEED_CHECK(taken != taken_.end());
  if (--taken->second == 0) taken_.erase(taken);
}

size_t AddressPlaces::size() const {
  std::lock_guard lock(mutex_);
  return taken_.size();
}

}  // namespace dailyfeed::http
