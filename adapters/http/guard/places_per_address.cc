#include "adapters/http/guard/places_per_address.h"

#include <utility>

#include "adapters/http/guard/addresses.h"
#include "core/base/check.h"

namespace dailyfeed::http {

PlacesPerAddress::Place::Place(PlacesPerAddress* places, std::string group)
    : places_(places), group_(std::move(group)) {}

PlacesPerAddress::Place::Place(Place&& other) noexcept
    : places_(std::exchange(other.places_, nullptr)), group_(std::move(other.group_)) {}

PlacesPerAddress::Place::~Place() {
  if (places_ != nullptr) places_->Release(group_);
}

PlacesPerAddress::PlacesPerAddress(size_t places_max) : places_max_(places_max) {}

std::optional<PlacesPerAddress::Place> PlacesPerAddress::Take(std::string_view address) {
  if (places_max_ == 0 || address.empty()) return Place(nullptr, {});
  std::string group = AddressGroup(address);
  std::lock_guard lock(mutex_);
  size_t& taken = taken_[group];
  if (taken >= places_max_) return std::nullopt;
  ++taken;
  return Place(this, std::move(group));
}

void PlacesPerAddress::Release(const std::string& group) {
  std::lock_guard lock(mutex_);
  const auto taken = taken_.find(group);
  DAILYFEED_CHECK(taken != taken_.end());
  if (--taken->second == 0) taken_.erase(taken);
}

size_t PlacesPerAddress::size() const {
  std::lock_guard lock(mutex_);
  return taken_.size();
}

}  // namespace dailyfeed::http
