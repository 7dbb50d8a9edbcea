// Decoders of decision rows: whatever they accept, encoding gives the same
// bytes again; and the words for people cope with any bytes.
//
// An input is one byte with the size of the key, the key, and the value.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/check.h"
#include "core/domain/decision_rows.h"

namespace dailyfeed {
namespace {

void Run(std::string_view input) {
  const size_t key_size =
      input.empty() ? 0 : std::min<size_t>(static_cast<unsigned char>(input[0]), input.size() - 1);
  const std::string_view key = input.empty() ? input : input.substr(1, key_size);
  const std::string_view value = input.empty() ? input : input.substr(1 + key_size);

  MemberRow member;
  if (DecodeMemberRow(value, &member)) DAILYFEED_CHECK(EncodeMemberRow(member) == value);
  PostRow post;
  if (DecodePostRow(value, &post)) DAILYFEED_CHECK(EncodePostRow(post) == value);
  CommentRow comment;
  if (DecodeCommentRow(value, &comment)) DAILYFEED_CHECK(EncodeCommentRow(comment) == value);
  PictureRow picture;
  if (DecodePictureRow(value, &picture)) DAILYFEED_CHECK(EncodePictureRow(picture) == value);
  uint64_t number;
  if (DecodeNumber(value, &number)) DAILYFEED_CHECK(EncodeNumber(number) == value);

  const std::string words = DescribeRow(key, value);
  DAILYFEED_CHECK(words.find('\n') == std::string::npos);
  DAILYFEED_CHECK(words.starts_with(DescribeRowKey(key)));

  const auto get = [&](std::string_view, std::string* stored) -> absl::StatusOr<bool> {
    *stored = std::string(value);
    return true;
  };
  const auto ok_or_data_loss = [](const absl::Status& status) {
    DAILYFEED_CHECK(status.ok() || absl::IsDataLoss(status));
  };
  ok_or_data_loss(ReadMember(get, 1).status());
  ok_or_data_loss(ReadMemberIsLive(get, 1).status());
  ok_or_data_loss(ReadPost(get, 1).status());
  ok_or_data_loss(ReadComment(get, 1).status());
  ok_or_data_loss(ReadPicture(get, key).status());
  ok_or_data_loss(ReadNumber(get, key).status());
  ok_or_data_loss(ReadEdge(get, key).status());
  ok_or_data_loss(LookUpMemberByEmailDigest(get, key).status());
}

}  // namespace
}  // namespace dailyfeed

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  dailyfeed::Run({reinterpret_cast<const char*>(data), size});
  return 0;
}
