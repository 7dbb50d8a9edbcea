// Pictures, straight from a pinned view.
//
//   const PictureReader pictures(view.rows(pictures_id));
//   ASSIGN_OR_RETURN(PictureView picture, pictures.Picture(id));
//
// A plain value, for one query; the view must outlive it. Threads: any.
#ifndef DAILYFEED_PROJECTIONS_QUERIES_PICTURE_READER_H_
#define DAILYFEED_PROJECTIONS_QUERIES_PICTURE_READER_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "projections/queries/answers.h"
#include "projections/runtime/projection.h"

namespace dailyfeed {

class PictureReader {
 public:
  explicit PictureReader(const ProjectionReader& rows) : rows_(rows) {}

  // See Queries.
  absl::StatusOr<PictureView> Picture(std::string_view picture_id) const;
  absl::StatusOr<Slice<PictureView>> PicturesOf(MemberId owner, const PageRequest& request) const;
  absl::StatusOr<bool> IsUsed(std::string_view hash) const;
  absl::Status VisitUsed(absl::FunctionRef<bool(std::string_view hash)> visit) const;
  absl::StatusOr<std::vector<std::string>> UnusedOfWithdrawn(MemberId member) const;

 private:
  const ProjectionReader& rows_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_PROJECTIONS_QUERIES_PICTURE_READER_H_
