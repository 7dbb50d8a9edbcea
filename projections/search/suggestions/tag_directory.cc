#include "projections/search/suggestions/tag_directory.h"

#include <utility>

#include "core/base/status_macros.h"
#include "projections/codec/row_codec.h"

namespace dailyfeed::search {
namespace {

// Rows of a load that become one version.
constexpr size_t kRowsAtOnce = 64 * 1024;
// More posts than there can be.
constexpr uint64_t kCountMax = uint64_t{1} << 62;

// A row that is not readable counts nothing: it is missing among suggestions,
// and those who look for the tag are told of the damage.
uint64_t CountIn(std::string_view row) {
  RowReader reader(row);
  const uint64_t count = reader.Varint();
  return reader.Finish("count of a tag").ok() ? count : 0;
}

// Without the tags that are used less than `least`.
TagCounts WithoutRare(const TagCounts& tags, uint64_t least) {
  std::vector<TagCount> gone;
  tags.Visit({}, {}, [&](std::string_view tag, uint64_t count) {
    if (count < least) gone.push_back({std::string(tag), 0});
  });
  return tags.With(gone);
}

}  // namespace

TagDirectory::TagDirectory(std::string row_prefix, const TagDirectoryOptions& options)
    : row_prefix_(std::move(row_prefix)), bytes_max_(options.bytes_max) {}

std::shared_ptr<const TagCounts> TagDirectory::Now() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return now_;
}

void TagDirectory::Collect(std::string_view key, const std::string_view* value) {
  const std::string_view tag = key.substr(row_prefix_.size());
  if (tag.empty() || tag.size() > kTagBytesMax) return;
  const uint64_t count = value == nullptr ? 0 : CountIn(*value);
  collected_.push_back({std::string(tag), count < least_count_ ? 0 : count});
}

void TagDirectory::TakeCollected() {
  if (collected_.empty()) return;
  TagCounts tags = now_->With(collected_);
  collected_.clear();
  if (tags.Bytes() > bytes_max_) {
    const size_t enough = bytes_max_ / 4 * 3;
    while (tags.tags() > 0 && tags.Bytes() > enough) {
      if (least_count_ > kCountMax) {
        tags = TagCounts();  // there is room for nothing
      } else {
        least_count_ *= 2;
        tags = WithoutRare(tags, least_count_);
      }
    }
  }
  auto now = std::make_shared<const TagCounts>(std::move(tags));
  // The former version goes without the lock: `now` outlives it.
  std::lock_guard<std::mutex> lock(mutex_);
  now_.swap(now);
}

absl::Status TagDirectory::OnLoad(const ProjectionReader& rows) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    now_ = std::make_shared<const TagCounts>();
  }
  least_count_ = 1;
  collected_.clear();
  const auto row = rows.NewIterator({.lower = row_prefix_, .upper = PrefixEnd(row_prefix_)});
  for (; row->Valid(); row->Next()) {
    const std::string_view value = row->value();
    Collect(row->key(), &value);
    if (collected_.size() >= kRowsAtOnce) TakeCollected();
  }
  TakeCollected();
  return row->status();
}

void TagDirectory::OnRows(const WrittenRows& rows) {
  rows.Visit(row_prefix_, PrefixEnd(row_prefix_),
             [this](std::string_view key, const std::string* value) {
               const std::string_view row = value == nullptr ? std::string_view() : *value;
               Collect(key, value == nullptr ? nullptr : &row);
             });
  TakeCollected();
}

}  // namespace dailyfeed::search
