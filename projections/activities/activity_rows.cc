#include "projections/activities/activity_rows.h"

#include "core/base/status_macros.h"
#include "projections/codec/row_codec.h"

namespace dailyfeed::activities {
namespace {

constexpr char kActivity = 'a';
constexpr char kWithdrawn = 'w';
constexpr std::string_view kWhat = "activity";

}  // namespace

bool IsShown(v1::ActivityType type) {
  return type == v1::ACTIVITY_TYPE_POST_CREATE || type == v1::ACTIVITY_TYPE_COMMENT_CREATE ||
         type == v1::ACTIVITY_TYPE_LIKE_POST || type == v1::ACTIVITY_TYPE_LIKE_COMMENT ||
         type == v1::ACTIVITY_TYPE_MEMBER_FOLLOW;
}

std::string MemberPrefix(MemberId member) { return Key(kActivity).Id(member).Take(); }

std::string ListPrefix(MemberId member, List list) {
  return Key(kActivity).Id(member).Id(list).Take();
}

std::string RowKey(MemberId member, List list, TimestampNs at, Position position) {
  return Key(kActivity).Id(member).Id(list).TimeDescending(at).IdDescending(position).Take();
}

std::vector<std::string> KeysOf(const ActivityRow& row) {
  const Activity& of = row.activity;
  std::vector<std::string> keys = {RowKey(of.member, kAll, of.at, row.position),
                                   RowKey(of.member, OfType(of.type), of.at, row.position)};
  if (IsShown(of.type)) keys.push_back(RowKey(of.member, kShown, of.at, row.position));
  return keys;
}

absl::StatusOr<ListKey> DecodeRowKey(std::string_view key) {
  KeyReader reader(key);
  reader.Id();
  reader.Id();
  ListKey row;
  row.order = reader.TimeDescending();
  row.id = reader.IdDescending();
  RETURN_IF_ERROR(reader.Finish(kWhat));
  return row;
}

absl::StatusOr<List> ListOf(std::string_view key) {
  RETURN_IF_ERROR(DecodeRowKey(key).status());
  KeyReader reader(key);
  reader.Id();
  return reader.Id();
}

std::string EncodeValue(const Activity& activity) {
  return RowWriter()
      .Varint(static_cast<uint64_t>(activity.type))
      .Varint(activity.post)
      .Varint(activity.comment)
      .Varint(activity.followee)
      .Take();
}

absl::StatusOr<ActivityRow> DecodeRow(std::string_view key, std::string_view value) {
  ActivityRow row;
  ASSIGN_OR_RETURN(const ListKey at, DecodeRowKey(key));
  row.activity.member = KeyReader(key).Id();
  row.activity.at = at.order;
  row.position = at.id;
  RowReader reader(value);
  const uint64_t type = reader.Varint();
  row.activity.post = reader.Varint();
  row.activity.comment = reader.Varint();
  row.activity.followee = reader.Varint();
  RETURN_IF_ERROR(reader.Finish(kWhat));
  if (type > v1::ActivityType_MAX) return absl::DataLossError("damaged row: type of an activity");
  row.activity.type = static_cast<v1::ActivityType>(type);
  return row;
}

absl::Status VisitLive(
    const ProjectionReader& rows,
    absl::FunctionRef<bool(std::string_view key, std::string_view value)> visit) {
  const std::string prefix = Key(kActivity).Take();
  const auto row = rows.NewIterator({.lower = prefix, .upper = PrefixEnd(prefix)});
  std::string unused;
  while (row->Valid()) {
    RETURN_IF_ERROR(DecodeRowKey(row->key()).status());
    const MemberId member = KeyReader(row->key()).Id();
    ASSIGN_OR_RETURN(const bool withdrawn, rows.Get(WithdrawnKey(member), &unused));
    const std::string all = ListPrefix(member, kAll);
    for (; !withdrawn && row->Valid() && row->key().starts_with(all); row->Next()) {
      RETURN_IF_ERROR(DecodeRowKey(row->key()).status());
      if (!visit(row->key(), row->value())) return absl::OkStatus();
    }
    if (row->Valid()) row->Seek(PrefixEnd(MemberPrefix(member)));
  }
  return row->status();
}

std::string WithdrawnKey(MemberId member) { return Key(kWithdrawn).Id(member).Take(); }

absl::StatusOr<MemberId> DecodeWithdrawnKey(std::string_view key) {
  KeyReader reader(key);
  const MemberId member = reader.Id();
  RETURN_IF_ERROR(reader.Finish("withdrawn member"));
  return member;
}

}  // namespace dailyfeed::activities
