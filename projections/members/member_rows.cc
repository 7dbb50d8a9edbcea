#include "projections/members/member_rows.h"

#include "absl/strings/ascii.h"
#include "core/domain/status_macros.h"
#include "projections/codec/row_codec.h"

namespace dailyfeed::members {
namespace {

constexpr char kCard = 'c';
constexpr char kHandle = 'h';

}  // namespace

std::string CardKey(MemberId id) { return Key(kCard).Id(id).Take(); }

std::string HandleKey(std::string_view handle) {
  return Key(kHandle)
      .Text(absl::AsciiStrToLower(absl::string_view(handle.data(), handle.size())))
      .Take();
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

std::string EncodeHandle(MemberId id) { return RowWriter().Varint(id).Take(); }

absl::StatusOr<MemberId> DecodeHandle(std::string_view row) {
  RowReader reader(row);
  const MemberId id = reader.Varint();
  RETURN_IF_ERROR(reader.Finish("handle"));
  return id;
}

}  // namespace dailyfeed::members
