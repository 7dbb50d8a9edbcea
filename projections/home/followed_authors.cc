#include "projections/home/followed_authors.h"

#include <string>
#include <utility>

#include "core/base/status_macros.h"
#include "projections/cache/heap_bytes.h"
#include "projections/codec/row_codec.h"
#include "projections/follows/follow_rows.h"

namespace dailyfeed {

size_t FollowedAuthors::Entry::Bytes() const {
  return SharedBytes<std::vector<MemberId>>() + HeapBytes(*ids);
}

absl::StatusOr<FollowedAuthorsPtr> FollowedAuthors::Load(const ReadView& view, MemberId member) {
  FollowedAuthorsPtr ids;
  RETURN_IF_ERROR(LoadOneThrough(
      cache_, MomentOf(view, follows_), member, [&ids](const Entry& entry) { ids = entry.ids; },
      [&]() -> absl::StatusOr<Entry> {
        std::vector<MemberId> read;
        const std::string prefix = follows::ListPrefix(follows::List::kFollowings, member);
        const auto rows =
            view.rows(follows_).NewIterator({.lower = prefix, .upper = PrefixEnd(prefix)});
        for (; rows->Valid(); rows->Next()) {
          ASSIGN_OR_RETURN(const ListKey row, follows::DecodeRelationKey(rows->key()));
          read.push_back(row.id);
        }
        RETURN_IF_ERROR(rows->status());
        read.shrink_to_fit();
        return Entry{std::make_shared<const std::vector<MemberId>>(std::move(read))};
      }));
  return ids;
}

void FollowedAuthors::OnEvent(const v1::Event& event) {
  const v1::Payload& payload = event.payload();
  if (payload.has_member_followed()) {
    cache_.Erase(payload.member_followed().follower_id(), event.position());
  } else if (payload.has_member_unfollowed()) {
    cache_.Erase(payload.member_unfollowed().follower_id(), event.position());
  }
}

}  // namespace dailyfeed
