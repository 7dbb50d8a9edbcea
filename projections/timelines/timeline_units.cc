#include "projections/timelines/timeline_units.h"

#include "core/base/status_macros.h"
#include "fmt/format.h"
#include "projections/codec/row_codec.h"
#include "projections/timelines/timeline_rows.h"

namespace dailyfeed {
namespace {

constexpr char kAuthorTag = 'a';
constexpr char kNewestTag = 'n';
constexpr char kCountTag = 'd';

absl::StatusOr<PostId> PostOfKey(std::string_view key) {
  if (key.starts_with(kAuthorTag)) {
    ASSIGN_OR_RETURN(const ListKey listed, timelines::DecodeAuthorKey(key));
    return listed.id;
  }
  if (key.starts_with(kNewestTag)) {
    ASSIGN_OR_RETURN(const ListKey listed, timelines::DecodeNewestKey(key));
    return listed.id;
  }
  KeyReader reader(key);
  const PostId post = reader.Id();
  RETURN_IF_ERROR(reader.Finish("key of a post in time"));
  return post;
}

}  // namespace

std::string TimelineUnits::UnitOf(const v1::Event& event) const {
  const v1::Payload& payload = event.payload();
  return fmt::format("post/{}", payload.has_post_published() ? payload.post_published().post_id()
                                                             : payload.post_deleted().post_id());
}

size_t TimelineUnits::SumParts(std::string_view key) const {
  return key.starts_with(kCountTag) ? 1 : 0;
}

absl::StatusOr<std::string> TimelineUnits::OwnerOf(std::string_view key, std::string_view /*value*/,
                                                   ReadRow /*read*/) const {
  if (SumParts(key) > 0) return std::string();
  ASSIGN_OR_RETURN(const PostId post, PostOfKey(key));
  return fmt::format("post/{}", post);
}

}  // namespace dailyfeed
