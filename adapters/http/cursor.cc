#include "adapters/http/cursor.h"

#include "adapters/identity/base64url.h"

namespace dailyfeed::http {
namespace {

constexpr char kFormat = 1;
constexpr size_t kFieldBytes = 1 + 3 * 8;
constexpr size_t kTagBytes = 16;

void AppendBig(uint64_t number, std::string* out) {
  for (int shift = 56; shift >= 0; shift -= 8) out->push_back(static_cast<char>(number >> shift));
}

uint64_t ReadBig(const char* bytes) {
  uint64_t number = 0;
  for (int i = 0; i < 8; ++i) number = number << 8 | static_cast<unsigned char>(bytes[i]);
  return number;
}

}  // namespace

std::string CursorCodec::Tag(std::string_view fields, std::string_view list,
                             MemberId caller) const {
  std::string message(fields);
  AppendBig(caller, &message);
  message.append(list);
  const Sha256Digest digest = hmac_.Sign(message);
  return std::string(digest.data(), kTagBytes);
}

std::string CursorCodec::Encode(const Cursor& cursor, std::string_view list,
                                MemberId caller) const {
  std::string bytes(1, kFormat);
  AppendBig(cursor.page, &bytes);
  AppendBig(static_cast<uint64_t>(cursor.after.order), &bytes);
  AppendBig(cursor.after.id, &bytes);
  bytes += Tag(bytes, list, caller);
  return Base64UrlEncode(bytes);
}

std::optional<Cursor> CursorCodec::Decode(std::string_view text, std::string_view list,
                                          MemberId caller) const {
  char bytes[kFieldBytes + kTagBytes];
  const std::optional<size_t> size = Base64UrlDecode(text, bytes, sizeof(bytes));
  if (!size || *size != sizeof(bytes) || bytes[0] != kFormat) return std::nullopt;
  const std::string tag = Tag({bytes, kFieldBytes}, list, caller);
  // In constant time: how much of a guessed tag is right must not show.
  unsigned char difference = 0;
  for (size_t i = 0; i < kTagBytes; ++i) {
    difference |= static_cast<unsigned char>(tag[i] ^ bytes[kFieldBytes + i]);
  }
  if (difference != 0) return std::nullopt;
  return Cursor{
      .page = ReadBig(bytes + 1),
      .after = {.order = static_cast<int64_t>(ReadBig(bytes + 9)), .id = ReadBig(bytes + 17)}};
}

}  // namespace dailyfeed::http
