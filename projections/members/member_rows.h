// The rows of the members projection.
//
//   'c' member                    -> card: every field of MemberCard but the id
//   'g' member                    -> subject id: signed up, the key is gone
//   'h' lower(handle)             -> varint member id
//   'n' signup-desc member-desc   -> (empty): live members, newest first
//   's' member                    -> subject id
//   't'                           -> varint: how many live members there are; never 0
//   'w' member                    -> subject id: withdrawn, not erased yet
//
// A withdrawal deletes 'g' of the member, so that it stands only for those who
// have no key and did not withdraw.
//
// Live are members with a card. Cards hold personal fields in the clear: a read
// model is thrown away with the person, the log is not. A withdrawal deletes
// 'c', 'h', 'n' and 's' of the member.
#ifndef DAILYFEED_PROJECTIONS_MEMBERS_MEMBER_ROWS_H_
#define DAILYFEED_PROJECTIONS_MEMBERS_MEMBER_ROWS_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "core/domain/types.h"
#include "projections/codec/list_key.h"

namespace dailyfeed {

// A live member and their profile, the personal fields in the clear.
struct MemberCard {
  MemberId id = 0;
  std::string handle;
  std::string member_name;
  std::string display_name;  // empty: none
  std::string bio;
  std::string location;
  std::string website_url;
  std::string birth_date;  // yyyy-MM-dd; empty: none
  std::string gender;
  std::string timezone;
  std::string language_code;
  std::string country_code;
  std::string avatar_url;  // "no-image": none
  std::string cover_url;   // empty: the configured default
  std::string privacy_level;
  TimestampNs created_at = 0;
  TimestampNs updated_at = 0;
};

}  // namespace dailyfeed

namespace dailyfeed::members {

std::string CardPrefix();
std::string CardKey(MemberId id);
absl::StatusOr<MemberId> DecodeCardKey(std::string_view key);
// Handles are unique without regard to ASCII case.
std::string HandleKey(std::string_view handle);

// What every key of the list of live members starts with.
std::string ListPrefix();
std::string ListKeyOf(TimestampNs signed_up_at, MemberId id);
absl::StatusOr<ListKey> DecodeListKey(std::string_view key);
std::string SubjectKey(MemberId id);
std::string CountKey();
std::string KeylessPrefix();
std::string KeylessKey(MemberId id);
std::string WithdrawalPrefix();
std::string WithdrawalKey(MemberId id);
absl::StatusOr<MemberId> DecodeWithdrawalKey(std::string_view key);

std::string EncodeCard(const MemberCard& card);
absl::StatusOr<MemberCard> DecodeCard(MemberId id, std::string_view row);
// What a member is found by, without the rest of the card. Views of `row`.
struct CardNames {
  std::string_view handle;
  std::string_view member_name;
  std::string_view display_name;  // empty: none
};
absl::StatusOr<CardNames> DecodeCardNames(std::string_view row);

std::string EncodeHandle(MemberId id);
absl::StatusOr<MemberId> DecodeHandle(std::string_view row);

std::string EncodeCount(uint64_t members);
absl::StatusOr<uint64_t> DecodeCount(std::string_view row);

}  // namespace dailyfeed::members

#endif  // DAILYFEED_PROJECTIONS_MEMBERS_MEMBER_ROWS_H_
