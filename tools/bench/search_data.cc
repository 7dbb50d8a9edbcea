#include "tools/bench/search_data.h"

#include <fmt/format.h>

#include <fstream>

#include "absl/time/clock.h"
#include "core/base/status_macros.h"
#include "projections/search/text/search_query.h"
#include "tools/bench/command_pump.h"

namespace dailyfeed::bench {
namespace {

constexpr size_t kWindow = 4096;
constexpr DatasetOptions kCommunity = {.members = 1000, .follows = 50'000, .posts = 0, .likes = 0};
constexpr uint64_t kChangedOneIn = 50;  // edited; and as many deleted
constexpr absl::Duration kHistory = absl::Hours(300 * 24);
constexpr char kZone[] = "Asia/Seoul";  // the library's own

absl::TimeZone Zone() {
  absl::TimeZone zone;
  absl::LoadTimeZone(kZone, &zone);
  return zone;
}

std::string HandleOf(uint64_t index) { return fmt::format("member_{}", index); }

}  // namespace

SearchData::SearchData(Dailyfeed* feed, const BenchOptions& options, BenchReporter& reporter)
    : feed_(feed),
      options_(options),
      reporter_(reporter),
      zone_(Zone()),
      first_(absl::Now() - kHistory),
      members_(feed, kCommunity),
      corpus_(options.seed, {.members = kCommunity.members,
                             .first = absl::ToCivilDay(first_, zone_),
                             .last = absl::ToCivilDay(first_ + kHistory, zone_)}) {}

uint64_t SearchData::count() const {
  if (options_.posts > 0) return options_.posts;
  return options_.quick ? 100'000 : 1'000'000;
}

// One after the other, up to now.
TimestampNs SearchData::CreatedAt(uint64_t index) const {
  const absl::Time at = first_ + kHistory * index / static_cast<int64_t>(count());
  return absl::ToUnixMicros(at) * 1000;
}

absl::Status SearchData::Load() {
  RETURN_IF_ERROR(members_.Build(reporter_));
  reporter_.Progress(fmt::format("{} posts", count()));
  const absl::Time start = absl::Now();
  const uint64_t written = WrittenBytes();
  RETURN_IF_ERROR(Publish());
  const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
  RETURN_IF_ERROR(Change());
  Note();
  const double each = static_cast<double>(count());
  reporter_.Report({.bench = "search",
                    .name = fmt::format("posting {} texts, all read models", count()),
                    .value = each / seconds,
                    .unit = "posts/s"});
  reporter_.Report({.bench = "search",
                    .name = "written to disk for a post, log and all read models together",
                    .value = static_cast<double>(WrittenBytes() - written) / each / 1024,
                    .unit = "KiB"});
  return absl::OkStatus();
}

absl::Status SearchData::Publish() {
  texts_.reserve(count());
  ids_.reserve(count());
  CommandPump pump(feed_, kWindow);
  for (uint64_t i = 0; i < count(); ++i) {
    texts_.push_back(corpus_.Post());
    pump.Send({.command = PublishPost{.content = texts_.back()},
               .actor = members()[i % kCommunity.members],
               .occurred_at = CreatedAt(i)},
              [this](uint64_t id) { ids_.push_back(id); });
  }
  return pump.Finish();
}

absl::Status SearchData::Change() {
  CommandPump pump(feed_, kWindow);
  for (uint64_t i = 0; i < count(); i += kChangedOneIn) {
    texts_[i] = corpus_.Post();
    pump.Send({.command = EditPost{.post_id = ids_[i], .content = texts_[i]},
               .actor = members()[i % kCommunity.members]});
    if (i + 1 == count()) break;
    texts_[i + 1].clear();
    pump.Send({.command = DeletePost{.post_id = ids_[i + 1]},
               .actor = members()[(i + 1) % kCommunity.members]});
  }
  return pump.Finish();
}

void SearchData::Note() {
  reporter_.Progress("the same texts for the scans");
  for (uint64_t i = 0; i < count(); ++i) {
    if (texts_[i].empty()) continue;
    texts_scan_.Add(ids_[i], texts_[i]);
    documents_scan_.Add({.id = ids_[i],
                         .created_at = CreatedAt(i),
                         .author = members()[i % kCommunity.members],
                         .text = search::DocumentText(texts_[i])});
    posts_.push_back(
        {.id = static_cast<search_quality::JudgedId>(ids_[i]),
         .author = HandleOf(i % kCommunity.members),
         .day = absl::FormatCivilTime(absl::ToCivilDay(absl::FromUnixNanos(CreatedAt(i)), zone_)),
         .text = std::move(texts_[i])});
  }
  texts_.clear();
}

SearchRequest SearchData::RequestOf(QueryClass kind, const std::string& text) const {
  return {.text = text,
          .language = IsQ(kind) ? SearchLanguage::kQuery : SearchLanguage::kKeyword,
          .size = kSearchPageSize};
}

absl::StatusOr<ScanAnswer> SearchData::Truth(QueryClass kind, const std::string& text,
                                             size_t page_size) const {
  if (IsQ(kind)) {
    return documents_scan_.Find(text, page_size, zone_, [&](std::string_view handle) -> MemberId {
      for (size_t i = 0; i < members().size(); ++i) {
        if (handle == HandleOf(i)) return members()[i];
      }
      return 0;
    });
  }
  ASSIGN_OR_RETURN(const search::Keyword keyword, search::ParseKeyword(text));
  return texts_scan_.Find(keyword, page_size);
}

uint64_t WrittenBytes() {
  std::ifstream file("/proc/self/io");
  std::string name;
  uint64_t bytes = 0;
  while (file >> name >> bytes) {
    if (name == "write_bytes:") return bytes;
  }
  return 0;
}

}  // namespace dailyfeed::bench
