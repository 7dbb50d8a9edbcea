// The picture aggregate: who owns which stored picture. The bytes themselves
// lie outside the log, named by their hashes.
#ifndef DAILYFEED_CORE_DOMAIN_PICTURE_PICTURE_H_
#define DAILYFEED_CORE_DOMAIN_PICTURE_PICTURE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/domain/commands.h"
#include "core/domain/context.h"
#include "core/domain/events.pb.h"
#include "core/domain/types.h"

namespace dailyfeed {

// One picture.
struct PictureState {
  PictureNumber number = 0;  // 0: nobody has used the id
  std::string picture_id;
  MemberId owner_id = 0;
  bool deleted = false;
};

// The pictures of a DeletePictures that were ever added, each once.
struct PicturesState {
  std::vector<PictureState> pictures;
};

// INVALID_REQUEST, which people cannot cause, for an id or hash of a wrong
// size, an empty file, no dimensions, or an id that was used before.
absl::StatusOr<Events> Decide(const PictureState& state, const AddPicture& command,
                              const Context& context);

// INVALID_REQUEST above kDeletedPicturesMax ids, kImageNotFound when no live
// picture of the actor is among them: nothing needed to be deleted.
absl::StatusOr<Events> Decide(const PicturesState& state, const DeletePictures& command,
                              const Context& context);

absl::StatusOr<PictureState> Evolve(PictureState state, const v1::PictureAdded& event);
absl::StatusOr<PictureState> Evolve(PictureState state, const v1::PictureDeleted& event);

}  // namespace dailyfeed

#endif  // DAILYFEED_CORE_DOMAIN_PICTURE_PICTURE_H_
