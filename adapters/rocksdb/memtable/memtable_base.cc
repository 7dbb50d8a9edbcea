#include "adapters/rocksdb/memtable/memtable_base.h"

#include <iterator>
#include <string>
#include <string_view>

#include "adapters/rocksdb/database/bytes.h"
#include "core/base/check.h"

namespace dailyfeed {

void CheckColumnFamily(const rocksdb::MemTableRep::KeyComparator& compare,
                       const rocksdb::SliceTransform* prefix_extractor) {
  DAILYFEED_CHECK(prefix_extractor == nullptr);
  constexpr uint64_t kPut = 1;  // a type, in the lowest byte of the packed number
  const auto entry = [](std::string_view user_key, uint64_t sequence) {
    std::string bytes(1, static_cast<char>(user_key.size() + sizeof(uint64_t)));
    bytes += user_key;
    AppendLittle(sequence << 8 | kPut, &bytes);
    return bytes;
  };
  const std::string in_order[] = {entry("a", 2),  entry("a", 1), entry({"a\0", 2}, 1),
                                  entry("ab", 1), entry("b", 9), entry("\xff", 1)};
  for (size_t i = 1; i < std::size(in_order); ++i) {
    DAILYFEED_CHECK(compare(in_order[i - 1].c_str(), in_order[i].c_str()) < 0);
  }
}

}  // namespace dailyfeed
