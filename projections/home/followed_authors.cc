#include "projections/home/followed_authors.h"

#include <string>

#include "core/base/status_macros.h"
#include "projections/cache/heap_bytes.h"
#include "projections/codec/row_codec.h"
#include "projections/follows/follow_rows.h"

namespace dailyfeed {

size_t FollowedAuthors::Entry::Bytes() const {
  return SharedBytes<std::vector<MemberId>>() + HeapBytes(*ids);
}

absl::StatusOr<FollowedAuthorsPtr> FollowedAuthors::Load(MemberId member) {
  FollowedAuthorsPtr ids;
  Cache<Entry>::Ticket ticket;
  if (cache_.Find(member, &ticket, [&ids](const Entry& entry) { ids = entry.ids; })) return ids;
  std::vector<MemberId> read;
  const std::string prefix = follows::ListPrefix(follows::List::kFollowings, member);
  auto rows = reader_->NewIterator({.lower = prefix, .upper = PrefixEnd(prefix)});
  for (; rows->Valid(); rows->Next()) {
    ASSIGN_OR_RETURN(const ListKey row, follows::DecodeRelationKey(rows->key()));
    read.push_back(row.id);
  }
  RETURN_IF_ERROR(rows->status());
  read.shrink_to_fit();
  ids = std::make_shared<const std::vector<MemberId>>(std::move(read));
  cache_.Insert(member, {ids}, ticket);
  return ids;
}

void FollowedAuthors::OnEvent(const v1::Event& event) {
  const v1::Payload& payload = event.payload();
  if (payload.has_member_followed()) {
    cache_.Erase(payload.member_followed().follower_id());
  } else if (payload.has_member_unfollowed()) {
    cache_.Erase(payload.member_unfollowed().follower_id());
  }
}

void FollowedAuthors::OnReset() { cache_.Clear(); }

}  // namespace dailyfeed
