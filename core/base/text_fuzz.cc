// The text functions against a decoder written from the definition of UTF-8.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/check.h"
#include "core/base/text.h"

namespace dailyfeed {
namespace {

// Decodes by arithmetic and range checks afterwards, not by table 3-7. False
// when any part is malformed.
bool Decode(std::string_view text, std::vector<uint32_t>* code_points) {
  constexpr uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  for (size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i]);
    size_t length = 1;
    uint32_t code_point = first;
    if (first >= 0xF8 || (first >= 0x80 && first < 0xC0)) return false;
    if (first >= 0xC0) {
      length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
      code_point = first & ((1u << (7 - length)) - 1);
      if (text.size() - i < length) return false;
      for (size_t k = 1; k < length; ++k) {
        const auto next = static_cast<unsigned char>(text[i + k]);
        if (next / 64 != 2) return false;
        code_point = code_point * 64 + next % 64;
      }
    }
    if (code_point < kSmallest[length] || code_point > 0x10FFFF) return false;
    if (code_point / 0x800 == 0x1B) return false;
    code_points->push_back(code_point);
    i += length;
  }
  return true;
}

void Run(std::string_view text) {
  std::vector<uint32_t> code_points;
  const bool valid = Decode(text, &code_points);
  DAILYFEED_CHECK(IsValidUtf8(text) == valid);
  DAILYFEED_CHECK(Utf16Length(text) <= text.size());
  DAILYFEED_CHECK(AsciiLower(text).size() == text.size());
  DAILYFEED_CHECK(AsciiLower(AsciiLower(text)) == AsciiLower(text));
  if (!valid) {
    DAILYFEED_CHECK(!IsStorableText(text));
    DAILYFEED_CHECK(!IsBlank(text));
    return;
  }
  size_t units = 0;
  bool blank = true;
  bool white = false;
  bool nul = false;
  std::string_view rest = text;
  for (const uint32_t code_point : code_points) {
    DAILYFEED_CHECK(NextCodePoint(&rest) == code_point);
    units += code_point > 0xFFFF ? 2 : 1;
    blank &= IsWhiteSpace(code_point);
    white |= IsWhiteSpace(code_point);
    nul |= code_point == 0;
  }
  DAILYFEED_CHECK(rest.empty());
  DAILYFEED_CHECK(Utf16Length(text) == units);
  DAILYFEED_CHECK(IsBlank(text) == blank);
  DAILYFEED_CHECK(ContainsWhiteSpace(text) == white);
  DAILYFEED_CHECK(IsStorableText(text) == !nul);
}

}  // namespace
}  // namespace dailyfeed

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  dailyfeed::Run({reinterpret_cast<const char*>(data), size});
  return 0;
}
