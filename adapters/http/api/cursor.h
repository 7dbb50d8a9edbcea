// Cursors: where a list continues, in a text that only we can write.
//
//   CursorCodec codec(identity.DerivedKey("cursors"));
//   std::string next = codec.Encode({"timeline/followings", 0, viewer}, {page + 1, *slice.next});
//   auto place = codec.Decode({"timeline/followings", 0, viewer}, *cursor);   // kInvalidCursor
//
// Bytes: version (1), page, order (zigzag) and id as varints, then the first
// 16 bytes of an HMAC-SHA256 over the list and those; base64url without
// padding, at most 76 characters. Ranked lists have version 2, with `then`
// (zigzag) behind the id. The list is part of the MAC and not of the
// text: a cursor of another list, of other ids or of another caller does not
// verify. The key is the same after a restart, so cursors survive it.
//
// Threads: from any.
#ifndef DAILYFEED_ADAPTERS_HTTP_API_CURSOR_H_
#define DAILYFEED_ADAPTERS_HTTP_API_CURSOR_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "adapters/crypto/hmac_sha256.h"
#include "core/domain/types.h"
#include "projections/codec/list_key.h"

namespace dailyfeed::http {

// Which list: its name, the id in its path (0: none) and the caller.
struct ListIdentity {
  std::string_view name;
  uint64_t id = 0;
  MemberId caller = 0;
};

struct ListPlace {
  uint64_t page = 0;  // of the rows behind `after`
  ListKey after;
};

class CursorCodec {
 public:
  static constexpr size_t kTextBytesMax = 76;

  explicit CursorCodec(std::string_view key) : mac_(key) {}

  std::string Encode(const ListIdentity& list, const ListPlace& place) const;
  absl::StatusOr<ListPlace> Decode(const ListIdentity& list, std::string_view cursor) const;

 private:
  std::string_view Tag(const ListIdentity& list, std::string_view place, Sha256Digest* mac) const;

  HmacSha256 mac_;
};

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_API_CURSOR_H_
