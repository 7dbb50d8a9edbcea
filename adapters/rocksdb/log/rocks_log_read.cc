// The reading half of the event log.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "adapters/rocksdb/database/rocks_status.h"
#include "adapters/rocksdb/log/rocks_log.h"
#include "core/base/status_macros.h"

namespace dailyfeed {
namespace {

// Events fetched together when they are not neighbours.
constexpr size_t kPositionsAtOnce = 64;

absl::Status Missing(Position position) {
  return absl::DataLossError(fmt::format("the event at position {} is missing", position));
}

}  // namespace

absl::StatusOr<std::optional<std::string>> GetRow(rocksdb::DB* db,
                                                  rocksdb::ColumnFamilyHandle* family,
                                                  std::string_view key, std::string_view what) {
  std::string value;
  const rocksdb::Status status = db->Get(rocksdb::ReadOptions(), family, AsSlice(key), &value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return FromRocks(status, what);
  return value;
}

absl::StatusOr<bool> RocksEventLogImpl::GetDecisionRow(std::string_view key,
                                                       std::string* value) const {
  if (key == kBatchNumberKey) return false;
  rocksdb::PinnableSlice found;
  const rocksdb::Status status =
      db()->Get(rocksdb::ReadOptions(), family(kDecision), AsSlice(key), &found);
  if (status.IsNotFound()) return false;
  if (!status.ok()) return FromRocks(status, "reading a row of decision state");
  value->assign(found.data(), found.size());
  return true;
}

absl::StatusOr<bool> RocksEventLogImpl::GetIdempotencyRecord(std::string_view key, TimestampNs now,
                                                             std::string* value) const {
  if (key == kBatchNumberKey) return false;
  parts_.expiry_clock->Saw(now);
  rocksdb::PinnableSlice found;
  const rocksdb::Status status =
      db()->Get(rocksdb::ReadOptions(), family(kIdempotency), AsSlice(key), &found);
  if (status.IsNotFound()) return false;
  if (!status.ok()) return FromRocks(status, "reading an idempotency record");
  if (found.size() < kIdempotencyHeaderBytes) {
    return absl::DataLossError("an idempotency record is too short");
  }
  if (LoadLittle<int64_t>(found.data()) <= now) return false;
  value->assign(found.data() + kIdempotencyHeaderBytes, found.size() - kIdempotencyHeaderBytes);
  return true;
}

absl::Status RocksEventLogImpl::ScanDecisionRows(
    absl::FunctionRef<bool(std::string_view key, std::string_view value)> visit) const {
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  const std::unique_ptr<rocksdb::Iterator> row(db()->NewIterator(options, family(kDecision)));
  for (row->SeekToFirst(); row->Valid(); row->Next()) {
    if (AsView(row->key()) == kBatchNumberKey) continue;
    if (!visit(AsView(row->key()), AsView(row->value()))) return absl::OkStatus();
  }
  return FromRocks(row->status(), "scanning the decision state");
}

absl::StatusOr<StreamVersion> RocksEventLogImpl::StreamHead(v1::StreamKind kind,
                                                            uint64_t id) const {
  ASSIGN_OR_RETURN(const StreamEnd end, EndOf(StreamId{static_cast<uint8_t>(kind), id}));
  return end.version;
}

absl::StatusOr<StreamEnd> RocksEventLogImpl::EndOf(const StreamId& stream) const {
  uint64_t era = 0;
  if (const auto known = stream_heads_.Find(stream, &era)) return *known;
  rocksdb::PinnableSlice found;
  const rocksdb::Status status = db()->Get(rocksdb::ReadOptions(), family(kStreams),
                                           AsSlice(StreamKey(stream).view()), &found);
  StreamEnd end;
  if (!status.IsNotFound()) {
    if (!status.ok()) return FromRocks(status, "reading where a stream ends");
    const auto parsed = ParseStreamEnd(AsView(found));
    if (!parsed) return absl::DataLossError("the row that says where a stream ends is damaged");
    end = *parsed;
  }
  stream_heads_.Learn(stream, end, era);
  return end;
}

absl::Status RocksEventLogImpl::DecodeEvent(Position position, std::string_view value,
                                            v1::Event* event, Position* previous) {
  const auto damaged = [position](std::string_view how) {
    return absl::DataLossError(
        fmt::format("the event at position {} is damaged: {}", position, how));
  };
  if (value.size() < kEventHeaderBytes) return damaged("it is too short");
  const std::string_view bytes = value.substr(kEventHeaderBytes);
  const std::string_view link = value.substr(kEventCrcBytes, kEventHeaderBytes - kEventCrcBytes);
  if (LoadLittle<uint32_t>(value.data()) != EventCrc(EventKey(position).view(), link, bytes)) {
    return damaged("its checksum does not match");
  }
  if (!event->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return damaged("it cannot be decoded");
  }
  if (event->position() != position) {
    return damaged(fmt::format("it says it is at position {}", event->position()));
  }
  if (previous != nullptr) *previous = LoadLittle<uint64_t>(link.data());
  return absl::OkStatus();
}

absl::Status RocksEventLogImpl::Read(Position from, Visitor visit) const {
  bool stopped = false;
  return ReadRange(std::max<Position>(from, 1), Head(), visit, &stopped);
}

absl::Status RocksEventLogImpl::ReadRange(Position first, Position last, Visitor visit,
                                          bool* stopped) const {
  return ReadLinks(
      first, last, [&](const v1::Event& event, Position) { return visit(event); }, stopped);
}

absl::Status RocksEventLogImpl::ReadLinks(Position first, Position last, LinkVisitor visit,
                                          bool* stopped) const {
  if (first > last) return absl::OkStatus();
  const auto upper = EventKey(last + 1);
  const rocksdb::Slice upper_bound = AsSlice(upper.view());
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &upper_bound;
  options.fill_cache = false;
  const std::unique_ptr<rocksdb::Iterator> row(db()->NewIterator(options, family(kEvents)));
  row->Seek(AsSlice(EventKey(first).view()));
  v1::Event event;
  Position previous = 0;
  for (Position position = first; position <= last; ++position, row->Next()) {
    if (!row->Valid() && !row->status().ok()) {
      return FromRocks(row->status(), fmt::format("reading the event at position {}", position));
    }
    if (!row->Valid() || AsView(row->key()) != EventKey(position).view()) return Missing(position);
    RETURN_IF_ERROR(DecodeEvent(position, AsView(row->value()), &event, &previous));
    if (!visit(event, previous)) {
      *stopped = true;
      return absl::OkStatus();
    }
  }
  return absl::OkStatus();
}

absl::Status RocksEventLogImpl::ReadPositions(const std::vector<Position>& positions, Visitor visit,
                                              bool* stopped) const {
  std::vector<FixedKey<8>> keys;
  for (const Position position : positions) keys.push_back(EventKey(position));
  std::vector<rocksdb::Slice> slices;
  for (const FixedKey<8>& key : keys) slices.push_back(AsSlice(key.view()));
  std::vector<rocksdb::PinnableSlice> values(keys.size());
  std::vector<rocksdb::Status> statuses(keys.size());
  db()->MultiGet(rocksdb::ReadOptions(), family(kEvents), keys.size(), slices.data(), values.data(),
                 statuses.data());
  v1::Event event;
  for (size_t i = 0; i < positions.size(); ++i) {
    if (statuses[i].IsNotFound()) return Missing(positions[i]);
    if (!statuses[i].ok()) {
      return FromRocks(statuses[i], fmt::format("reading the event at position {}", positions[i]));
    }
    RETURN_IF_ERROR(DecodeEvent(positions[i], AsView(values[i]), &event));
    if (!visit(event)) {
      *stopped = true;
      return absl::OkStatus();
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Position>> RocksEventLogImpl::FollowLinks(const StreamId& stream,
                                                                     StreamVersion from,
                                                                     const StreamEnd& end) const {
  std::vector<Position> positions;
  v1::Event event;
  Position position = end.position;
  for (StreamVersion version = end.version; version >= from; --version) {
    rocksdb::PinnableSlice value;
    const rocksdb::Status status = db()->Get(rocksdb::ReadOptions(), family(kEvents),
                                             AsSlice(EventKey(position).view()), &value);
    if (status.IsNotFound()) return Missing(position);
    if (!status.ok()) {
      return FromRocks(status, fmt::format("reading the event at position {}", position));
    }
    Position previous = 0;
    RETURN_IF_ERROR(DecodeEvent(position, AsView(value), &event, &previous));
    if (event.stream_kind() != stream.kind || event.stream_id() != stream.id ||
        event.stream_version() != version || previous >= position) {
      return absl::DataLossError(
          fmt::format("the event at position {} is not version {} of the stream that leads to it",
                      position, version));
    }
    positions.push_back(position);
    position = previous;
  }
  std::reverse(positions.begin(), positions.end());
  return positions;
}

absl::Status RocksEventLogImpl::ReadStream(v1::StreamKind kind, uint64_t id, StreamVersion from,
                                           Visitor visit) const {
  const StreamId stream{static_cast<uint8_t>(kind), id};
  ASSIGN_OR_RETURN(const StreamEnd end, EndOf(stream));
  ASSIGN_OR_RETURN(const std::vector<Position> positions,
                   FollowLinks(stream, std::max<StreamVersion>(from, 1), end));
  bool stopped = false;
  for (size_t i = 0; i < positions.size() && !stopped; i += kPositionsAtOnce) {
    const auto first = positions.begin() + static_cast<ptrdiff_t>(i);
    const auto last = positions.begin() +
                      static_cast<ptrdiff_t>(std::min(i + kPositionsAtOnce, positions.size()));
    RETURN_IF_ERROR(ReadPositions({first, last}, visit, &stopped));
  }
  return absl::OkStatus();
}

absl::Status RocksEventLogImpl::ReadDay(Day day, Visitor visit) const {
  const Position head = Head();
  const auto lower = DayKey(day, 0);
  const auto upper = DayKey(day + 1, 0);
  const rocksdb::Slice upper_bound = AsSlice(upper.view());
  rocksdb::ReadOptions options;
  options.iterate_upper_bound = &upper_bound;
  const std::unique_ptr<rocksdb::Iterator> row(db()->NewIterator(options, family(kDays)));
  bool stopped = false;
  for (row->Seek(AsSlice(lower.view())); row->Valid() && !stopped; row->Next()) {
    const auto last = ParseNumber(AsView(row->value()));
    if (row->key().size() != 12 || !last) {
      return absl::DataLossError(fmt::format("a row of the index of day {} is damaged", day));
    }
    const Position first = LoadBig64(row->key().data() + 4);
    RETURN_IF_ERROR(ReadRange(first, std::min(*last, head), visit, &stopped));
  }
  return FromRocks(row->status(), fmt::format("reading the index of day {}", day));
}

absl::StatusOr<std::vector<EventLog::DayCount>> RocksEventLogImpl::Days() const {
  const Position head = Head();
  std::vector<DayCount> days;
  const std::unique_ptr<rocksdb::Iterator> row(
      db()->NewIterator(rocksdb::ReadOptions(), family(kDays)));
  for (row->SeekToFirst(); row->Valid(); row->Next()) {
    if (AsView(row->key()) == kBatchNumberKey) continue;
    const auto stored_last = ParseNumber(AsView(row->value()));
    if (row->key().size() != 12 || !stored_last) {
      return absl::DataLossError("a row of the index of days is damaged");
    }
    const Day day = static_cast<Day>(LoadBig32(row->key().data()));
    const Position first = LoadBig64(row->key().data() + 4);
    const Position last = std::min(*stored_last, head);
    if (first > last) continue;  // appended after this call
    if (days.empty() || days.back().day != day) days.push_back({day, 0, first, last});
    days.back().events += last - first + 1;
    days.back().last = last;
  }
  if (!row->status().ok()) return FromRocks(row->status(), "reading the index of days");
  return days;
}

}  // namespace dailyfeed
