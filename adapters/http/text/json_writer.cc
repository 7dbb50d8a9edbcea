#include "adapters/http/text/json_writer.h"

#include <algorithm>
#include <charconv>

#include "core/base/text.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace dailyfeed::http {
namespace {

constexpr size_t kBlock = 16;                              // bytes looked at in one step
constexpr size_t kNumberBytesMax = 21;                     // a comma and the digits of 2^64-1
constexpr size_t kEscapeBytesMax = 6;                      // \u001f
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

bool NeedsEscape(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

char* WriteEscape(char* out, char c) {
  constexpr char kHex[] = "0123456789abcdef";
  *out++ = '\\';
  switch (c) {
    case '"':
    case '\\':
      *out++ = c;
      return out;
    case '\b':
      *out++ = 'b';
      return out;
    case '\f':
      *out++ = 'f';
      return out;
    case '\n':
      *out++ = 'n';
      return out;
    case '\r':
      *out++ = 'r';
      return out;
    case '\t':
      *out++ = 't';
      return out;
    default:
      *out++ = 'u';
      *out++ = '0';
      *out++ = '0';
      *out++ = kHex[(c >> 4) & 0xF];
      *out++ = kHex[c & 0xF];
      return out;
  }
}

// Copies one block to `out` and returns how many of its bytes need no escape.
size_t CopyCleanBlock(const char* in, char* out) {
#ifdef __SSE2__
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(in));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out), bytes);
  const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes);
  const __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
  const __m128i backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
  const int mask = _mm_movemask_epi8(_mm_or_si128(control, _mm_or_si128(quote, backslash)));
  return mask == 0 ? kBlock : static_cast<size_t>(__builtin_ctz(static_cast<unsigned>(mask)));
#else
  std::memcpy(out, in, kBlock);
  size_t clean = 0;
  while (clean < kBlock && !NeedsEscape(in[clean])) ++clean;
  return clean;
#endif
}

}  // namespace

JsonWriter::JsonWriter(size_t expected_bytes) : buffer_(expected_bytes, '\0') {}

void JsonWriter::Grow(size_t bytes) {
  buffer_.resize(std::max(buffer_.size() * 2, end_ + bytes + kBlock));
}

void JsonWriter::DynamicKey(std::string_view name) {
  char* out = Comma(Reserve(1));
  end_ = static_cast<size_t>(out - buffer_.data());
  Escape(name);
  Put(':');
}

void JsonWriter::Null() { Raw("null"); }

void JsonWriter::Bool(bool value) { Raw(value ? "true" : "false"); }

void JsonWriter::Int(int64_t value) {
  char* out = Comma(Reserve(kNumberBytesMax));
  out = std::to_chars(out, out + kNumberBytesMax - 1, value).ptr;
  end_ = static_cast<size_t>(out - buffer_.data());
}

void JsonWriter::UInt(uint64_t value) {
  char* out = Comma(Reserve(kNumberBytesMax));
  out = std::to_chars(out, out + kNumberBytesMax - 1, value).ptr;
  end_ = static_cast<size_t>(out - buffer_.data());
}

void JsonWriter::Raw(std::string_view json) {
  char* out = Comma(Reserve(json.size() + 1));
  std::memcpy(out, json.data(), json.size());
  end_ = static_cast<size_t>(out - buffer_.data()) + json.size();
}

void JsonWriter::String(std::string_view utf8) {
  char* out = Comma(Reserve(1));
  end_ = static_cast<size_t>(out - buffer_.data());
  Escape(utf8);
}

void JsonWriter::UntrustedString(std::string_view bytes) {
  if (IsValidUtf8(bytes)) return String(bytes);
  std::string repaired;
  while (!bytes.empty()) {
    const std::string_view before = bytes;
    const bool malformed = NextCodePoint(&bytes) == kMalformed;
    repaired.append(malformed ? kReplacement : before.substr(0, before.size() - bytes.size()));
  }
  String(repaired);
}

// Room for the text as it is plus one escape and one block is kept ahead of the
// cursor, so that whole blocks can be stored without looking at the end.
void JsonWriter::Escape(std::string_view text) {
  const char* in = text.data();
  const char* const last = in + text.size();
  char* out = Reserve(text.size() + kEscapeBytesMax + kBlock + 2);
  *out++ = '"';
  while (true) {
    while (static_cast<size_t>(last - in) >= kBlock) {
      const size_t clean = CopyCleanBlock(in, out);
      in += clean;
      out += clean;
      if (clean < kBlock) break;
    }
    while (in != last && static_cast<size_t>(last - in) < kBlock && !NeedsEscape(*in)) {
      *out++ = *in++;
    }
    if (in == last) break;
    if (!NeedsEscape(*in)) continue;
    out = WriteEscape(out, *in++);
    end_ = static_cast<size_t>(out - buffer_.data());
    out = Reserve(static_cast<size_t>(last - in) + kEscapeBytesMax + kBlock + 2);
  }
  *out++ = '"';
  end_ = static_cast<size_t>(out - buffer_.data());
}

std::string JsonWriter::Take() {
  buffer_.resize(end_);
  end_ = 0;
  std::string taken;
  taken.swap(buffer_);
  return taken;
}

}  // namespace dailyfeed::http
