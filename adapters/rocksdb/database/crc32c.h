// CRC-32C (Castagnoli), the checksum of every record this project writes
// itself. Uses the processor's instruction where there is one.
//
//   uint32_t crc = Crc32c(Crc32c(0, key), value);   // of key and value together
#ifndef DAILYFEED_ADAPTERS_ROCKSDB_DATABASE_CRC32C_H_
#define DAILYFEED_ADAPTERS_ROCKSDB_DATABASE_CRC32C_H_

#include <cstdint>
#include <string_view>

namespace dailyfeed {

// Extends `crc` (0 at the start) by `bytes`.
uint32_t Crc32c(uint32_t crc, std::string_view bytes);

// What is stored: a checksum of bytes that hold checksums themselves would be
// weak, so a stored one is rotated and shifted by a constant, as in LevelDB.
inline uint32_t MaskCrc(uint32_t crc) { return ((crc >> 15) | (crc << 17)) + 0xa282ead8u; }

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_ROCKSDB_DATABASE_CRC32C_H_
