#include "core/domain/picture/picture.h"

#include <utility>

#include "core/base/check.h"
#include "core/domain/decision_rows.h"
#include "core/domain/errors.h"
#include "core/domain/streams.h"

namespace dailyfeed {
namespace {

constexpr size_t kHashBytes = 32;

}  // namespace

absl::StatusOr<Events> Decide(const PictureState& state, const AddPicture& command,
                              const Context& context) {
  if (command.picture_id.size() != kPictureIdBytes) {
    return MakeError(ErrorCode::kInvalidRequest, "a picture id has 16 bytes");
  }
  if (command.content_hash.size() != kHashBytes || command.thumbnail_hash.size() != kHashBytes) {
    return MakeError(ErrorCode::kInvalidRequest, "a hash has 32 bytes");
  }
  if (command.width == 0 || command.height == 0 || command.bytes == 0 ||
      command.thumbnail_bytes == 0) {
    return MakeError(ErrorCode::kInvalidRequest, "an empty picture");
  }
  if (state.number != 0) {
    return MakeError(ErrorCode::kInvalidRequest, "the picture id was used before");
  }
  DAILYFEED_CHECK(context.new_id != 0);

  v1::Payload payload;
  v1::PictureAdded& event = *payload.mutable_picture_added();
  event.set_picture_number(context.new_id);
  event.set_picture_id(command.picture_id);
  event.set_owner_id(context.actor);
  event.set_content_hash(command.content_hash);
  event.set_thumbnail_hash(command.thumbnail_hash);
  event.set_width(command.width);
  event.set_height(command.height);
  event.set_bytes(command.bytes);
  event.set_thumbnail_bytes(command.thumbnail_bytes);
  return Events{MakeEvent(std::move(payload))};
}

absl::StatusOr<Events> Decide(const PicturesState& state, const DeletePictures& command,
                              const Context& context) {
  if (command.picture_ids.size() > kDeletedPicturesMax) {
    return MakeError(ErrorCode::kInvalidRequest, "too many pictures for one command");
  }
  Events events;
  for (const PictureState& picture : state.pictures) {
    if (picture.deleted || picture.owner_id != context.actor) continue;
    v1::Payload payload;
    v1::PictureDeleted& event = *payload.mutable_picture_deleted();
    event.set_picture_number(picture.number);
    event.set_picture_id(picture.picture_id);
    event.set_owner_id(picture.owner_id);
    events.push_back(MakeEvent(std::move(payload)));
  }
  if (events.empty()) return MakeError(ErrorCode::kImageNotFound);
  return events;
}

absl::StatusOr<PictureState> Evolve(PictureState state, const v1::PictureAdded& event) {
  if (state.number != 0) return absl::FailedPreconditionError("the picture id was used before");
  if (event.picture_id().size() != kPictureIdBytes) {
    return absl::FailedPreconditionError("a picture id has 16 bytes");
  }
  state.number = event.picture_number();
  state.picture_id = event.picture_id();
  state.owner_id = event.owner_id();
  return state;
}

absl::StatusOr<PictureState> Evolve(PictureState state, const v1::PictureDeleted& event) {
  if (state.number == 0) return absl::FailedPreconditionError("there is no such picture");
  if (state.deleted) return absl::FailedPreconditionError("the picture was deleted before");
  if (state.number != event.picture_number() || state.owner_id != event.owner_id()) {
    return absl::FailedPreconditionError("the number or the owner is another picture's");
  }
  state.deleted = true;
  return state;
}

}  // namespace dailyfeed
