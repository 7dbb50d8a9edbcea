#include "adapters/http/api/cursor.h"

#include <optional>

#include "adapters/crypto/base64url.h"
#include "core/base/check.h"
#include "core/domain/errors.h"

namespace dailyfeed::http {
namespace {

constexpr char kVersion = 1;
constexpr char kVersionWithThen = 2;
constexpr size_t kTagBytes = 16;
constexpr size_t kVarintBytesMax = 10;
constexpr size_t kPlaceBytesMax = 1 + 4 * kVarintBytesMax;
constexpr size_t kBytesMax = kPlaceBytesMax + kTagBytes;

void AppendVarint(uint64_t value, std::string* out) {
  while (value >= 0x80) {
    out->push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out->push_back(static_cast<char>(value));
}

std::optional<uint64_t> TakeVarint(std::string_view* rest) {
  uint64_t value = 0;
  for (int shift = 0; shift < 64 && !rest->empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(rest->front());
    rest->remove_prefix(1);
    value |= static_cast<uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return value;
  }
  return std::nullopt;
}

uint64_t ZigZag(int64_t value) {
  return (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
}
int64_t UnZigZag(uint64_t value) { return static_cast<int64_t>((value >> 1) ^ (~(value & 1) + 1)); }

// In constant time.
bool SameTag(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned char difference = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    difference = static_cast<unsigned char>(difference | (a[i] ^ b[i]));
  }
  return difference == 0;
}

}  // namespace

std::string_view CursorCodec::Tag(const ListIdentity& list, std::string_view place,
                                  Sha256Digest* mac) const {
  std::string message;
  message.reserve(list.name.size() + 3 * kVarintBytesMax + place.size());
  AppendVarint(list.name.size(), &message);
  message.append(list.name);
  AppendVarint(list.id, &message);
  AppendVarint(list.caller, &message);
  message.append(place);
  *mac = mac_.Sign(message);
  return {mac->data(), kTagBytes};
}

std::string CursorCodec::Encode(const ListIdentity& list, const ListPlace& place) const {
  std::string bytes;
  bytes.reserve(kBytesMax);
  bytes.push_back(place.after.then == 0 ? kVersion : kVersionWithThen);
  AppendVarint(place.page, &bytes);
  AppendVarint(ZigZag(place.after.order), &bytes);
  AppendVarint(place.after.id, &bytes);
  if (place.after.then != 0) AppendVarint(ZigZag(place.after.then), &bytes);
  Sha256Digest mac;
  bytes.append(Tag(list, bytes, &mac));
  std::string text = Base64UrlEncode(bytes);
  DAILYFEED_CHECK(text.size() <= kTextBytesMax);
  return text;
}

absl::StatusOr<ListPlace> CursorCodec::Decode(const ListIdentity& list,
                                              std::string_view cursor) const {
  const absl::Status invalid = MakeError(ErrorCode::kInvalidCursor);
  char buffer[kBytesMax];
  const std::optional<size_t> size = Base64UrlDecode(cursor, buffer, sizeof(buffer));
  if (!size || *size <= kTagBytes) return invalid;
  const std::string_view place(buffer, *size - kTagBytes);
  const std::string_view tag(buffer + place.size(), kTagBytes);
  Sha256Digest mac;
  if (!SameTag(Tag(list, place, &mac), tag)) return invalid;
  std::string_view rest = place;
  const bool with_then = rest.front() == kVersionWithThen;
  if (rest.front() != kVersion && !with_then) return invalid;
  rest.remove_prefix(1);
  const std::optional<uint64_t> page = TakeVarint(&rest);
  const std::optional<uint64_t> order = TakeVarint(&rest);
  const std::optional<uint64_t> id = TakeVarint(&rest);
  const std::optional<uint64_t> then = with_then ? TakeVarint(&rest) : 0;
  if (!page || !order || !id || !then || !rest.empty()) return invalid;
  return ListPlace{.page = *page,
                   .after = {.order = UnZigZag(*order), .id = *id, .then = UnZigZag(*then)}};
}

}  // namespace dailyfeed::http
