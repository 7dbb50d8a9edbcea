#include "projections/queries/member_cards.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "projections/cache/heap_bytes.h"
#include "projections/members/member_rows.h"

namespace dailyfeed {

size_t MemberCards::Entry::Bytes() const {
  if (card == nullptr) return 0;
  size_t bytes = SharedBytes<MemberCard>();
  for (const std::string* text :
       {&card->handle, &card->member_name, &card->display_name, &card->bio, &card->location,
        &card->website_url, &card->birth_date, &card->gender, &card->timezone, &card->language_code,
        &card->country_code, &card->avatar_url, &card->cover_url, &card->privacy_level}) {
    bytes += HeapBytes(*text);
  }
  return bytes;
}

absl::Status MemberCards::Load(const ReadView& view, std::span<const MemberId> ids,
                               std::span<MemberCardPtr> cards) {
  DAILYFEED_CHECK(ids.size() == cards.size());
  return LoadThrough(
      cache_, MomentOf(view, members_), ids.size(), [&](size_t i) { return ids[i]; },
      [&](size_t i, const Entry& entry) { cards[i] = entry.card; },
      [&](const std::vector<size_t>& misses) -> absl::StatusOr<std::vector<std::optional<Entry>>> {
        std::vector<std::string> keys;
        keys.reserve(misses.size());
        for (const size_t i : misses) keys.push_back(members::CardKey(ids[i]));
        ASSIGN_OR_RETURN(const std::vector<StoreReader::Found> rows,
                         view.rows(members_).MultiGet(keys));
        std::vector<std::optional<Entry>> entries(rows.size());
        for (size_t i = 0; i < rows.size(); ++i) {
          entries[i].emplace();
          if (!rows[i].found) continue;
          ASSIGN_OR_RETURN(MemberCard card, members::DecodeCard(ids[misses[i]], rows[i].value));
          entries[i]->card = std::make_shared<const MemberCard>(std::move(card));
        }
        return entries;
      });
}

absl::StatusOr<std::vector<MemberCardPtr>> MemberCards::LoadAll(const ReadView& view,
                                                                std::span<const ListKey> keys) {
  std::vector<MemberId> ids(keys.size());
  for (size_t i = 0; i < keys.size(); ++i) ids[i] = keys[i].id;
  std::vector<MemberCardPtr> cards(keys.size());
  RETURN_IF_ERROR(Load(view, ids, cards));
  return cards;
}

absl::StatusOr<MemberCardPtr> MemberCards::LoadOne(const ReadView& view, MemberId id) {
  MemberCardPtr card;
  RETURN_IF_ERROR(Load(view, {&id, 1}, {&card, 1}));
  return card;
}

absl::StatusOr<MemberCardPtr> MemberCards::LoadByHandle(const ReadView& view,
                                                        std::string_view handle) {
  std::string row;
  ASSIGN_OR_RETURN(const bool found, view.rows(members_).Get(members::HandleKey(handle), &row));
  if (!found) return MemberCardPtr();
  ASSIGN_OR_RETURN(const MemberId id, members::DecodeHandle(row));
  return LoadOne(view, id);
}

void MemberCards::OnEvent(const v1::Event& event) {
  const v1::Payload& payload = event.payload();
  if (payload.has_member_signed_up()) {
    cache_.Erase(payload.member_signed_up().member_id(), event.position());
  } else if (payload.has_profile_updated()) {
    cache_.Erase(payload.profile_updated().member_id(), event.position());
  } else if (payload.has_handle_changed()) {
    cache_.Erase(payload.handle_changed().member_id(), event.position());
  } else if (payload.has_member_withdrawn()) {
    cache_.Erase(payload.member_withdrawn().member_id(), event.position());
  }
}

}  // namespace dailyfeed
