// How much bytes of a stranger inflate to (zlib), counted without keeping what
// comes out. Internal.
//
//   Inflation inflation(4096);
//   inflation.Add(first); inflation.Add(second);
//   if (inflation.state() == Inflation::State::kTooMuch) ...
//
// Whatever the bytes are, it takes about 100 KiB and stops within a buffer of
// the limit.
//
// Threads: one at a time.
#ifndef DAILYFEED_ADAPTERS_IMAGES_FORMATS_INFLATION_H_
#define DAILYFEED_ADAPTERS_IMAGES_FORMATS_INFLATION_H_

#include <cstdint>
#include <memory>
#include <string_view>

namespace dailyfeed {

class Inflation {
 public:
  enum class State {
    kMore,  // within the limit so far
    kEnd,   // the stream is over, within the limit
    kTooMuch,
    kDamaged,
  };

  explicit Inflation(uint64_t bytes_max);
  ~Inflation();
  Inflation(const Inflation&) = delete;
  Inflation& operator=(const Inflation&) = delete;

  // The next bytes of the stream, at most 4 GiB. Nothing happens in any state but kMore.
  void Add(std::string_view compressed);

  State state() const { return state_; }
  uint64_t bytes() const { return bytes_; }  // that came out

 private:
  struct Stream;

  const uint64_t bytes_max_;
  const std::unique_ptr<Stream> stream_;
  State state_ = State::kMore;
  uint64_t bytes_ = 0;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_IMAGES_FORMATS_INFLATION_H_
