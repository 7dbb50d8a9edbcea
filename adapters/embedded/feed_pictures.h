// The pictures of an open dailyfeed: puts the library of pictures between the
// commands of the log and the files beside it. Internal to the facade.
//
//   const FeedPictures::Effect effect = pictures.Before(command, actor);
//   ... the command is executed ...
//   pictures.After(effect, &result);
//
// Threads: everything from any thread. After blocks nowhere.
#ifndef DAILYFEED_ADAPTERS_EMBEDDED_FEED_PICTURES_H_
#define DAILYFEED_ADAPTERS_EMBEDDED_FEED_PICTURES_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "adapters/identity/identity.h"
#include "adapters/images/picture_library.h"
#include "core/engine/engine.h"
#include "projections/queries/queries.h"

namespace dailyfeed {

struct PictureOptions {
  std::string directory;  // of the files; empty: pictures/ in the data directory
  PictureProcessorOptions processor;
  // How often files are looked for that no picture uses, and how old they must
  // be: their upload may be on its way.
  absl::Duration sweep_interval = absl::Hours(6);
  absl::Duration sweep_grace = absl::Hours(1);
  // Whether a directory with files that no feed has marked becomes this feed's.
  // No setting: tools that are told a directory say no, because it may be that
  // of another feed, which would lose its pictures.
  bool adopt_directory = true;
};

class FeedPictures {
 public:
  // What a command will mean for files, once it is answered.
  struct Effect {
    std::string added;                  // picture id of an AddPicture
    bool deletes = false;               // a DeletePictures
    std::vector<std::string> released;  // hashes its pictures use
  };

  // `ids` and `queries` are not owned. The errors of OpenFilePictureStore: the
  // directory is marked as belonging to whoever has the secrets of `identity`.
  static absl::StatusOr<std::unique_ptr<FeedPictures>> Open(const std::string& directory,
                                                            const PictureOptions& options,
                                                            IdSource* ids, const Queries* queries,
                                                            const Identity& identity);

  Effect Before(const Command& command, MemberId actor) const;
  // A DeletePictures that found nothing to delete is no failure for whoever
  // sent it: `result` becomes OK, with no event.
  void After(const Effect& effect, absl::StatusOr<CommandResult>* result);

  // The stored PNG of a live picture or of its thumbnail. kImageNotFound,
  // kImageReadingFail.
  absl::StatusOr<std::string> Read(std::string_view picture_id, bool thumbnail) const;

  PictureLibrary& library() { return library_; }
  const PictureLibrary& library() const { return library_; }

 private:
  FeedPictures(std::unique_ptr<PictureStore> store, const PictureOptions& options, IdSource* ids,
               const Queries* queries);

  const Queries* const queries_;
  PictureLibrary library_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_EMBEDDED_FEED_PICTURES_H_
