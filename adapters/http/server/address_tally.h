// How much each address holds of something that all clients share: connections,
// bytes of bodies. Internal to the server.
//
//   AddressTally tally;
//   if (!tally.Add("192.0.2.7", 1, 1000)) return TooMany();   // one more of at most 1000
//   tally.Subtract("192.0.2.7", 1, 1000);
//
// Memory: one row for each address that holds something.
//
// Threads: everything from any thread.
#ifndef DAILYFEED_ADAPTERS_HTTP_SERVER_ADDRESS_TALLY_H_
#define DAILYFEED_ADAPTERS_HTTP_SERVER_ADDRESS_TALLY_H_

#include <cstddef>
#include <mutex>
#include <string>
#include <unordered_map>

namespace dailyfeed::http {

class AddressTally {
 public:
  // False, and nothing is added: `group` would hold more than `most`. An empty
  // group is not counted, and `most` 0 is no limit.
  bool Add(const std::string& group, size_t amount, size_t most) {
    if (group.empty() || most == 0 || amount == 0) return true;
    std::lock_guard lock(mutex_);
    const auto held = held_.try_emplace(group, 0).first;
    if (held->second + amount <= most) {
      held->second += amount;
      return true;
    }
    if (held->second == 0) held_.erase(held);
    return false;
  }

  // What Add has added; the same `most`.
  void Subtract(const std::string& group, size_t amount, size_t most) {
    if (group.empty() || most == 0 || amount == 0) return;
    std::lock_guard lock(mutex_);
    const auto held = held_.find(group);
    if ((held->second -= amount) == 0) held_.erase(held);
  }

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, size_t> held_;
};

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_SERVER_ADDRESS_TALLY_H_
