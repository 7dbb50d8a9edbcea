// Keeps one address from taking all of something that is for everybody: each
// has so many places.
//
//   PlacesPerAddress places(32);
//   std::optional<PlacesPerAddress::Place> place = places.Take("192.0.2.7");
//   if (!place) return TooMuch();
//   ... until `place` goes ...
//
// Addresses are counted as AddressGroup (addresses.h) says; one that is
// empty is not known and has no limit. Memory: one row for each address that
// has a place.
//
// Threads: everything from any thread; a place must go before the places do.
#ifndef DAILYFEED_ADAPTERS_HTTP_GUARD_PLACES_PER_ADDRESS_H_
#define DAILYFEED_ADAPTERS_HTTP_GUARD_PLACES_PER_ADDRESS_H_

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace dailyfeed::http {

class PlacesPerAddress {
 public:
  // `places_max` of each address; 0: no limit.
  explicit PlacesPerAddress(size_t places_max);
  PlacesPerAddress(const PlacesPerAddress&) = delete;
  PlacesPerAddress& operator=(const PlacesPerAddress&) = delete;

  class Place {
   public:
    Place(Place&& other) noexcept;
    Place& operator=(Place&&) = delete;
    ~Place();

   private:
    friend class PlacesPerAddress;
    Place(PlacesPerAddress* places, std::string group);

    PlacesPerAddress* places_;  // null: it takes none
    std::string group_;
  };
  // nullopt: the address has as many as it may.
  std::optional<Place> Take(std::string_view address);

  // Addresses that have a place.
  size_t size() const;

 private:
  void Release(const std::string& group);

  const size_t places_max_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, size_t> taken_;
};

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_GUARD_PLACES_PER_ADDRESS_H_
