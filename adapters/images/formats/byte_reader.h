// Numbers out of untrusted bytes, without ever reading beyond them. Internal.
//
//   ByteReader reader(file);
//   reader.Skip(16);
//   const uint32_t width = reader.BigEndian(4);
//   if (!reader.ok()) ...   // something was missing; what was read then is 0
#ifndef DAILYFEED_ADAPTERS_IMAGES_FORMATS_BYTE_READER_H_
#define DAILYFEED_ADAPTERS_IMAGES_FORMATS_BYTE_READER_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace dailyfeed {

class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  bool ok() const { return ok_; }
  std::string_view rest() const { return rest_; }

  // Of `bytes` bytes, 1 to 4.
  uint32_t LittleEndian(size_t bytes) {
    uint32_t number = 0;
    const std::string_view text = Take(bytes);
    for (size_t i = text.size(); i > 0; --i) number = number << 8 | Byte(text[i - 1]);
    return number;
  }
  uint32_t BigEndian(size_t bytes) {
    uint32_t number = 0;
    for (const char c : Take(bytes)) number = number << 8 | Byte(c);
    return number;
  }
  // Empty when there are fewer.
  std::string_view Take(size_t bytes) {
    if (bytes > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const std::string_view taken = rest_.substr(0, bytes);
    rest_.remove_prefix(bytes);
    return taken;
  }
  void Skip(size_t bytes) { Take(bytes); }

 private:
  static uint8_t Byte(char c) { return static_cast<uint8_t>(c); }

  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_IMAGES_FORMATS_BYTE_READER_H_
