// A digest of a set of rows, whatever their order: 128 bits for each row, added up.
//
//   RowSum sum;
//   sum.Add("b41", "hello");
//   sum.Add("b42", "bye");
//   fmt::print("{} rows, {}\n", sum.rows, sum.Hex());
//
// The same on every machine. Two sets that differ have the same sum about never, by
// accident; it is made for damage and not for malice. Threads: a value.
#ifndef DAILYFEED_PROJECTIONS_VERIFY_ROW_SUM_H_
#define DAILYFEED_PROJECTIONS_VERIFY_ROW_SUM_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace dailyfeed {

struct RowHash {
  uint64_t low = 0;
  uint64_t high = 0;
};
RowHash HashOfRow(std::string_view key, std::string_view content);

struct RowSum {
  uint64_t rows = 0;
  uint64_t low = 0;
  uint64_t high = 0;

  void Add(const RowHash& hash) {
    ++rows;
    low += hash.low;
    high += hash.high;
  }
  void Add(std::string_view key, std::string_view content) { Add(HashOfRow(key, content)); }
  void Add(const RowSum& other) {
    rows += other.rows;
    low += other.low;
    high += other.high;
  }
  // 32 digits.
  std::string Hex() const;
  friend bool operator==(const RowSum&, const RowSum&) = default;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_VERIFY_ROW_SUM_H_
