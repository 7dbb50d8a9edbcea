// Any bytes as an event of the log, after a small history: it is folded into
// rows that all decode, or it is DATA_LOSS and nothing has changed.
#include <cstddef>
#include <cstdint>
#include <string>

#include "core/base/check.h"
#include "core/domain/decider.h"
#include "core/domain/map_rows.h"

namespace dailyfeed {
namespace {

void Do(MemberId actor, const Command& command, MapRows& rows) {
  Context context;
  context.actor = actor;
  const absl::StatusOr<Events> events = DecideCommand(command, context, rows);
  DAILYFEED_CHECK(events.ok());
  for (const NewEvent& decided : *events) {
    v1::Event event;
    event.set_position(1);
    event.set_stream_kind(decided.stream_kind);
    event.set_stream_id(decided.stream_id);
    *event.mutable_payload() = decided.payload;
    DAILYFEED_CHECK(EvolveRows(event, rows).ok());
  }
}

// Members 1 to 3, a withdrawn one with a relation, posts 1 and 2, a thread,
// likes, a follow, a picture, things deleted.
MapRows SmallHistory() {
  MapRows rows;
  for (const char* handle : {"kim", "lee", "park"}) {
    Do(0, SignUp{handle, std::string("digest of ") + handle, std::string(16, handle[0]), {}}, rows);
  }
  Do(1, FollowMember{2}, rows);
  Do(1, PublishPost{"title", "hello"}, rows);
  Do(2, PublishPost{"", "hello"}, rows);
  Do(3, PublishPost{"", "soon gone"}, rows);
  Do(2, AddComment{1, "0"}, rows);
  Do(1, AddReply{1, 1, "1"}, rows);
  Do(2, AddReply{1, 2, "2"}, rows);
  Do(3, AddComment{2, "0"}, rows);
  Do(2, LikePost{1}, rows);
  Do(3, LikeComment{2}, rows);
  Do(3, DeletePost{3}, rows);
  Do(1, AddPicture{std::string(16, 'p'), std::string(32, 'c'), std::string(32, 't'), 1, 1, 1, 1},
     rows);
  Do(0, SignUp{"choi", "digest of choi", std::string(16, 'c'), {}}, rows);
  Do(4, FollowMember{2}, rows);
  Do(4, WithdrawMember{}, rows);
  return rows;
}

void Run(const std::string& bytes) {
  static const MapRows* const history = new MapRows(SmallHistory());
  v1::Event event;
  if (!event.ParseFromString(bytes)) return;
  v1::Event again;
  DAILYFEED_CHECK(again.ParseFromString(event.SerializeAsString()));
  DAILYFEED_CHECK(again.SerializeAsString() == event.SerializeAsString());
  DAILYFEED_CHECK(!EventTypeName(event.payload()).empty());
  DAILYFEED_CHECK(!StreamName(event.stream_kind(), event.stream_id()).empty());

  MapRows rows = *history;
  const absl::Status status = EvolveRows(event, rows);
  if (!status.ok()) {
    DAILYFEED_CHECK(absl::IsDataLoss(status));
    DAILYFEED_CHECK(rows.rows() == history->rows());
    return;
  }
  for (const auto& [key, value] : rows.rows()) {
    // Behind the name of the row, so that no text of a row can look like it.
    const std::string words = DescribeRow(key, value);
    const std::string malformed = DescribeRowKey(key) + ": malformed value ";
    DAILYFEED_CHECK(!words.starts_with(malformed));
    DAILYFEED_CHECK(!words.starts_with("unknown row "));
  }
}

}  // namespace
}  // namespace dailyfeed

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  dailyfeed::Run(std::string(reinterpret_cast<const char*>(data), size));
  return 0;
}
