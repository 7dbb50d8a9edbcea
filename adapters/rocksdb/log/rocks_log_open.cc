// Opening the event log: what is looked at, in which order, before anything is
// changed. docs/reference/log-format.md, "Opening", has the rules.
#include <fmt/format.h>
#include <rocksdb/env.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "adapters/rocksdb/database/rocks_status.h"
#include "adapters/rocksdb/log/rocks_log.h"
#include "adapters/rocksdb/log/rocks_log_options.h"
#include "adapters/rocksdb/wal/gapless_replay.h"
#include "adapters/rocksdb/wal/wal_audit.h"
#include "adapters/rocksdb/wal/wal_env.h"
#include "core/base/status_macros.h"

namespace dailyfeed {
namespace {

// The last events whose checksums and streams are looked at.
constexpr Position kEventsChecked = 64;

struct Paths {
  explicit Paths(const std::string& directory)
      : head(HeadPath(directory)), database(DatabasePath(directory)) {}
  const std::string head;
  const std::string database;
};

absl::StatusOr<std::unique_ptr<OpenDatabase>> OpenLogFiles(rocksdb::Env* env, const Paths& paths,
                                                           const RocksLogOptions& options,
                                                           const LogParts& parts, bool read_only,
                                                           bool create) {
  rocksdb::DBOptions database = LogDatabaseOptions(env, options, parts.fail_stop);
  if (!read_only) database.listeners.push_back(parts.guard);
  database.create_if_missing = create;
  database.create_missing_column_families = create;
  // RocksDB goes on behind a record that became zeros. Every append is synced
  // before the next, so what such a replay leaves out was acknowledged, and the
  // end that it finds says so.
  return OpenDatabaseFiles(database, paths.database, LogFamilies(options, parts.expiry_clock),
                           read_only, std::make_unique<GaplessReplay>());
}

absl::Status CutShort(const std::string& directory, Position end, Position acknowledged,
                      std::string_view damage) {
  const std::string where = damage.empty()
                                ? "the end of the write-ahead log is missing"
                                : fmt::format("its write-ahead log is damaged in {}", damage);
  if (end < acknowledged) {
    return absl::DataLossError(fmt::format(
        "the log in {} ends at position {} but position {} was acknowledged: {}. Nothing was "
        "changed",
        directory, end, acknowledged, where));
  }
  return absl::DataLossError(fmt::format(
      "the log in {} ends at position {} but writes behind it were acknowledged: {}. Nothing was "
      "changed",
      directory, end, where));
}

// The row "head" of `meta`, and with it the version of the format.
absl::StatusOr<LogHead> ReadLogHead(const OpenDatabase& database, const std::string& directory) {
  rocksdb::DB* const db = database.db.get();
  rocksdb::ColumnFamilyHandle* const meta = database.families[kMeta];
  ASSIGN_OR_RETURN(const auto format, GetRow(db, meta, kFormatKey, "reading the log's format"));
  if (!format) return LogHead{};  // its creation was interrupted
  if (format->size() < sizeof(uint32_t)) {
    return absl::DataLossError(
        fmt::format("the format row of the log in {} is damaged", directory));
  }
  if (const auto version = LoadLittle<uint32_t>(format->data()); version != kLogFormatVersion) {
    return absl::FailedPreconditionError(
        fmt::format("the log in {} has version {} of the log format; this program knows version {}",
                    directory, version, kLogFormatVersion));
  }
  ASSIGN_OR_RETURN(const auto value, GetRow(db, meta, kLogHeadKey, "reading the log's head"));
  if (!value) return LogHead{};
  const auto head = ParseLogHead(*value);
  if (!head) {
    return absl::DataLossError(fmt::format("the head row of the log in {} is damaged", directory));
  }
  return *head;
}

// False: the creation of the log was interrupted, it never took an append.
absl::StatusOr<bool> HasAllFamilies(rocksdb::Env* env, const Paths& paths) {
  std::vector<std::string> names;
  const rocksdb::Status listed =
      rocksdb::DB::ListColumnFamilies(CommonDatabaseOptions(env), paths.database, &names);
  if (!listed.ok()) return FromRocks(listed, fmt::format("cannot open {}", paths.database));
  return names.size() > kLogFamilyCount;  // and the default one
}

// Does what RocksDB will recover reach what HEAD says, and what stands behind
// damage? Recovers into memory only when reading the files leaves a doubt.
absl::Status CheckReach(rocksdb::Env* env, const Paths& paths, const RocksLogOptions& options,
                        const LogParts& parts, const std::optional<Watermark>& acknowledged) {
  ASSIGN_OR_RETURN(const WalAudit audit, AuditWal(env, paths.database));
  const uint64_t expected = std::max(audit.last_sequence, acknowledged ? acknowledged->extent : 0);
  if (audit.sound_sequence >= expected && acknowledged) return absl::OkStatus();
  if (!acknowledged) {
    ASSIGN_OR_RETURN(const bool whole, HasAllFamilies(env, paths));
    if (!whole) return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(auto database, OpenLogFiles(env, paths, options, parts, /*read_only=*/true,
                                               /*create=*/false));
  ASSIGN_OR_RETURN(const LogHead head, ReadLogHead(*database, parts.directory));
  if (!acknowledged && head.batch_number > 0) {
    return absl::DataLossError(fmt::format(
        "{} is missing although the log has {} events: without it nobody can tell whether its end "
        "is whole. Restore it together with the rest of the directory. Nothing was changed",
        paths.head, head.position));
  }
  if (database->db->GetLatestSequenceNumber() >= expected) return absl::OkStatus();
  return CutShort(parts.directory, head.position, acknowledged ? acknowledged->number : 0,
                  audit.first_damage);
}

absl::Status CreateLog(rocksdb::Env* env, const Paths& paths, LogParts* parts) {
  rocksdb::DB* const db = parts->database->db.get();
  std::string format;
  AppendLittle<uint32_t>(kLogFormatVersion, &format);
  rocksdb::WriteOptions synced;
  synced.sync = true;
  const rocksdb::Status written =
      db->Put(synced, parts->database->families[kMeta], kFormatKey, format);
  RETURN_IF_ERROR(FromRocksWrite(written, "creating the event log"));
  RETURN_IF_ERROR(WatermarkFile::Create(env, paths.head, {0, db->GetLatestSequenceNumber()}));
  return SyncDirectory(env, parts->directory);
}

// Days cannot change their zone: an index of two kinds of days is none.
absl::Status SettleTimeZone(const RocksLogOptions& options, LogParts* parts) {
  rocksdb::DB* const db = parts->database->db.get();
  rocksdb::ColumnFamilyHandle* const meta = parts->database->families[kMeta];
  ASSIGN_OR_RETURN(const auto recorded, GetRow(db, meta, kTimeZoneKey, "reading the log's zone"));
  parts->time_zone = recorded.value_or(options.time_zone);
  if (options.read_only || options.time_zone.empty()) return absl::OkStatus();
  if (!recorded) {
    rocksdb::WriteOptions synced;
    synced.sync = true;
    return FromRocksWrite(db->Put(synced, meta, kTimeZoneKey, options.time_zone),
                          "recording the zone of the event log");
  }
  if (*recorded == options.time_zone) return absl::OkStatus();
  return absl::FailedPreconditionError(
      fmt::format("the days of the log in {} are those of {}, not of {}: a log keeps the time zone "
                  "that it was made with. Nothing was changed",
                  parts->directory, *recorded, options.time_zone));
}

// What the files say before they are opened for writing; nullopt: no log yet.
absl::StatusOr<std::optional<Watermark>> ReadHead(rocksdb::Env* env, const Paths& paths) {
  absl::StatusOr<Watermark> head = WatermarkFile::Read(env, paths.head);
  if (absl::IsNotFound(head.status())) return std::nullopt;
  if (!head.ok()) return head.status();
  return *head;
}

absl::StatusOr<std::unique_ptr<RocksEventLog>> OpenLog(const std::string& directory,
                                                       const RocksLogOptions& options) {
  rocksdb::Env* const env = options.env != nullptr ? options.env : rocksdb::Env::Default();
  const Paths paths(directory);
  LogParts parts;
  parts.directory = directory;
  parts.env = env;
  parts.read_only = options.read_only;
  parts.fail_stop = std::make_shared<FailStop>();
  parts.expiry_clock = std::make_shared<ExpiryClock>();
  parts.guard = std::make_shared<ManifestGuard>(env, directory, parts.fail_stop);

  if (options.read_only) {
    ASSIGN_OR_RETURN(const bool exists, FileExists(env, paths.database));
    if (!exists) return absl::NotFoundError(fmt::format("there is no event log in {}", directory));
  } else {
    RETURN_IF_ERROR(EnsureDirectory(env, paths.database));
  }
  ASSIGN_OR_RETURN(parts.lock, DirectoryLock::Acquire(env, directory));

  ASSIGN_OR_RETURN(const bool database_exists, DatabaseExists(env, paths.database));
  ASSIGN_OR_RETURN(const auto acknowledged, ReadHead(env, paths));
  if (!database_exists && acknowledged) {
    return absl::DataLossError(fmt::format(
        "{}/CURRENT is missing although position {} was acknowledged; nothing was changed",
        paths.database, acknowledged->number));
  }
  if (!database_exists && options.read_only) {
    return absl::NotFoundError(fmt::format("there is no event log in {}", directory));
  }
  if (database_exists) {
    const absl::Status guarded = ManifestGuard::Check(env, directory, paths.database);
    if (absl::IsNotFound(guarded) && acknowledged) {
      return absl::DataLossError(
          fmt::format("{}. Restore it together with the rest of the directory. Nothing was changed",
                      std::string(guarded.message())));
    }
    if (!guarded.ok() && !absl::IsNotFound(guarded)) return guarded;
    RETURN_IF_ERROR(CheckReach(env, paths, options, parts, acknowledged));
  }
  // Without HEAD no append was ever made: an interrupted creation goes on.
  parts.wal_env = std::make_unique<WalEnv>(env, paths.database, options.wal_ahead_bytes);
  ASSIGN_OR_RETURN(parts.database,
                   OpenLogFiles(parts.wal_env.get(), paths, options, parts, options.read_only,
                                /*create=*/!acknowledged));
  if (!options.read_only) RETURN_IF_ERROR(parts.guard->Start(parts.database->db.get()));
  if (!acknowledged && !options.read_only) RETURN_IF_ERROR(CreateLog(env, paths, &parts));
  ASSIGN_OR_RETURN(parts.head, ReadLogHead(*parts.database, directory));
  if (acknowledged && parts.head.position < acknowledged->number) {
    return CutShort(directory, parts.head.position, acknowledged->number, "");
  }
  RETURN_IF_ERROR(SettleTimeZone(options, &parts));
  if (!options.read_only) {
    ASSIGN_OR_RETURN(parts.head_file, WatermarkFile::Open(env, paths.head));
    // After a power loss HEAD may be older than the log: what was recovered is
    // durable now, and part of the truth from here on.
    RETURN_IF_ERROR(parts.head_file->Write(
        {parts.head.position, parts.database->db->GetLatestSequenceNumber()}));
  }
  auto log = std::make_unique<RocksEventLogImpl>(std::move(parts));
  RETURN_IF_ERROR(log->CheckAgreement());
  return log;
}

}  // namespace

absl::StatusOr<std::unique_ptr<RocksEventLog>> OpenRocksEventLog(const std::string& directory,
                                                                 const RocksLogOptions& options) {
  if (directory.empty()) return absl::InvalidArgumentError("the log's directory has no name");
  return OpenLog(directory, options);
}

absl::Status RocksEventLogImpl::CheckAgreement() const {
  ASSIGN_OR_RETURN(const LogHead head, ReadLogHead(*parts_.database, parts_.directory));
  if (head.batch_number == 0) return absl::OkStatus();
  RETURN_IF_ERROR(CheckFamilies(head));
  return CheckLastEvents(head);
}

absl::Status RocksEventLogImpl::CheckFamilies(const LogHead& head) const {
  for (const LogFamily which : kNumberedFamilies) {
    const std::string& name = family(which)->GetName();
    ASSIGN_OR_RETURN(const auto value, GetRow(db(), family(which), kBatchNumberKey, name));
    const auto number = value ? ParseNumber(*value) : std::nullopt;
    if (number == head.batch_number) continue;
    return absl::DataLossError(fmt::format(
        "the column family {} of the log in {} stands at batch {} where {} was written last", name,
        parts_.directory, number.value_or(0), head.batch_number));
  }
  return absl::OkStatus();
}

absl::Status RocksEventLogImpl::CheckLastEvents(const LogHead& head) const {
  const auto wrong = [&](std::string_view what) {
    return absl::DataLossError(fmt::format("the log in {} should end at position {}, but {}",
                                           parts_.directory, head.position, what));
  };
  const std::unique_ptr<rocksdb::Iterator> row(
      db()->NewIterator(rocksdb::ReadOptions(), family(kEvents)));
  row->SeekToLast();
  if (!row->status().ok()) return FromRocks(row->status(), "reading the last event");
  if (head.position == 0) return row->Valid() ? wrong("there are events") : absl::OkStatus();
  if (!row->Valid()) return wrong("there is no event");
  if (AsView(row->key()) != EventKey(head.position).view()) return wrong("its last event does not");
  const Position first = head.position > kEventsChecked ? head.position - kEventsChecked + 1 : 1;
  absl::Status ended;
  RETURN_IF_ERROR(Read(first, [&](const v1::Event& event) {
    const StreamId stream{static_cast<uint8_t>(event.stream_kind()), event.stream_id()};
    const auto end = EndOf(stream);
    ended = end.status();
    if (ended.ok() && end->position < event.position()) {
      ended = wrong(
          fmt::format("the stream of the event at position {} ends before it", event.position()));
    }
    return ended.ok();
  }));
  RETURN_IF_ERROR(ended);
  ASSIGN_OR_RETURN(const auto day, GetRow(db(), family(kDays),
                                          DayKey(head.day, head.day_first).view(), "day index"));
  if (!day || ParseNumber(*day) != head.position) return wrong("the day index does not");
  return absl::OkStatus();
}

}  // namespace dailyfeed
