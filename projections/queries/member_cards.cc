#include "projections/queries/member_cards.h"

#include <string>

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

absl::Status MemberCards::Load(std::span<const MemberId> ids, std::span<MemberCardPtr> cards) {
  DAILYFEED_CHECK(ids.size() == cards.size());
  std::vector<Miss> misses;
  Cache<Entry>::Ticket ticket;
  for (size_t i = 0; i < ids.size(); ++i) {
    const bool hit =
        cache_.Find(ids[i], &ticket, [&](const Entry& entry) { cards[i] = entry.card; });
    if (!hit) misses.push_back({i, ticket});
  }
  return misses.empty() ? absl::OkStatus() : LoadMisses(ids, cards, misses);
}

absl::Status MemberCards::LoadMisses(std::span<const MemberId> ids, std::span<MemberCardPtr> cards,
                                     const std::vector<Miss>& misses) {
  std::vector<std::string> keys;
  keys.reserve(misses.size());
  for (const Miss& miss : misses) keys.push_back(members::CardKey(ids[miss.at]));
  ASSIGN_OR_RETURN(const std::vector<StoreReader::Found> rows, reader_->MultiGet(keys));
  for (size_t i = 0; i < misses.size(); ++i) {
    const MemberId id = ids[misses[i].at];
    MemberCardPtr& card = cards[misses[i].at];
    card = nullptr;
    if (rows[i].found) {
      ASSIGN_OR_RETURN(MemberCard decoded, members::DecodeCard(id, rows[i].value));
      card = std::make_shared<const MemberCard>(std::move(decoded));
    }
    cache_.Insert(id, {card}, misses[i].ticket);
  }
  return absl::OkStatus();
}

absl::StatusOr<MemberCardPtr> MemberCards::LoadOne(MemberId id) {
  MemberCardPtr card;
  RETURN_IF_ERROR(Load({&id, 1}, {&card, 1}));
  return card;
}

absl::StatusOr<MemberCardPtr> MemberCards::LoadByHandle(std::string_view handle) {
  std::string row;
  ASSIGN_OR_RETURN(const bool found, reader_->Get(members::HandleKey(handle), &row));
  if (!found) return MemberCardPtr();
  ASSIGN_OR_RETURN(const MemberId id, members::DecodeHandle(row));
  return LoadOne(id);
}

void MemberCards::OnEvent(const v1::Event& event) {
  const v1::Payload& payload = event.payload();
  if (payload.has_member_signed_up()) {
    cache_.Erase(payload.member_signed_up().member_id());
  } else if (payload.has_profile_updated()) {
    cache_.Erase(payload.profile_updated().member_id());
  } else if (payload.has_handle_changed()) {
    cache_.Erase(payload.handle_changed().member_id());
  } else if (payload.has_member_withdrawn()) {
    cache_.Erase(payload.member_withdrawn().member_id());
  }
}

void MemberCards::OnReset() { cache_.Clear(); }

}  // namespace dailyfeed
