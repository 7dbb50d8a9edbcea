#include "projections/queries/picture_reader.h"

#include <optional>
#include <span>

#include "core/base/status_macros.h"
#include "core/domain/errors.h"
#include "projections/codec/row_codec.h"
#include "projections/pictures/picture_rows.h"
#include "projections/queries/slices.h"

namespace dailyfeed {

absl::StatusOr<PictureView> PictureReader::Picture(std::string_view picture_id) const {
  std::string row;
  ASSIGN_OR_RETURN(const bool found, rows_.Get(pictures::PictureKey(picture_id), &row));
  if (!found) return MakeError(ErrorCode::kImageNotFound);
  return pictures::DecodePicture(picture_id, row);
}

absl::StatusOr<Slice<PictureView>> PictureReader::PicturesOf(MemberId owner,
                                                             const PageRequest& request) const {
  // The list says which picture each row is; `order` is the same for all.
  std::vector<std::string> ids;
  const auto keys = [&](const std::optional<ListKey>& after, uint64_t skip,
                        size_t count) -> absl::StatusOr<std::vector<ListKey>> {
    const std::string prefix = pictures::OwnerPrefix(owner);
    std::string lower = prefix;
    if (after.has_value()) lower = pictures::OwnerKey(owner, after->id) + '\0';
    std::vector<ListKey> found;
    ids.clear();
    auto rows = rows_.NewIterator({.lower = std::move(lower), .upper = PrefixEnd(prefix)});
    for (; rows->Valid() && found.size() < count; rows->Next()) {
      if (skip > 0) {
        --skip;
        continue;
      }
      KeyReader reader(rows->key());
      reader.Id();
      found.push_back({.order = 0, .id = reader.IdDescending()});
      RETURN_IF_ERROR(reader.Finish("pictures of a member"));
      ids.push_back(pictures::PictureKey(rows->value()));
    }
    RETURN_IF_ERROR(rows->status());
    return found;
  };
  const auto load = [&](std::span<const ListKey> of) -> absl::StatusOr<std::vector<PictureView>> {
    ids.resize(of.size());
    ASSIGN_OR_RETURN(const std::vector<StoreReader::Found> rows, rows_.MultiGet(ids));
    std::vector<PictureView> views(of.size());
    for (size_t i = 0; i < rows.size(); ++i) {
      if (!rows[i].found) continue;
      // Behind the tag stands the id.
      ASSIGN_OR_RETURN(views[i],
                       pictures::DecodePicture(std::string_view(ids[i]).substr(1), rows[i].value));
    }
    return views;
  };
  return MakeSlice<PictureView>(request, keys, load,
                                [](const PictureView& view) { return view.number != 0; });
}

absl::StatusOr<bool> PictureReader::IsUsed(std::string_view hash) const {
  const std::string prefix = pictures::UsePrefix(hash);
  const auto rows = rows_.NewIterator({.lower = prefix, .upper = PrefixEnd(prefix)});
  const bool used = rows->Valid();
  RETURN_IF_ERROR(rows->status());
  return used;
}

absl::Status PictureReader::VisitUsed(absl::FunctionRef<bool(std::string_view hash)> visit) const {
  const std::string prefix = pictures::UsePrefix();
  std::string last;
  auto rows = rows_.NewIterator({.lower = prefix, .upper = PrefixEnd(prefix)});
  for (; rows->Valid(); rows->Next()) {
    ASSIGN_OR_RETURN(std::string hash, pictures::DecodeUsedHash(rows->key()));
    if (hash == last) continue;
    if (!visit(hash)) return absl::OkStatus();
    last = std::move(hash);
  }
  return rows->status();
}

absl::StatusOr<std::vector<std::string>> PictureReader::UnusedOfWithdrawn(MemberId member) const {
  const std::string prefix = pictures::ErasePrefix(member);
  std::vector<std::string> unused;
  auto rows = rows_.NewIterator({.lower = prefix, .upper = PrefixEnd(prefix)});
  for (; rows->Valid(); rows->Next()) {
    ASSIGN_OR_RETURN(std::string hash, pictures::DecodeErasedHash(rows->key()));
    ASSIGN_OR_RETURN(const bool used, IsUsed(hash));
    if (!used) unused.push_back(std::move(hash));
  }
  RETURN_IF_ERROR(rows->status());
  return unused;
}

}  // namespace dailyfeed
