#include "projections/activities/activity_digest.h"

#include "fmt/format.h"

namespace dailyfeed {
namespace {

constexpr uint64_t kFnvOffset = 0xcbf29ce484222325;
constexpr uint64_t kFnvPrime = 0x100000001b3;
constexpr uint64_t kLowSeed = 0x9e3779b97f4a7c15;
constexpr uint64_t kHighSeed = 0xd1b54a32d192ed03;

uint64_t Fnv(uint64_t hash, std::string_view bytes) {
  for (const char c : bytes) hash = (hash ^ static_cast<uint8_t>(c)) * kFnvPrime;
  return hash;
}

// Every bit of the input changes half of the output (splitmix64).
uint64_t Mixed(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

}  // namespace

void ActivityDigest::Add(std::string_view key, std::string_view value) {
  // Keys are of fixed width: the parts cannot be cut elsewhere.
  ++rows_;
  low_ += Mixed(Fnv(Fnv(kFnvOffset ^ kLowSeed, key), value));
  high_ += Mixed(Fnv(Fnv(kFnvOffset ^ kHighSeed, key), value));
}

std::string ActivityDigest::Line() const {
  return fmt::format("{} activities, digest {:016x}{:016x}", rows_, high_, low_);
}

}  // namespace dailyfeed
