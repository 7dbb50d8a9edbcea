#include "projections/members/member_rows.h"

#include "absl/strings/ascii.h"
#include "core/base/status_macros.h"
#include "projections/codec/row_codec.h"

namespace dailyfeed::members {
namespace {

constexpr char kCard = 'c';
constexpr char kKeyless = 'g';
constexpr char kHandle = 'h';
constexpr char kNewest = 'n';
constexpr char kSubject = 's';
constexpr char kCount = 't';
constexpr char kWithdrawal = 'w';

}  // namespace

std::string CardPrefix() { return Key(kCard).Take(); }

std::string CardKey(MemberId id) { return Key(kCard).Id(id).Take(); }

absl::StatusOr<MemberId> DecodeCardKey(std::string_view key) {
  KeyReader reader(key);
  const MemberId id = reader.Id();
  RETURN_IF_ERROR(reader.Finish("member card key"));
  return id;
}

std::string HandleKey(std::string_view handle) {
  return Key(kHandle)
      .Text(absl::AsciiStrToLower(absl::string_view(handle.data(), handle.size())))
      .Take();
}

std::string ListPrefix() { return Key(kNewest).Take(); }

std::string ListKeyOf(TimestampNs signed_up_at, MemberId id) {
  return Key(kNewest).TimeDescending(signed_up_at).IdDescending(id).Take();
}

absl::StatusOr<ListKey> DecodeListKey(std::string_view key) {
  KeyReader reader(key);
  ListKey row;
  row.order = reader.TimeDescending();
  row.id = reader.IdDescending();
  RETURN_IF_ERROR(reader.Finish("member list"));
  return row;
}

std::string SubjectKey(MemberId id) { return Key(kSubject).Id(id).Take(); }

std::string CountKey() { return Key(kCount).Take(); }

std::string KeylessPrefix() { return Key(kKeyless).Take(); }

std::string KeylessKey(MemberId id) { return Key(kKeyless).Id(id).Take(); }

std::string WithdrawalPrefix() { return Key(kWithdrawal).Take(); }

std::string WithdrawalKey(MemberId id) { return Key(kWithdrawal).Id(id).Take(); }

absl::StatusOr<MemberId> DecodeWithdrawalKey(std::string_view key) {
  KeyReader reader(key);
  const MemberId id = reader.Id();
  RETURN_IF_ERROR(reader.Finish("withdrawal"));
  return id;
}

std::string EncodeCard(const MemberCard& card) {
  return RowWriter()
      .Text(card.handle)
      .Text(card.member_name)
      .Text(card.display_name)
      .Text(card.bio)
      .Text(card.location)
      .Text(card.website_url)
      .Text(card.birth_date)
      .Text(card.gender)
      .Text(card.timezone)
      .Text(card.language_code)
      .Text(card.country_code)
      .Text(card.avatar_url)
      .Text(card.cover_url)
      .Text(card.privacy_level)
      .Signed(card.created_at)
      .Signed(card.updated_at)
      .Take();
}

absl::StatusOr<MemberCard> DecodeCard(MemberId id, std::string_view row) {
  RowReader reader(row);
  MemberCard card;
  card.id = id;
  card.handle = reader.Text();
  card.member_name = reader.Text();
  card.display_name = reader.Text();
  card.bio = reader.Text();
  card.location = reader.Text();
  card.website_url = reader.Text();
  card.birth_date = reader.Text();
  card.gender = reader.Text();
  card.timezone = reader.Text();
  card.language_code = reader.Text();
  card.country_code = reader.Text();
  card.avatar_url = reader.Text();
  card.cover_url = reader.Text();
  card.privacy_level = reader.Text();
  card.created_at = reader.Signed();
  card.updated_at = reader.Signed();
  RETURN_IF_ERROR(reader.Finish("member card"));
  return card;
}

absl::StatusOr<CardNames> DecodeCardNames(std::string_view row) {
  RowReader reader(row);
  CardNames names;
  names.handle = reader.Text();
  names.member_name = reader.Text();
  names.display_name = reader.Text();
  // More follows in every card.
  if (reader.remaining() == 0) return absl::DataLossError("damaged row: names of a member");
  return names;
}

std::string EncodeHandle(MemberId id) { return RowWriter().Varint(id).Take(); }

absl::StatusOr<MemberId> DecodeHandle(std::string_view row) {
  RowReader reader(row);
  const MemberId id = reader.Varint();
  RETURN_IF_ERROR(reader.Finish("handle"));
  return id;
}

std::string EncodeCount(uint64_t members) { return RowWriter().Varint(members).Take(); }

absl::StatusOr<uint64_t> DecodeCount(std::string_view row) {
  RowReader reader(row);
  const uint64_t members = reader.Varint();
  RETURN_IF_ERROR(reader.Finish("member count"));
  return members;
}

}  // namespace dailyfeed::members
