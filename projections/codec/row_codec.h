// The bytes of the read models: keys whose order is the order of a list, and
// compact rows.
//
// Keys are fixed-width and big-endian, so that the store's byte order is the
// order of the numbers; the descending forms are their complement. Rows are
// varints (LEB128), zigzag varints and length-prefixed texts, one after the
// other without tags: the projection's version says which layout they have.
//
//   std::string key = Key('a').Id(author).TimeDescending(created).IdDescending(post).Take();
//   std::string row = RowWriter().Varint(likes).Text(title).Take();
//
//   RowReader reader(row);
//   likes = reader.Varint();
//   title = reader.Text();
//   RETURN_IF_ERROR(reader.Finish("post counts"));  // DATA_LOSS unless it fits exactly
//
// Readers are total: damaged bytes give DATA_LOSS and never undefined
// behaviour.
#ifndef DAILYFEED_PROJECTIONS_CODEC_ROW_CODEC_H_
#define DAILYFEED_PROJECTIONS_CODEC_ROW_CODEC_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"

namespace dailyfeed {

// Builds a key. The tag keeps the kinds of rows of one projection apart.
class Key {
 public:
  explicit Key(char tag) { bytes_.push_back(tag); }
  Key& Id(uint64_t id) { return Fixed(id); }
  Key& IdDescending(uint64_t id) { return Fixed(~id); }
  // Signed, so times before 1970 come first.
  Key& Time(int64_t time) { return Fixed(Ordered(time)); }
  Key& TimeDescending(int64_t time) { return Fixed(~Ordered(time)); }
  // Only as the last part: it has no end mark.
  Key& Text(std::string_view text) {
    bytes_.append(text);
    return *this;
  }
  const std::string& bytes() const { return bytes_; }
  std::string Take() { return std::move(bytes_); }

  static constexpr size_t kPartBytes = 8;  // of Id and Time, either direction

 private:
  static uint64_t Ordered(int64_t time) {
    return static_cast<uint64_t>(time) ^ (uint64_t{1} << 63);
  }
  Key& Fixed(uint64_t value) {
    char part[kPartBytes];
    for (size_t i = 0; i < kPartBytes; ++i) {
      part[i] = static_cast<char>(value >> (8 * (kPartBytes - 1 - i)));
    }
    bytes_.append(part, kPartBytes);
    return *this;
  }
  std::string bytes_;
};

// Takes a key apart, in the order it was built. A key that is too short makes
// every later part 0 and Finish fail.
class KeyReader {
 public:
  // Skips the tag.
  explicit KeyReader(std::string_view key);
  uint64_t Id() { return Fixed(); }
  uint64_t IdDescending() { return ~Fixed(); }
  int64_t Time() { return FromOrdered(Fixed()); }
  int64_t TimeDescending() { return FromOrdered(~Fixed()); }
  // DATA_LOSS, naming `what`, unless the key ended exactly here.
  absl::Status Finish(std::string_view what) const;

 private:
  static int64_t FromOrdered(uint64_t value) {
    return static_cast<int64_t>(value ^ (uint64_t{1} << 63));
  }
  uint64_t Fixed();
  std::string_view rest_;
  bool failed_ = false;
};

// The first key behind every key that starts with `prefix`; empty when there
// is none (the prefix is all 0xff).
std::string PrefixEnd(std::string_view prefix);

// Differences of times, total for damaged rows: around the ends they wrap.
inline int64_t AddWrapping(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}
inline int64_t SubtractWrapping(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
}

class RowWriter {
 public:
  RowWriter& Varint(uint64_t value);
  RowWriter& Signed(int64_t value) {
    return Varint((static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63));
  }
  RowWriter& Text(std::string_view text);
  std::string Take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

// After the first damage every read gives 0 or an empty text, and Finish fails.
class RowReader {
 public:
  // `row` must outlive the reader and the texts it gave.
  explicit RowReader(std::string_view row) : rest_(row) {}
  uint64_t Varint();
  int64_t Signed() {
    const uint64_t value = Varint();
    return static_cast<int64_t>((value >> 1) ^ (~(value & 1) + 1));
  }
  std::string_view Text();
  // How much is left: a bound for counts of parts that follow.
  size_t remaining() const { return rest_.size(); }
  // DATA_LOSS, naming `what`, unless the row ended exactly here.
  absl::Status Finish(std::string_view what) const;

 private:
  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_CODEC_ROW_CODEC_H_
