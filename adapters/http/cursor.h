// Cursors: where a list continues, as an opaque, URL-safe text that belongs to
// one list and one caller and cannot be made or altered by a client.
//
//   CursorCodec codec(identity.DerivedKey("cursors"));
//   std::string text = codec.Encode({.page = 1, .after = key}, "/api/timeline/posts", caller);
//   codec.Decode(text, "/api/timeline/posts", caller);   // the same; nullopt for any other list
//
// Bytes, before base64url: 01 (format), page as 8, order as 8, id as 8 bytes
// big-endian, then the first 16 bytes of HMAC-SHA256 over those, the caller and
// the path. Survives restarts because the key does.
//
// Immutable. Threads: from any.
#ifndef DAILYFEED_ADAPTERS_HTTP_CURSOR_H_
#define DAILYFEED_ADAPTERS_HTTP_CURSOR_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/identity/hmac_sha256.h"
#include "core/domain/types.h"
#include "projections/queries/views.h"

namespace dailyfeed::http {

struct Cursor {
  uint64_t page = 0;  // of the answer it leads to
  ListKey after;
};

class CursorCodec {
 public:
  explicit CursorCodec(std::string_view key) : hmac_(key) {}

  // `list` is the path of the list without a trailing slash.
  std::string Encode(const Cursor& cursor, std::string_view list, MemberId caller) const;
  std::optional<Cursor> Decode(std::string_view text, std::string_view list, MemberId caller) const;

 private:
  std::string Tag(std::string_view fields, std::string_view list, MemberId caller) const;
  HmacSha256 hmac_;
};

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_CURSOR_H_
