#include "core/domain/decision_rows.h"

#include <fmt/format.h>

#include <utility>

#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "core/base/text.h"

namespace dailyfeed {
namespace {

enum class Tag : char {
  kMember = 0x01,
  kHandle = 0x02,
  kEmailDigest = 0x03,
  kFollow = 0x04,
  kFollowingsCount = 0x05,
  kPost = 0x06,
  kPostLike = 0x07,
  kComment = 0x08,
  kCommentLike = 0x09,
  kLastId = 0x0a,
  kPicture = 0x0b,
};

constexpr char kLive = 0x01;
constexpr char kDeleted = 0x02;
constexpr size_t kIdBytes = 8;
constexpr int kVarintBits = 7;
constexpr unsigned char kVarintMore = 0x80;

void AppendId(uint64_t id, std::string* key) {
  for (int shift = 56; shift >= 0; shift -= 8) key->push_back(static_cast<char>(id >> shift));
}

std::string IdKey(Tag tag, uint64_t id) {
  std::string key;
  key.reserve(1 + kIdBytes);
  key.push_back(static_cast<char>(tag));
  AppendId(id, &key);
  return key;
}

std::string PairKey(Tag tag, uint64_t first, uint64_t second) {
  std::string key;
  key.reserve(1 + 2 * kIdBytes);
  key.push_back(static_cast<char>(tag));
  AppendId(first, &key);
  AppendId(second, &key);
  return key;
}

std::string TextKey(Tag tag, std::string_view text) {
  std::string key(1, static_cast<char>(tag));
  key.append(text);
  return key;
}

void AppendVarint(uint64_t number, std::string* value) {
  while (number >= kVarintMore) {
    value->push_back(static_cast<char>(number | kVarintMore));
    number >>= kVarintBits;
  }
  value->push_back(static_cast<char>(number));
}

void AppendText(std::string_view text, std::string* value) {
  AppendVarint(text.size(), value);
  value->append(text);
}

// Takes values off the front of a row. After the first failure every take
// fails.
class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : rest_(bytes) {}

  bool TakeByte(char* byte) {
    if (rest_.empty()) return Fail();
    *byte = rest_.front();
    rest_.remove_prefix(1);
    return true;
  }

  // Only the shortest form, so that equal rows have equal bytes.
  bool TakeVarint(uint64_t* number) {
    uint64_t result = 0;
    for (int shift = 0; shift < 64; shift += kVarintBits) {
      char c;
      if (!TakeByte(&c)) return false;
      const auto byte = static_cast<unsigned char>(c);
      const uint64_t bits = byte & (kVarintMore - 1);
      if (shift == 63 && bits > 1) return Fail();
      result |= bits << shift;
      if ((byte & kVarintMore) != 0) continue;
      if (byte == 0 && shift > 0) return Fail();
      *number = result;
      return true;
    }
    return Fail();
  }

  bool TakeId(uint64_t* id) { return TakeVarint(id) && ((*id >= 1 && *id <= kMaxId) || Fail()); }

  bool TakeText(std::string* text) {
    uint64_t size;
    if (!TakeVarint(&size)) return false;
    if (size > rest_.size()) return Fail();
    text->assign(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return true;
  }

  size_t remaining() const { return rest_.size(); }
  bool AtEnd() const { return !failed_ && rest_.empty(); }

 private:
  bool Fail() {
    failed_ = true;
    rest_ = {};
    return false;
  }

  std::string_view rest_;
  bool failed_ = false;
};

bool TakeLifecycle(Decoder* decoder, bool* deleted) {
  char lifecycle;
  if (!decoder->TakeByte(&lifecycle)) return false;
  *deleted = lifecycle == kDeleted;
  return lifecycle == kLive || lifecycle == kDeleted;
}

absl::Status Malformed(std::string_view key) {
  return absl::DataLossError("malformed decision row: " + DescribeRowKey(key));
}

uint64_t IdAt(std::string_view key, size_t offset) {
  uint64_t id = 0;
  for (const char c : key.substr(offset, kIdBytes)) id = id << 8 | static_cast<unsigned char>(c);
  return id;
}

std::string Hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    fmt::format_to(std::back_inserter(text), "{:02x}", static_cast<unsigned char>(c));
  }
  return text;
}

// Text in quotes, on one line whatever it holds.
std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted.push_back('\\');
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      fmt::format_to(std::back_inserter(quoted), "\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      quoted.push_back(c);
    }
  }
  return quoted + '"';
}

const char* IdKindName(char kind) {
  switch (static_cast<IdKind>(kind)) {
    case IdKind::kMember:
      return "member";
    case IdKind::kPost:
      return "post";
    case IdKind::kComment:
      return "comment";
    case IdKind::kPicture:
      return "picture";
  }
  return nullptr;
}

// The value in words; nullopt when it is malformed or the key is no row's.
std::optional<std::string> DescribeValue(std::string_view key, std::string_view value) {
  uint64_t number;
  switch (static_cast<Tag>(key.front())) {
    case Tag::kMember: {
      MemberRow row;
      if (!DecodeMemberRow(value, &row)) return std::nullopt;
      if (row.lifecycle == MemberLifecycle::kErased) return "erased";
      if (row.lifecycle == MemberLifecycle::kWithdrawn) {
        return fmt::format("withdrawn, subject {}", Hex(row.subject_id));
      }
      return fmt::format("live, handle {}, e-mail digest {}, subject {}", Quoted(row.handle),
                         Hex(row.email_digest), Hex(row.subject_id));
    }
    case Tag::kPost: {
      PostRow row;
      if (!DecodePostRow(value, &row)) return std::nullopt;
      if (row.deleted) return fmt::format("deleted, author {}", row.author_id);
      return fmt::format("live, author {}, title {}", row.author_id, Quoted(row.title));
    }
    case Tag::kComment: {
      CommentRow row;
      if (!DecodeCommentRow(value, &row)) return std::nullopt;
      return fmt::format("{}, post {}, author {}, ancestors [{}]", row.deleted ? "deleted" : "live",
                         row.post_id, row.author_id, fmt::join(row.ancestor_ids, ", "));
    }
    case Tag::kPicture: {
      PictureRow row;
      if (!DecodePictureRow(value, &row)) return std::nullopt;
      return fmt::format("{}, number {}, owner {}", row.deleted ? "deleted" : "live", row.number,
                         row.owner_id);
    }
    case Tag::kHandle:
    case Tag::kEmailDigest:
      if (!DecodeNumber(value, &number)) return std::nullopt;
      return fmt::format("member {}", number);
    case Tag::kFollowingsCount:
    case Tag::kLastId:
      if (!DecodeNumber(value, &number)) return std::nullopt;
      return fmt::format("{}", number);
    case Tag::kFollow:
    case Tag::kPostLike:
    case Tag::kCommentLike:
      if (value != kEdgeValue) return std::nullopt;
      return "present";
  }
  return std::nullopt;
}

}  // namespace

bool IsEdgeKey(std::string_view key) {
  if (key.empty()) return false;
  const Tag tag{key.front()};
  return tag == Tag::kFollow || tag == Tag::kPostLike || tag == Tag::kCommentLike;
}

std::string MemberKey(MemberId member) { return IdKey(Tag::kMember, member); }
std::string HandleKey(std::string_view handle) { return TextKey(Tag::kHandle, AsciiLower(handle)); }
std::string EmailDigestKey(std::string_view digest) { return TextKey(Tag::kEmailDigest, digest); }
std::string FollowKey(MemberId follower, MemberId followee) {
  return PairKey(Tag::kFollow, follower, followee);
}
std::string FollowingsCountKey(MemberId follower) { return IdKey(Tag::kFollowingsCount, follower); }
std::string PostKey(PostId post) { return IdKey(Tag::kPost, post); }
std::string PostLikeKey(PostId post, MemberId member) {
  return PairKey(Tag::kPostLike, post, member);
}
std::string CommentKey(CommentId comment) { return IdKey(Tag::kComment, comment); }
std::string CommentLikeKey(CommentId comment, MemberId member) {
  return PairKey(Tag::kCommentLike, comment, member);
}
std::string LastIdKey(IdKind kind) {
  return {static_cast<char>(Tag::kLastId), static_cast<char>(kind)};
}

std::string PictureKey(std::string_view picture_id) { return TextKey(Tag::kPicture, picture_id); }

std::string EncodeMemberRow(const MemberRow& row) {
  const bool live = row.lifecycle == MemberLifecycle::kLive;
  const bool erased = row.lifecycle == MemberLifecycle::kErased;
  DAILYFEED_CHECK(live || (row.handle.empty() && row.email_digest.empty()));
  DAILYFEED_CHECK(!erased || row.subject_id.empty());
  std::string value(1, static_cast<char>(row.lifecycle));
  if (erased) return value;
  if (!live) {
    AppendText(row.subject_id, &value);
    return value;
  }
  AppendText(row.handle, &value);
  AppendText(row.email_digest, &value);
  AppendText(row.subject_id, &value);
  return value;
}

std::string EncodePostRow(const PostRow& row) {
  DAILYFEED_CHECK(!row.deleted || row.title.empty());
  std::string value(1, row.deleted ? kDeleted : kLive);
  AppendVarint(row.author_id, &value);
  if (!row.deleted) AppendText(row.title, &value);
  return value;
}

std::string EncodeCommentRow(const CommentRow& row) {
  std::string value(1, row.deleted ? kDeleted : kLive);
  AppendVarint(row.post_id, &value);
  AppendVarint(row.author_id, &value);
  AppendVarint(row.ancestor_ids.size(), &value);
  for (const CommentId id : row.ancestor_ids) AppendVarint(id, &value);
  return value;
}

std::string EncodePictureRow(const PictureRow& row) {
  std::string value(1, row.deleted ? kDeleted : kLive);
  AppendVarint(row.number, &value);
  AppendVarint(row.owner_id, &value);
  return value;
}

std::string EncodeNumber(uint64_t number) {
  std::string value;
  AppendVarint(number, &value);
  return value;
}

bool DecodeMemberRow(std::string_view value, MemberRow* row) {
  Decoder decoder(value);
  char lifecycle;
  if (!decoder.TakeByte(&lifecycle)) return false;
  *row = MemberRow();
  row->lifecycle = static_cast<MemberLifecycle>(lifecycle);
  switch (row->lifecycle) {
    case MemberLifecycle::kLive:
      return decoder.TakeText(&row->handle) && decoder.TakeText(&row->email_digest) &&
             decoder.TakeText(&row->subject_id) && decoder.AtEnd();
    case MemberLifecycle::kWithdrawn:
      return decoder.TakeText(&row->subject_id) && decoder.AtEnd();
    case MemberLifecycle::kErased:
      return decoder.AtEnd();
  }
  return false;
}

bool DecodePostRow(std::string_view value, PostRow* row) {
  Decoder decoder(value);
  if (!TakeLifecycle(&decoder, &row->deleted) || !decoder.TakeId(&row->author_id)) return false;
  row->title.clear();
  return (row->deleted || decoder.TakeText(&row->title)) && decoder.AtEnd();
}

bool DecodeCommentRow(std::string_view value, CommentRow* row) {
  Decoder decoder(value);
  uint64_t ancestors;
  if (!TakeLifecycle(&decoder, &row->deleted) || !decoder.TakeId(&row->post_id) ||
      !decoder.TakeId(&row->author_id) || !decoder.TakeVarint(&ancestors) ||
      ancestors > decoder.remaining()) {
    return false;
  }
  row->ancestor_ids.resize(ancestors);
  for (CommentId& id : row->ancestor_ids) {
    if (!decoder.TakeId(&id)) return false;
  }
  return decoder.AtEnd();
}

bool DecodePictureRow(std::string_view value, PictureRow* row) {
  Decoder decoder(value);
  return TakeLifecycle(&decoder, &row->deleted) && decoder.TakeId(&row->number) &&
         decoder.TakeId(&row->owner_id) && decoder.AtEnd();
}

bool DecodeNumber(std::string_view value, uint64_t* number) {
  Decoder decoder(value);
  return decoder.TakeVarint(number) && decoder.AtEnd();
}

absl::StatusOr<std::optional<MemberRow>> ReadMember(RowGetter get, MemberId member) {
  const std::string key = MemberKey(member);
  std::string value;
  ASSIGN_OR_RETURN(const bool found, get(key, &value));
  if (!found) return std::nullopt;
  MemberRow row;
  if (!DecodeMemberRow(value, &row)) return Malformed(key);
  return row;
}

absl::StatusOr<bool> ReadMemberIsLive(RowGetter get, MemberId member) {
  const std::string key = MemberKey(member);
  std::string value;
  ASSIGN_OR_RETURN(const bool found, get(key, &value));
  if (!found) return false;
  if (value.empty()) return Malformed(key);
  switch (static_cast<MemberLifecycle>(value.front())) {
    case MemberLifecycle::kLive:
      return true;
    case MemberLifecycle::kWithdrawn:
    case MemberLifecycle::kErased:
      return false;
  }
  return Malformed(key);
}

absl::StatusOr<std::optional<PostRow>> ReadPost(RowGetter get, PostId post) {
  const std::string key = PostKey(post);
  std::string value;
  ASSIGN_OR_RETURN(const bool found, get(key, &value));
  if (!found) return std::nullopt;
  PostRow row;
  if (!DecodePostRow(value, &row)) return Malformed(key);
  return row;
}

absl::StatusOr<std::optional<CommentRow>> ReadComment(RowGetter get, CommentId comment) {
  const std::string key = CommentKey(comment);
  std::string value;
  ASSIGN_OR_RETURN(const bool found, get(key, &value));
  if (!found) return std::nullopt;
  CommentRow row;
  if (!DecodeCommentRow(value, &row)) return Malformed(key);
  return row;
}

absl::StatusOr<std::optional<PictureRow>> ReadPicture(RowGetter get, std::string_view picture_id) {
  const std::string key = PictureKey(picture_id);
  std::string value;
  ASSIGN_OR_RETURN(const bool found, get(key, &value));
  if (!found) return std::nullopt;
  PictureRow row;
  if (!DecodePictureRow(value, &row)) return Malformed(key);
  return row;
}

absl::StatusOr<uint64_t> ReadNumber(RowGetter get, std::string_view key) {
  std::string value;
  ASSIGN_OR_RETURN(const bool found, get(key, &value));
  if (!found) return 0;
  uint64_t number;
  if (!DecodeNumber(value, &number)) return Malformed(key);
  return number;
}

absl::StatusOr<bool> ReadEdge(RowGetter get, std::string_view key) {
  std::string value;
  ASSIGN_OR_RETURN(const bool found, get(key, &value));
  if (found && value != kEdgeValue) return Malformed(key);
  return found;
}

absl::StatusOr<std::optional<MemberAccount>> LookUpMemberByEmailDigest(RowGetter get,
                                                                       std::string_view digest) {
  const std::string key = EmailDigestKey(digest);
  ASSIGN_OR_RETURN(const MemberId member_id, ReadNumber(get, key));
  if (member_id == 0) return std::nullopt;
  ASSIGN_OR_RETURN(std::optional<MemberRow> row, ReadMember(get, member_id));
  if (!row.has_value() || row->lifecycle != MemberLifecycle::kLive) {
    return absl::DataLossError(
        fmt::format("{} names member {}, who is not live", DescribeRowKey(key), member_id));
  }
  return MemberAccount{member_id, std::move(row->subject_id)};
}

std::string DescribeRowKey(std::string_view key) {
  const std::string unknown = "unknown row " + Hex(key);
  if (key.empty()) return unknown;
  const std::string_view rest = key.substr(1);
  const bool one_id = rest.size() == kIdBytes;
  const bool two_ids = rest.size() == 2 * kIdBytes;
  const auto first = [&] { return IdAt(rest, 0); };
  const auto second = [&] { return IdAt(rest, kIdBytes); };
  switch (static_cast<Tag>(key.front())) {
    case Tag::kMember:
      return one_id ? fmt::format("member {}", first()) : unknown;
    case Tag::kHandle:
      return fmt::format("handle {}", Quoted(rest));
    case Tag::kEmailDigest:
      return fmt::format("e-mail digest {}", Hex(rest));
    case Tag::kFollow:
      return two_ids ? fmt::format("follow of {} by member {}", second(), first()) : unknown;
    case Tag::kFollowingsCount:
      return one_id ? fmt::format("followings count of member {}", first()) : unknown;
    case Tag::kPost:
      return one_id ? fmt::format("post {}", first()) : unknown;
    case Tag::kPostLike:
      return two_ids ? fmt::format("post-like {} by member {}", first(), second()) : unknown;
    case Tag::kComment:
      return one_id ? fmt::format("comment {}", first()) : unknown;
    case Tag::kCommentLike:
      return two_ids ? fmt::format("comment-like {} by member {}", first(), second()) : unknown;
    case Tag::kLastId: {
      const char* const kind = rest.size() == 1 ? IdKindName(rest.front()) : nullptr;
      return kind == nullptr ? unknown : fmt::format("last {} id", kind);
    }
    case Tag::kPicture:
      return fmt::format("picture {}", Hex(rest));
  }
  return unknown;
}

std::string DescribeRow(std::string_view key, std::string_view value) {
  const std::optional<std::string> words = key.empty() ? std::nullopt : DescribeValue(key, value);
  return fmt::format("{}: {}", DescribeRowKey(key),
                     words.has_value() ? *words : "malformed value " + Hex(value));
}

}  // namespace dailyfeed
