#include "adapters/embedded/feed_pictures.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "adapters/images/store/picture_store.h"
#include "core/base/status_macros.h"
#include "core/domain/decision_rows.h"
#include "core/domain/errors.h"

namespace dailyfeed {

absl::StatusOr<std::unique_ptr<FeedPictures>> FeedPictures::Open(const std::string& directory,
                                                                 const PictureOptions& options,
                                                                 IdSource* ids,
                                                                 const Queries* queries,
                                                                 const Identity& identity) {
  // The same as long as the feed has its secrets, of no use to whoever reads it.
  const std::string mark = ContentHash(identity.DerivedKey("picture directory"));
  ASSIGN_OR_RETURN(std::unique_ptr<PictureStore> store,
                   PictureStore::Open({.directory = directory,
                                       .owner = absl::BytesToHexString(mark),
                                       .adopt = options.adopt_directory}));
  return std::unique_ptr<FeedPictures>(new FeedPictures(std::move(store), options, ids, queries));
}

FeedPictures::FeedPictures(std::unique_ptr<PictureStore> store, const PictureOptions& options,
                           IdSource* ids, const Queries* queries)
    : queries_(queries),
      library_({.store = std::move(store),
                .processor = options.processor,
                .ids = ids,
                .is_used = [queries](std::string_view hash) {
                  return queries->IsPictureHashUsed(hash);
                }}) {}

FeedPictures::Effect FeedPictures::Before(const Command& command, MemberId actor) const {
  Effect effect;
  if (const auto* add = std::get_if<AddPicture>(&command)) effect.added = add->picture_id;
  const auto* deletion = std::get_if<DeletePictures>(&command);
  if (deletion == nullptr) return effect;
  effect.deletes = true;
  // More than the log will take are refused by it.
  if (deletion->picture_ids.size() > kDeletedPicturesMax) return effect;
  for (const std::string& id : deletion->picture_ids) {
    if (id.size() != kPictureIdBytes) continue;
    const absl::StatusOr<PictureView> picture = queries_->Picture(id);
    if (!picture.ok() || picture->owner_id != actor) continue;
    effect.released.push_back(picture->content_hash);
    effect.released.push_back(picture->thumbnail_hash);
  }
  return effect;
}

void FeedPictures::After(const Effect& effect, absl::StatusOr<CommandResult>* result) {
  if (!effect.added.empty()) {
    // An error with a symbolic code is the log's word that it has no such picture.
    const bool certain = result->ok() || (ErrorCodeOf(result->status()).has_value() &&
                                          !absl::IsUnavailable(result->status()));
    library_.Finish(effect.added, certain);
  }
  if (!effect.deletes) return;
  if (ErrorCodeOf(result->status()) == ErrorCode::kImageNotFound) {
    *result = CommandResult();
  } else if (result->ok() && !effect.released.empty()) {
    library_.Release(effect.released);
  }
}

absl::StatusOr<std::string> FeedPictures::Read(std::string_view picture_id, bool thumbnail) const {
  if (picture_id.size() != kPictureIdBytes) return MakeError(ErrorCode::kImageNotFound);
  ASSIGN_OR_RETURN(const PictureView picture, queries_->Picture(picture_id));
  absl::StatusOr<std::string> bytes =
      library_.Read(thumbnail ? picture.thumbnail_hash : picture.content_hash);
  // Deleted since, and its file with it.
  if (!bytes.ok()) RETURN_IF_ERROR(queries_->Picture(picture_id).status());
  return bytes;
}

}  // namespace dailyfeed
