#include "projections/posts/post_units.h"

#include "core/base/status_macros.h"
#include "fmt/format.h"
#include "projections/codec/row_codec.h"
#include "projections/posts/dead_rows.h"
#include "projections/posts/post_rows.h"
#include "projections/posts/posts_projection.h"

namespace dailyfeed {
namespace {

constexpr char kBodyTag = 'b';
constexpr char kCountsTag = 'c';
constexpr char kLikeTag = 'l';

bool IsNote(std::string_view key) { return key.starts_with(DeadRows::kAnyKey); }

absl::StatusOr<PostId> PostOfKey(std::string_view key) {
  KeyReader reader(key);
  switch (key.empty() ? '\0' : key.front()) {
    case kBodyTag:
    case kCountsTag: {
      const PostId post = reader.Id();
      RETURN_IF_ERROR(reader.Finish("key of a post"));
      return post;
    }
    case posts::kCommentTag:
      if (key.size() <= Key::kPartBytes) break;
      return reader.Id();
    case kLikeTag:
      return posts::DecodeLikeKey(key);
    default:
      break;
  }
  ASSIGN_OR_RETURN(const posts::RankedRow row, posts::DecodeRankedKey(key));
  return row.key.id;
}

}  // namespace

std::string PostUnits::UnitOf(const v1::Event& event) const {
  return fmt::format("post/{}", PostOf(event.payload()));
}

absl::StatusOr<std::string> PostUnits::OwnerOf(std::string_view key, std::string_view /*value*/,
                                               ReadRow /*read*/) const {
  ASSIGN_OR_RETURN(const PostId post, PostOfKey(key));
  return fmt::format("post/{}", post);
}

std::optional<std::string> PostUnits::ContentOf(std::string_view key,
                                                std::string_view value) const {
  if (IsNote(key)) return std::nullopt;
  return std::string(value);
}

// Rows of comments are dead with the subtree that begins at any part of their key.
absl::StatusOr<bool> PostUnits::IsDead(std::string_view key, std::string_view /*value*/,
                                       ReadRow read) const {
  if (!key.starts_with(posts::kCommentTag)) return false;
  std::string unused;
  ASSIGN_OR_RETURN(const bool any, read(DeadRows::kAnyKey, &unused));
  if (!any) return false;
  for (size_t end = 1 + Key::kPartBytes; end <= key.size(); end += Key::kPartBytes) {
    ASSIGN_OR_RETURN(const bool dead, read(DeadRows::RangeKey(key.substr(0, end)), &unused));
    if (dead) return true;
  }
  return false;
}

absl::Status PostUnits::Complete(ProjectionRows& rows) const {
  return DeadRows(&rows).SweepAll([&](std::string_view key) {
    rows.Delete(key);
    return absl::OkStatus();
  });
}

absl::Status PostUnits::Release(std::string_view key, ProjectionRows& rows) const {
  return DeadRows(&rows).Release(key);
}

}  // namespace dailyfeed
