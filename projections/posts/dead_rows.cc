#include "projections/posts/dead_rows.h"

#include <algorithm>
#include <vector>

#include "core/base/status_macros.h"
#include "projections/codec/row_codec.h"

namespace dailyfeed {
namespace {

// A range that is being swept.
struct Range {
  std::string next_key;
  std::string next_prefix;  // empty: this range is the last one
};

std::string Encode(const Range& range) {
  return RowWriter().Text(range.next_key).Text(range.next_prefix).Take();
}

// A damaged row makes the range start anew and be the last one. An error would
// be the fault of an event that has nothing to do with it.
Range Decode(std::string_view bytes, std::string_view prefix) {
  RowReader reader(bytes);
  Range range;
  range.next_key = reader.Text();
  range.next_prefix = reader.Text();
  if (!reader.Finish("range of dead rows").ok()) range = {std::string(prefix), {}};
  return range;
}

}  // namespace

std::string DeadRows::RangeKey(std::string_view prefix) {
  std::string key(kAnyKey);
  key.append(prefix);
  return key;
}

absl::Status DeadRows::Add(std::string_view prefix) {
  Range range = {std::string(prefix), {}};
  RETURN_IF_ERROR(rows_->Get(kAnyKey, &range.next_prefix).status());
  rows_->Put(RangeKey(prefix), Encode(range));
  rows_->Put(kAnyKey, prefix);
  return absl::OkStatus();
}

absl::Status DeadRows::Sweep(absl::FunctionRef<absl::Status(std::string_view key)> remove) {
  std::string prefix, bytes;
  for (size_t left = kRemovedPerEvent; left > 0;) {
    ASSIGN_OR_RETURN(const bool any, rows_->Get(kAnyKey, &prefix));
    if (!any) return absl::OkStatus();
    RETURN_IF_ERROR(rows_->Get(RangeKey(prefix), &bytes).status());
    Range range = Decode(bytes, prefix);
    std::vector<std::string> keys;
    RETURN_IF_ERROR(
        rows_->Scan(range.next_key, PrefixEnd(prefix), [&](std::string_view key, std::string_view) {
          keys.emplace_back(key);
          return keys.size() < left;
        }));
    if (keys.size() == left) {
      range.next_key = keys.back() + '\0';
      rows_->Put(RangeKey(prefix), Encode(range));
    } else {
      rows_->Delete(RangeKey(prefix));
      if (range.next_prefix.empty()) {
        rows_->Delete(kAnyKey);
      } else {
        rows_->Put(kAnyKey, range.next_prefix);
      }
    }
    for (const std::string& key : keys) RETURN_IF_ERROR(remove(key));
    left -= std::clamp<size_t>(keys.size(), 1, left);
  }
  return absl::OkStatus();
}

absl::Status DeadRows::SweepAll(absl::FunctionRef<absl::Status(std::string_view key)> remove) {
  std::string unused;
  while (true) {
    ASSIGN_OR_RETURN(const bool any, rows_->Get(kAnyKey, &unused));
    if (!any) return absl::OkStatus();
    RETURN_IF_ERROR(Sweep(remove));
  }
}

absl::Status DeadRows::Release(std::string_view range_key) {
  if (range_key.size() <= kAnyKey.size()) return absl::OkStatus();
  const std::string prefix(range_key.substr(kAnyKey.size()));
  std::string bytes;
  ASSIGN_OR_RETURN(const bool there, rows_->Get(range_key, &bytes));
  if (!there) return absl::OkStatus();
  const std::string next = Decode(bytes, prefix).next_prefix;
  rows_->Delete(range_key);
  std::string at;
  RETURN_IF_ERROR(rows_->Get(kAnyKey, &at).status());
  if (at == prefix) {
    if (next.empty()) {
      rows_->Delete(kAnyKey);
    } else {
      rows_->Put(kAnyKey, next);
    }
    return absl::OkStatus();
  }
  while (!at.empty()) {
    ASSIGN_OR_RETURN(const bool found, rows_->Get(RangeKey(at), &bytes));
    if (!found) return absl::DataLossError("the list of dead rows is broken");
    Range range = Decode(bytes, at);
    if (range.next_prefix == prefix) {
      range.next_prefix = next;
      rows_->Put(RangeKey(at), Encode(range));
      return absl::OkStatus();
    }
    at = range.next_prefix;
  }
  return absl::OkStatus();
}

}  // namespace dailyfeed
