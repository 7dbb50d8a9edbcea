// Reads the rows of the pictures projection.
//
//   PictureReader pictures;
//   pictures.set_reader(runtime->Reader("pictures"));
//
// Threads: any.
#ifndef DAILYFEED_PROJECTIONS_QUERIES_PICTURE_READER_H_
#define DAILYFEED_PROJECTIONS_QUERIES_PICTURE_READER_H_

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "projections/queries/answers.h"
#include "projections/runtime/projection.h"

namespace dailyfeed {

class PictureReader {
 public:
  void set_reader(std::unique_ptr<ProjectionReader> reader) { reader_ = std::move(reader); }

  // See Queries.
  absl::StatusOr<PictureView> Picture(std::string_view picture_id) const;
  absl::StatusOr<Slice<PictureView>> PicturesOf(MemberId owner, const PageRequest& request) const;
  absl::StatusOr<bool> IsUsed(std::string_view hash) const;
  absl::Status VisitUsed(absl::FunctionRef<bool(std::string_view hash)> visit) const;
  absl::StatusOr<std::vector<std::string>> UnusedOfWithdrawn(MemberId member) const;

 private:
  std::unique_ptr<ProjectionReader> reader_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_QUERIES_PICTURE_READER_H_
