#include "projections/search/members/member_directory.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/status_macros.h"
#include "core/domain/errors.h"
#include "projections/codec/row_codec.h"
#include "projections/follows/follow_rows.h"
#include "projections/members/member_rows.h"

namespace dailyfeed::search {
namespace {

// Rows of a load that become one version: enough that few chunks are copied
// twice, and few enough that the copies do not double the memory.
constexpr size_t kRowsAtOnce = 64 * 1024;

absl::Status Refusal(std::string_view why) {
  return MakeErrorAs(absl::StatusCode::kUnavailable, ErrorCode::kServiceUnavailable, why);
}

// `value`: of a card's row; nullptr: it was deleted.
absl::StatusOr<MemberNames::Change> NamesChange(std::string_view key,
                                                const std::string_view* value) {
  MemberNames::Change change;
  ASSIGN_OR_RETURN(change.id, members::DecodeCardKey(key));
  if (value == nullptr) return change;
  ASSIGN_OR_RETURN(const members::CardNames names, members::DecodeCardNames(*value));
  change.text = NamesText(names.handle, names.member_name, names.display_name);
  return change;
}

absl::StatusOr<FollowerColumn::Change> FollowersChange(std::string_view key,
                                                       const std::string_view* value) {
  FollowerColumn::Change change;
  ASSIGN_OR_RETURN(change.id, follows::DecodeCountsKey(key));
  if (value == nullptr) return change;
  ASSIGN_OR_RETURN(const FollowCounts counts, follows::DecodeCounts(*value));
  change.followers = counts.followers;
  return change;
}

// Calls take(changes) for all rows with the prefix, many at a time, in order.
template <typename Change, typename Decode, typename Take>
absl::Status LoadRows(const ProjectionReader& rows, const std::string& prefix, Decode decode,
                      Take take) {
  std::vector<Change> changes;
  const auto row = rows.NewIterator({.lower = prefix, .upper = PrefixEnd(prefix)});
  for (; row->Valid(); row->Next()) {
    const std::string_view value = row->value();
    ASSIGN_OR_RETURN(Change change, decode(row->key(), &value));
    changes.push_back(std::move(change));
    if (changes.size() < kRowsAtOnce) continue;
    RETURN_IF_ERROR(take(changes));
    changes.clear();
  }
  RETURN_IF_ERROR(row->status());
  return take(changes);
}

// The changes that one write made to the rows with the prefix.
template <typename Change, typename Decode>
absl::StatusOr<std::vector<Change>> WrittenChanges(const WrittenRows& rows,
                                                   const std::string& prefix, Decode decode) {
  std::vector<Change> changes;
  absl::Status status;
  rows.Visit(prefix, PrefixEnd(prefix), [&](std::string_view key, const std::string* value) {
    const std::string_view row = value == nullptr ? std::string_view() : *value;
    absl::StatusOr<Change> change = decode(key, value == nullptr ? nullptr : &row);
    if (change.ok()) {
      changes.push_back(*std::move(change));
    } else {
      status = change.status();
    }
  });
  RETURN_IF_ERROR(status);
  return changes;
}

}  // namespace

class MemberDirectory::NamesObserver final : public ProjectionObserver {
 public:
  explicit NamesObserver(size_t bytes_max) : bytes_max_(bytes_max) {}

  absl::Status OnLoad(const ProjectionReader& rows) override {
    Set(MemberNames());
    const absl::Status loaded = LoadRows<MemberNames::Change>(
        rows, members::CardPrefix(), NamesChange, [this](const auto& changes) {
          Set(current_->names.With(changes));
          return current_->status;
        });
    // Damage, and too many names, are the affair of those who search.
    if (!absl::IsDataLoss(loaded)) return current_->status.ok() ? loaded : absl::OkStatus();
    GiveUp(loaded);
    return absl::OkStatus();
  }

  void OnRows(const WrittenRows& rows) override {
    if (!current_->status.ok()) return;
    const auto changes =
        WrittenChanges<MemberNames::Change>(rows, members::CardPrefix(), NamesChange);
    if (!changes.ok()) return GiveUp(changes.status());
    if (!changes->empty()) Set(current_->names.With(*changes));
  }

  void OnReset(uint64_t) override {}  // OnLoad came before
  std::shared_ptr<const void> Memory() const override { return current_; }

 private:
  void Set(MemberNames names) {
    if (names.Bytes() > bytes_max_) {
      return GiveUp(Refusal("the names of all members take more memory than they may"));
    }
    current_ = std::make_shared<const Names>(Names{absl::OkStatus(), std::move(names)});
  }
  void GiveUp(absl::Status status) {
    current_ = std::make_shared<const Names>(Names{std::move(status), MemberNames()});
  }

  const size_t bytes_max_;
  std::shared_ptr<const Names> current_ = std::make_shared<const Names>();
};

class MemberDirectory::FollowersObserver final : public ProjectionObserver {
 public:
  absl::Status OnLoad(const ProjectionReader& rows) override {
    Set(FollowerColumn());
    const absl::Status loaded = LoadRows<FollowerColumn::Change>(
        rows, follows::CountsPrefix(), FollowersChange, [this](const auto& changes) {
          Set(current_->With(changes));
          return absl::OkStatus();
        });
    // An order with a count that is not readable is better than none.
    return absl::IsDataLoss(loaded) ? absl::OkStatus() : loaded;
  }

  void OnRows(const WrittenRows& rows) override {
    const auto changes =
        WrittenChanges<FollowerColumn::Change>(rows, follows::CountsPrefix(), FollowersChange);
    if (changes.ok() && !changes->empty()) Set(current_->With(*changes));
  }

  void OnReset(uint64_t) override {}  // OnLoad came before
  std::shared_ptr<const void> Memory() const override { return current_; }

 private:
  void Set(FollowerColumn column) {
    current_ = std::make_shared<const FollowerColumn>(std::move(column));
  }

  std::shared_ptr<const FollowerColumn> current_ = std::make_shared<const FollowerColumn>();
};

MemberDirectory::MemberDirectory(Runtime* runtime, ProjectionId members, ProjectionId follows,
                                 const MemberDirectoryOptions& options)
    : members_(members),
      follows_(follows),
      names_(std::make_unique<NamesObserver>(options.names_bytes_max)),
      followers_(std::make_unique<FollowersObserver>()) {
  runtime->Observe(members, names_.get());
  runtime->Observe(follows, followers_.get());
}

MemberDirectory::~MemberDirectory() = default;

MemberDirectory::Held MemberDirectory::HeldBy(const ReadView& view) const {
  return {std::static_pointer_cast<const Names>(view.memory(members_)),
          std::static_pointer_cast<const FollowerColumn>(view.memory(follows_))};
}

absl::StatusOr<MemberDirectory::Held> MemberDirectory::UsableOf(const ReadView& view) const {
  Held held = HeldBy(view);
  if (held.names == nullptr || held.followers == nullptr) {
    return Refusal("the read models are not there");
  }
  RETURN_IF_ERROR(held.names->status);
  return held;
}

absl::StatusOr<FoundMembers> MemberDirectory::Find(const ReadView& view, const MemberQuery& query,
                                                   uint64_t skip, size_t count) const {
  ASSIGN_OR_RETURN(const Held held, UsableOf(view));
  FoundMembers found = FindMembers(held.names->names, *held.followers, query, skip, count);
  if (found.total > 0) return found;
  const std::optional<MemberQuery> looser = query.Looser();
  if (!looser.has_value()) return found;
  return FindMembers(held.names->names, *held.followers, *looser, skip, count);
}

absl::StatusOr<std::vector<MemberId>> MemberDirectory::Suggest(const ReadView& view,
                                                               const TypedPrefix& typed,
                                                               size_t max) const {
  ASSIGN_OR_RETURN(const Held held, UsableOf(view));
  return SuggestMembers(held.names->names, *held.followers, typed, max);
}

MemberDirectory::Counts MemberDirectory::CountsOf(const ReadView& view) const {
  const Held held = HeldBy(view);
  Counts counts;
  if (held.names != nullptr) {
    counts.members = held.names->names.members();
    counts.bytes += held.names->names.Bytes();
  }
  if (held.followers != nullptr) counts.bytes += held.followers->Bytes();
  return counts;
}

}  // namespace dailyfeed::search
