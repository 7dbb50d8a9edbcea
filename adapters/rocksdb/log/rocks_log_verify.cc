// `log verify`: reads everything, believes nothing.
//
// One walk over the events folds the decision state and sums digests of what
// the day index and the streams should hold; a walk over each sums what it
// holds. Sums do not depend on the order, so that millions of streams are
// compared without keeping them. Where sums differ, a second walk looks for the
// first row that is wrong.
//
// Streams: every event is the one before another event of its stream, or the
// one its stream ends with, and it is that once. So the events that links and
// ends lead to, all together, must be all the events.
#include <fmt/format.h>
#include <rocksdb/sst_file_reader.h>

#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "absl/hash/hash.h"
#include "adapters/rocksdb/database/rocks_status.h"
#include "adapters/rocksdb/log/rocks_log.h"
#include "adapters/rocksdb/log/row_arena.h"
#include "core/base/status_macros.h"
#include "core/domain/decider.h"
#include "core/domain/streams.h"
#include "core/engine/idempotency.pb.h"
#include "core/ports/day.h"

namespace dailyfeed {
namespace {

constexpr size_t kStreamKeyBytes = 9;
constexpr size_t kDayKeyBytes = 12;
constexpr uint64_t kEventsBetweenQuestions = 1024;

// Of a set of rows, whatever their order. 128 bits: two sets that differ have
// the same sum about never.
struct RowSum {
  uint64_t rows = 0;
  uint64_t low = 0;
  uint64_t high = 0;

  template <typename... Parts>
  void Add(const Parts&... parts) {
    constexpr uint64_t kSalt = 0x9e3779b97f4a7c15u;
    ++rows;
    low += absl::HashOf(parts...);
    high += absl::HashOf(kSalt, parts..., kSalt);
  }
  friend RowSum operator+(const RowSum& a, const RowSum& b) {
    return {a.rows + b.rows, a.low + b.low, a.high + b.high};
  }
  friend bool operator==(const RowSum&, const RowSum&) = default;
};

std::string Hex(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) text += fmt::format("{:02x}", static_cast<uint8_t>(byte));
  return text;
}

std::string NameOf(const StreamId& stream) {
  return StreamName(static_cast<v1::StreamKind>(stream.kind), stream.id);
}

// The ranges of consecutive positions of one day, as the log writes them.
class DayRanges {
 public:
  // `emit(day, first, last)` gets each range when it is over.
  template <typename Emit>
  void Add(Position position, Day day, Emit emit) {
    if (day != day_) {
      Finish(position - 1, emit);
      day_ = day;
      first_ = position;
    }
  }
  template <typename Emit>
  void Finish(Position last, Emit emit) {
    if (day_ != 0) emit(day_, first_, last);
  }

 private:
  Day day_ = 0;
  Position first_ = 0;
};

class Verifier {
 public:
  Verifier(const RocksEventLogImpl& log, DayZone zone, std::function<bool()> wanted)
      : log_(log), zone_(std::move(zone)), wanted_(std::move(wanted)) {
    report_.head = log.Head();
  }

  // Each step says OK or what is wrong.
  absl::StatusOr<VerifyReport> Run() {
    for (const auto step :
         {&Verifier::CheckAgreement, &Verifier::WalkEvents, &Verifier::CompareStreams,
          &Verifier::CompareDays, &Verifier::CompareDecisionRows, &Verifier::WalkIdempotency,
          &Verifier::CheckFiles}) {
      const absl::Status sound = (this->*step)();
      if (sound.ok()) {
        events_are_sound_ |= step == &Verifier::WalkEvents;
        continue;
      }
      if (!absl::IsDataLoss(sound)) return sound;
      report_.fault = std::string(sound.message());
      if (events_are_sound_) {
        report_.fault +=
            fmt::format(". The events themselves, up to position {}, are whole", report_.head);
      }
      break;
    }
    return std::move(report_);
  }

 private:
  using Row = std::unique_ptr<rocksdb::Iterator>;

  static absl::Status Fault(std::string text) { return absl::DataLossError(text); }

  Row Walk(LogFamily which) const {
    rocksdb::ReadOptions options;
    options.fill_cache = false;
    Row row(log_.db()->NewIterator(options, log_.family(which)));
    row->SeekToFirst();
    if (row->Valid() && AsView(row->key()) == kBatchNumberKey) row->Next();
    return row;
  }
  absl::StatusOr<std::optional<uint64_t>> Number(LogFamily which, std::string_view key) const {
    ASSIGN_OR_RETURN(const auto value, GetRow(log_.db(), log_.family(which), key, "verifying"));
    return value ? ParseNumber(*value) : std::nullopt;
  }

  absl::Status CheckIsWanted() const {
    if (!wanted_ || wanted_()) return absl::OkStatus();
    return absl::CancelledError("nobody waits for the answer any more");
  }
  absl::Status CheckAgreement() { return log_.CheckAgreement(); }

  absl::Status WalkEvents() {
    DayRanges days;
    const auto add_day = [this](Day day, Position first, Position last) {
      days_.Add(DayKey(day, first).view(), NumberValue(last).view());
    };
    absl::Status folded;
    bool stopped = false;
    RETURN_IF_ERROR(log_.ReadLinks(
        1, report_.head,
        [&](const v1::Event& event, Position previous) {
          ++report_.events;
          if (report_.events % kEventsBetweenQuestions == 0) folded = CheckIsWanted();
          if (folded.ok()) folded = AddToStream(event, previous);
          if (!folded.ok()) return false;
          days.Add(event.position(), zone_.DayOf(event.occurred_at_ns()), add_day);
          folded = EvolveRows(event, rows_);
          return folded.ok();
        },
        &stopped));
    days.Finish(report_.head, add_day);
    return folded;
  }

  absl::Status AddToStream(const v1::Event& event, Position previous) {
    const StreamId stream = StreamOf(event);
    const StreamVersion version = event.stream_version();
    if (version == 0 || (version == 1) != (previous == 0) || previous >= event.position()) {
      return Fault(
          fmt::format("the event at position {} is version {} of {} but follows position {}",
                      event.position(), version, NameOf(stream), previous));
    }
    all_.Add(stream, version, event.position());
    if (previous != 0) linked_.Add(stream, version - 1, previous);
    return absl::OkStatus();
  }

  absl::Status CompareStreams() {
    RowSum ends;
    RETURN_IF_ERROR(WalkEnds([&](const StreamId& stream, const StreamEnd& end) {
      ends.Add(stream, end.version, end.position);
      return absl::OkStatus();
    }));
    report_.streams = ends.rows;
    return linked_ + ends == all_ ? absl::OkStatus() : FindStreamFault();
  }

  // `visit(stream, end)` says OK or what is wrong.
  template <typename Visit>
  absl::Status WalkEnds(Visit visit) {
    const Row row = Walk(kStreams);
    for (; row->Valid(); row->Next()) {
      const auto end = ParseStreamEnd(AsView(row->value()));
      if (row->key().size() != kStreamKeyBytes || !end) {
        return Fault(
            fmt::format("the row {} of the streams is malformed", Hex(AsView(row->key()))));
      }
      const StreamId stream{static_cast<uint8_t>(row->key()[0]), LoadBig64(row->key().data() + 1)};
      RETURN_IF_ERROR(visit(stream, *end));
    }
    return FromRocks(row->status(), "the streams cannot be read");
  }

  absl::Status FindStreamFault() {
    std::vector<bool> reached(report_.head + 1);
    // `what` leads to version `version` of `stream` at `position`.
    const auto reach = [&](const std::string& what, const StreamId& stream, StreamVersion version,
                           Position position) -> absl::Status {
      bool right = false;
      if (position >= 1 && position <= report_.head) {
        RETURN_IF_ERROR(log_.Read(position, [&](const v1::Event& event) {
          right = StreamOf(event) == stream && event.stream_version() == version;
          return false;
        }));
      }
      if (!right) {
        return Fault(fmt::format("{} leads to position {}, which is not version {} of {}", what,
                                 position, version, NameOf(stream)));
      }
      if (reached[position]) {
        return Fault(
            fmt::format("{} leads to position {}, which another event follows", what, position));
      }
      reached[position] = true;
      return absl::OkStatus();
    };
    absl::Status fault;
    bool stopped = false;
    RETURN_IF_ERROR(log_.ReadLinks(
        1, report_.head,
        [&](const v1::Event& event, Position previous) {
          if (previous == 0) return true;
          fault = reach(fmt::format("the event at position {}", event.position()), StreamOf(event),
                        event.stream_version() - 1, previous);
          return fault.ok();
        },
        &stopped));
    RETURN_IF_ERROR(fault);
    RETURN_IF_ERROR(WalkEnds([&](const StreamId& stream, const StreamEnd& end) {
      return reach(fmt::format("the end of {}", NameOf(stream)), stream, end.version, end.position);
    }));
    for (Position position = 1; position <= report_.head; ++position) {
      if (reached[position]) continue;
      return Fault(
          fmt::format("neither the end of its stream nor another event leads to the event "
                      "at position {}",
                      position));
    }
    return Fault("the streams do not match the events");
  }

  static StreamId StreamOf(const v1::Event& event) {
    return {static_cast<uint8_t>(event.stream_kind()), event.stream_id()};
  }

  absl::Status CompareDays() {
    RowSum stored;
    Day day = 0;
    const Row row = Walk(kDays);
    for (; row->Valid(); row->Next()) {
      stored.Add(AsView(row->key()), AsView(row->value()));
      if (row->key().size() != kDayKeyBytes) {
        return Fault(
            fmt::format("the row {} of the day index is malformed", Hex(AsView(row->key()))));
      }
      const Day next = static_cast<Day>(LoadBig32(row->key().data()));
      report_.days += next != day;
      day = next;
    }
    RETURN_IF_ERROR(FromRocks(row->status(), "the day index cannot be read"));
    return stored == days_ ? absl::OkStatus() : FindDayFault();
  }

  absl::Status FindDayFault() {
    absl::Status fault;
    RowSum expected;
    DayRanges days;
    const auto check = [&](Day day, Position first, Position last) {
      expected.Add(DayKey(day, first).view(), NumberValue(last).view());
      if (!fault.ok()) return;
      const auto stored = Number(kDays, DayKey(day, first).view());
      if (!stored.ok()) {
        fault = stored.status();
      } else if (*stored != last) {
        fault = Fault(fmt::format("the day index has {} for the events of {} at positions {} to {}",
                                  *stored ? fmt::format("an end at {}", **stored) : "no row", day,
                                  first, last));
      }
    };
    RETURN_IF_ERROR(log_.Read(1, [&](const v1::Event& event) {
      days.Add(event.position(), zone_.DayOf(event.occurred_at_ns()), check);
      return fault.ok();
    }));
    days.Finish(report_.head, check);
    RETURN_IF_ERROR(fault);
    return Fault("the day index has a row for a day that no event has");
  }

  absl::Status CompareDecisionRows() {
    absl::Status fault;
    RETURN_IF_ERROR(log_.ScanDecisionRows([&](std::string_view key, std::string_view value) {
      ++report_.decision_rows;
      const auto folded = rows_.Find(key);
      if (!folded) {
        fault = Fault(fmt::format("the decision row {} is in no fold of the log", Hex(key)));
      } else if (*folded != value) {
        fault = Fault(fmt::format("the decision row {} is {}; the fold of the log makes it {}",
                                  Hex(key), Hex(value), Hex(*folded)));
      }
      rows_.Delete(key);
      return fault.ok();
    }));
    RETURN_IF_ERROR(fault);
    const auto missing = rows_.SmallestKey();
    if (!missing) return absl::OkStatus();
    return Fault(fmt::format("the decision row {} is missing", Hex(*missing)));
  }

  absl::Status WalkIdempotency() {
    const Row row = Walk(kIdempotency);
    for (; row->Valid(); row->Next()) {
      const std::string_view value = AsView(row->value());
      v1::CommandMemory memory;
      const bool parsed =
          value.size() >= kIdempotencyHeaderBytes &&
          memory.ParseFromArray(value.data() + kIdempotencyHeaderBytes,
                                static_cast<int>(value.size() - kIdempotencyHeaderBytes));
      if (!parsed) {
        return Fault(
            fmt::format("the idempotency record {} is malformed", Hex(AsView(row->key()))));
      }
      if (memory.last_position() > report_.head ||
          memory.first_position() > memory.last_position()) {
        return Fault(fmt::format("the idempotency record {} is of positions {} to {}",
                                 Hex(AsView(row->key())), memory.first_position(),
                                 memory.last_position()));
      }
      ++report_.idempotency_records;
    }
    return FromRocks(row->status(), "the idempotency records cannot be read");
  }

  // Also blocks that no walk had to look into: indexes, filters. A file at a
  // time, because RocksDB cannot do it to a database that is open for reading.
  absl::Status CheckFiles() {
    std::vector<rocksdb::LiveFileMetaData> files;
    log_.db()->GetLiveFilesMetaData(&files);
    rocksdb::Options options;
    options.env = log_.db()->GetEnv();
    for (const rocksdb::LiveFileMetaData& file : files) {
      RETURN_IF_ERROR(CheckIsWanted());
      rocksdb::SstFileReader table(options);
      rocksdb::Status sound = table.Open(file.db_path + file.name);
      if (sound.ok()) sound = table.VerifyChecksum(rocksdb::ReadOptions());
      RETURN_IF_ERROR(FromRocks(sound, fmt::format("the file {} of the column family {} is damaged",
                                                   file.name, file.column_family_name)));
    }
    return absl::OkStatus();
  }

  const RocksEventLogImpl& log_;
  const DayZone zone_;
  const std::function<bool()> wanted_;
  VerifyReport report_;
  bool events_are_sound_ = false;
  RowSum all_;     // events
  RowSum linked_;  // events that another one of their stream follows
  RowSum days_;
  RowArena rows_;
};

}  // namespace

std::string TimeZoneOf(const EventLog& log) {
  const auto* const rocks = dynamic_cast<const RocksEventLogImpl*>(&log);
  const bool says = rocks != nullptr && !rocks->parts().time_zone.empty();
  return says ? rocks->parts().time_zone : "Asia/Seoul";
}

absl::StatusOr<VerifyReport> VerifyRocksEventLog(const EventLog& log,
                                                 std::function<bool()> wanted) {
  const auto* const rocks = dynamic_cast<const RocksEventLogImpl*>(&log);
  if (rocks == nullptr) {
    return absl::InvalidArgumentError("only an event log on RocksDB can be verified");
  }
  ASSIGN_OR_RETURN(DayZone zone, DayZone::Load(TimeZoneOf(log)));
  return Verifier(*rocks, std::move(zone), std::move(wanted)).Run();
}

}  // namespace dailyfeed
