// Fixed-width numbers in bytes: big-endian in keys, so that they sort as the
// numbers do, little-endian in values.
#ifndef DAILYFEED_ADAPTERS_ROCKSDB_DATABASE_BYTES_H_
#define DAILYFEED_ADAPTERS_ROCKSDB_DATABASE_BYTES_H_

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace dailyfeed {

static_assert(std::endian::native == std::endian::little, "the codecs below assume it");

template <typename T>
inline void StoreLittle(T number, char* out) {
  std::memcpy(out, &number, sizeof(number));
}
inline void StoreBig(uint32_t number, char* out) { StoreLittle(__builtin_bswap32(number), out); }
inline void StoreBig(uint64_t number, char* out) { StoreLittle(__builtin_bswap64(number), out); }

template <typename T>
inline T LoadLittle(const char* in) {
  T number;
  std::memcpy(&number, in, sizeof(number));
  return number;
}
inline uint32_t LoadBig32(const char* in) { return __builtin_bswap32(LoadLittle<uint32_t>(in)); }
inline uint64_t LoadBig64(const char* in) { return __builtin_bswap64(LoadLittle<uint64_t>(in)); }

template <typename T>
inline void AppendLittle(T number, std::string* out) {
  out->append(reinterpret_cast<const char*>(&number), sizeof(number));
}

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_ROCKSDB_DATABASE_BYTES_H_
