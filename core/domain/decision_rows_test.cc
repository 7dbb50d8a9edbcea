#include "core/domain/decision_rows.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/domain/map_rows.h"

namespace dailyfeed {
namespace {

std::string Bytes(std::initializer_list<int> bytes) {
  std::string text;
  for (const int byte : bytes) text.push_back(static_cast<char>(byte));
  return text;
}

class RowsTest : public testing::Test {
 protected:
  absl::StatusOr<bool> Get(std::string_view key, std::string* value) {
    return rows_.Get(key, value);
  }
  MapRows rows_;
};

// The bytes of the table in decision_rows.h. They are on disks.
TEST(DecisionRowsTest, KeysHaveTheirBytes) {
  EXPECT_EQ(MemberKey(7), Bytes({1, 0, 0, 0, 0, 0, 0, 0, 7}));
  EXPECT_EQ(HandleKey("Kim_7"), "\x02kim_7");
  EXPECT_EQ(EmailDigestKey("Dig"),
            "\x03"
            "Dig");
  EXPECT_EQ(FollowKey(1, 0x0102030405060708),
            Bytes({4, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8}));
  EXPECT_EQ(FollowingsCountKey(7), Bytes({5, 0, 0, 0, 0, 0, 0, 0, 7}));
  EXPECT_EQ(PostKey(256), Bytes({6, 0, 0, 0, 0, 0, 0, 1, 0}));
  EXPECT_EQ(PostLikeKey(1, 2), Bytes({7, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2}));
  EXPECT_EQ(CommentKey(9), Bytes({8, 0, 0, 0, 0, 0, 0, 0, 9}));
  EXPECT_EQ(CommentLikeKey(1, 2), Bytes({9, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2}));
  EXPECT_EQ(LastIdKey(IdKind::kMember), Bytes({10, 1}));
  EXPECT_EQ(LastIdKey(IdKind::kPost), Bytes({10, 2}));
  EXPECT_EQ(LastIdKey(IdKind::kComment), Bytes({10, 3}));
  EXPECT_EQ(LastIdKey(IdKind::kPicture), Bytes({10, 4}));
  EXPECT_EQ(PictureKey("0123456789abcdef"), "\x0b" + std::string("0123456789abcdef"));
}

TEST(DecisionRowsTest, ValuesHaveTheirBytes) {
  EXPECT_EQ(EncodeMemberRow({"kim", "DD", "S"}), Bytes({1, 3, 'k', 'i', 'm', 2, 'D', 'D', 1, 'S'}));
  EXPECT_EQ(EncodeMemberRow({"", "", "S", MemberLifecycle::kWithdrawn}), Bytes({2, 1, 'S'}));
  EXPECT_EQ(EncodeMemberRow({"", "", "", MemberLifecycle::kErased}), Bytes({3}));
  EXPECT_EQ(EncodePictureRow({300, 7, false}), Bytes({1, 0xAC, 0x02, 7}));
  EXPECT_EQ(EncodePictureRow({300, 7, true}), Bytes({2, 0xAC, 0x02, 7}));
  EXPECT_EQ(EncodePostRow({300, false, "hi"}), Bytes({1, 0xAC, 0x02, 2, 'h', 'i'}));
  EXPECT_EQ(EncodePostRow({300, true, ""}), Bytes({2, 0xAC, 0x02}));
  EXPECT_EQ(EncodeCommentRow({41, 7, false, {}}), Bytes({1, 41, 7, 0}));
  EXPECT_EQ(EncodeCommentRow({41, 7, true, {5, 200}}), Bytes({2, 41, 7, 2, 5, 0xC8, 0x01}));
  EXPECT_EQ(EncodeNumber(0), Bytes({0}));
  EXPECT_EQ(EncodeNumber(127), Bytes({0x7F}));
  EXPECT_EQ(EncodeNumber(128), Bytes({0x80, 0x01}));
  EXPECT_EQ(EncodeNumber(UINT64_MAX), std::string(9, '\xFF') + "\x01");
  EXPECT_EQ(kEdgeValue, Bytes({1}));
}

TEST(DecisionRowsTest, EncodedRowsDecodeToThemselves) {
  const MemberRow members[] = {{"", "", ""},
                               {"Kim", std::string(200, 'd'), std::string(16, '\0')},
                               {"", "", std::string(16, 's'), MemberLifecycle::kWithdrawn},
                               {"", "", "", MemberLifecycle::kErased}};
  for (const MemberRow& row : members) {
    MemberRow decoded = {"x", "y", "z"};
    ASSERT_TRUE(DecodeMemberRow(EncodeMemberRow(row), &decoded));
    EXPECT_EQ(decoded, row);
  }
  const PostRow posts[] = {{1, false, ""}, {kMaxId, false, "제목"}, {kMaxId, true, ""}};
  for (const PostRow& row : posts) {
    PostRow decoded = {5, true, "x"};
    ASSERT_TRUE(DecodePostRow(EncodePostRow(row), &decoded));
    EXPECT_EQ(decoded, row);
  }
  const CommentRow comments[] = {{1, 2, false, {}}, {kMaxId, kMaxId, true, {1, kMaxId}}};
  for (const CommentRow& row : comments) {
    CommentRow decoded = {1, 2, true, {3}};
    ASSERT_TRUE(DecodeCommentRow(EncodeCommentRow(row), &decoded));
    EXPECT_EQ(decoded, row);
  }
  const PictureRow pictures[] = {{1, 2, false}, {kMaxId, kMaxId, true}};
  for (const PictureRow& row : pictures) {
    PictureRow decoded = {3, 4, !row.deleted};
    ASSERT_TRUE(DecodePictureRow(EncodePictureRow(row), &decoded));
    EXPECT_EQ(decoded, row);
  }
  for (const uint64_t number : {uint64_t{0}, uint64_t{1}, uint64_t{1} << 63, UINT64_MAX}) {
    uint64_t decoded = 5;
    ASSERT_TRUE(DecodeNumber(EncodeNumber(number), &decoded));
    EXPECT_EQ(decoded, number);
  }
}

TEST(DecisionRowsTest, NothingButTheExactBytesDecodes) {
  MemberRow member;
  PostRow post;
  CommentRow comment;
  uint64_t number;
  const std::string member_bytes = EncodeMemberRow({"kim", "digest", "subject"});
  const std::string post_bytes = EncodePostRow({300, false, "title"});
  const std::string comment_bytes = EncodeCommentRow({300, 7, false, {5, 200}});
  for (size_t i = 0; i < member_bytes.size(); ++i) {
    EXPECT_FALSE(DecodeMemberRow(member_bytes.substr(0, i), &member)) << i;
  }
  for (size_t i = 0; i < post_bytes.size(); ++i) {
    EXPECT_FALSE(DecodePostRow(post_bytes.substr(0, i), &post)) << i;
  }
  for (size_t i = 0; i < comment_bytes.size(); ++i) {
    EXPECT_FALSE(DecodeCommentRow(comment_bytes.substr(0, i), &comment)) << i;
  }
  EXPECT_FALSE(DecodeMemberRow(member_bytes + "x", &member));
  EXPECT_FALSE(DecodePostRow(post_bytes + "x", &post));
  EXPECT_FALSE(DecodeCommentRow(comment_bytes + "x", &comment));
  EXPECT_FALSE(DecodeNumber("", &number));
  EXPECT_FALSE(DecodeNumber(Bytes({1, 1}), &number));
  EXPECT_FALSE(DecodeNumber(Bytes({0x80, 0x00}), &number)) << "not the shortest form";
  EXPECT_FALSE(DecodeNumber(std::string(9, '\xFF') + "\x02", &number)) << "more than 64 bits";
  EXPECT_FALSE(DecodeNumber(std::string(10, '\xFF') + "\x01", &number)) << "more than 64 bits";
  EXPECT_FALSE(DecodeMemberRow("\x04" + member_bytes.substr(1), &member)) << "no such lifecycle";
  EXPECT_FALSE(DecodeMemberRow("\x02" + member_bytes.substr(1), &member)) << "more than a subject";
  EXPECT_FALSE(DecodeMemberRow(Bytes({2, 1}), &member)) << "less than a subject";
  EXPECT_FALSE(DecodeMemberRow(Bytes({3, 0}), &member)) << "more than nothing";
  PictureRow picture;
  EXPECT_FALSE(DecodePictureRow("", &picture));
  EXPECT_FALSE(DecodePictureRow(Bytes({1, 3}), &picture)) << "no owner";
  EXPECT_FALSE(DecodePictureRow(Bytes({3, 3, 7}), &picture)) << "no such lifecycle";
  EXPECT_FALSE(DecodePictureRow(Bytes({1, 0, 7}), &picture)) << "0 is no number";
  EXPECT_FALSE(DecodePictureRow(Bytes({1, 3, 7, 0}), &picture));
  EXPECT_FALSE(DecodePostRow("\x03" + post_bytes.substr(1), &post)) << "no such lifecycle";
  EXPECT_FALSE(DecodePostRow(Bytes({2, 0}), &post)) << "0 is no id";
  EXPECT_FALSE(DecodePostRow(Bytes({2}) + EncodeNumber(kMaxId + 1), &post)) << "above every id";
  EXPECT_FALSE(DecodeCommentRow(Bytes({1, 41, 7, 1}), &comment)) << "an ancestor is missing";
  EXPECT_FALSE(DecodeCommentRow(Bytes({1, 41, 7}) + EncodeNumber(UINT64_MAX), &comment))
      << "more ancestors than bytes";
}

TEST_F(RowsTest, TypedReads) {
  const auto get = [&](std::string_view key, std::string* value) { return Get(key, value); };
  EXPECT_EQ(*ReadMember(get, 7), std::nullopt);
  EXPECT_FALSE(*ReadMemberIsLive(get, 7));
  EXPECT_EQ(*ReadPost(get, 7), std::nullopt);
  EXPECT_EQ(*ReadComment(get, 7), std::nullopt);
  EXPECT_EQ(*ReadPicture(get, "0123456789abcdef"), std::nullopt);
  EXPECT_EQ(*ReadNumber(get, FollowingsCountKey(7)), 0u);
  EXPECT_FALSE(*ReadEdge(get, PostLikeKey(7, 7)));

  rows_.Put(MemberKey(7), EncodeMemberRow({"kim", "d", "s"}));
  rows_.Put(PostKey(7), EncodePostRow({7, false, "t"}));
  rows_.Put(CommentKey(7), EncodeCommentRow({7, 7, true, {3}}));
  rows_.Put(FollowingsCountKey(7), EncodeNumber(1000));
  rows_.Put(PostLikeKey(7, 7), kEdgeValue);
  EXPECT_EQ(*ReadMember(get, 7), (MemberRow{"kim", "d", "s"}));
  EXPECT_TRUE(*ReadMemberIsLive(get, 7));
  EXPECT_EQ(*ReadPost(get, 7), (PostRow{7, false, "t"}));
  EXPECT_EQ(*ReadComment(get, 7), (CommentRow{7, 7, true, {3}}));
  EXPECT_EQ(*ReadNumber(get, FollowingsCountKey(7)), 1000u);
  EXPECT_TRUE(*ReadEdge(get, PostLikeKey(7, 7)));
  rows_.Put(PictureKey("0123456789abcdef"), EncodePictureRow({3, 7, false}));
  EXPECT_EQ(*ReadPicture(get, "0123456789abcdef"), (PictureRow{3, 7, false}));
  rows_.Put(MemberKey(8), EncodeMemberRow({"", "", "s", MemberLifecycle::kWithdrawn}));
  rows_.Put(MemberKey(9), EncodeMemberRow({"", "", "", MemberLifecycle::kErased}));
  EXPECT_FALSE(*ReadMemberIsLive(get, 8));
  EXPECT_FALSE(*ReadMemberIsLive(get, 9));
  EXPECT_EQ((*ReadMember(get, 9))->lifecycle, MemberLifecycle::kErased);
}

TEST_F(RowsTest, MalformedRowsAreDataLossAndNamed) {
  const auto get = [&](std::string_view key, std::string* value) { return Get(key, value); };
  for (const std::string& key :
       {MemberKey(7), PostKey(7), CommentKey(7), FollowingsCountKey(7), PostLikeKey(7, 8)}) {
    rows_.Put(key, "");
  }
  const absl::Status statuses[] = {
      ReadMember(get, 7).status(),
      ReadMemberIsLive(get, 7).status(),
      ReadPost(get, 7).status(),
      ReadComment(get, 7).status(),
      ReadNumber(get, FollowingsCountKey(7)).status(),
      ReadEdge(get, PostLikeKey(7, 8)).status(),
  };
  for (const absl::Status& status : statuses) EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_EQ(statuses[2].message(), "malformed decision row: post 7");
  EXPECT_EQ(statuses[5].message(), "malformed decision row: post-like 7 by member 8");
}

TEST_F(RowsTest, FailuresOfTheStoragePassThrough) {
  const auto get = [&](std::string_view key, std::string* value) { return Get(key, value); };
  rows_.FailWith(absl::UnavailableError("disk"));
  EXPECT_TRUE(absl::IsUnavailable(ReadMember(get, 7).status()));
  EXPECT_TRUE(absl::IsUnavailable(ReadMemberIsLive(get, 7).status()));
  EXPECT_TRUE(absl::IsUnavailable(ReadPost(get, 7).status()));
  EXPECT_TRUE(absl::IsUnavailable(ReadComment(get, 7).status()));
  EXPECT_TRUE(absl::IsUnavailable(ReadNumber(get, "x").status()));
  EXPECT_TRUE(absl::IsUnavailable(ReadEdge(get, "x").status()));
  EXPECT_TRUE(absl::IsUnavailable(LookUpMemberByEmailDigest(get, "x").status()));
}

TEST_F(RowsTest, FromTheEmailDigestToTheSubject) {
  const auto get = [&](std::string_view key, std::string* value) { return Get(key, value); };
  EXPECT_EQ((*LookUpMemberByEmailDigest(get, "digest")).has_value(), false);
  rows_.Put(EmailDigestKey("digest"), EncodeNumber(7));
  EXPECT_TRUE(absl::IsDataLoss(LookUpMemberByEmailDigest(get, "digest").status()));
  rows_.Put(MemberKey(7), EncodeMemberRow({"", "", "s", MemberLifecycle::kWithdrawn}));
  EXPECT_TRUE(absl::IsDataLoss(LookUpMemberByEmailDigest(get, "digest").status()));
  rows_.Put(MemberKey(7), EncodeMemberRow({"kim", "digest", "subject"}));
  const auto account = LookUpMemberByEmailDigest(get, "digest");
  ASSERT_TRUE(account.ok() && account->has_value());
  EXPECT_EQ((*account)->member_id, 7u);
  EXPECT_EQ((*account)->subject_id, "subject");
}

TEST(DecisionRowsTest, RowsInWords) {
  struct Case {
    std::string key, value, words;
  };
  const Case cases[] = {
      {MemberKey(7), EncodeMemberRow({"Kim", "\x01\xFF", "ab"}),
       "member 7: live, handle \"Kim\", e-mail digest 01ff, subject 6162"},
      {MemberKey(7), EncodeMemberRow({"", "", "ab", MemberLifecycle::kWithdrawn}),
       "member 7: withdrawn, subject 6162"},
      {MemberKey(7), EncodeMemberRow({"", "", "", MemberLifecycle::kErased}), "member 7: erased"},
      {PictureKey("0123456789abcdef"), EncodePictureRow({3, 7, false}),
       "picture 30313233343536373839616263646566: live, number 3, owner 7"},
      {PictureKey("0123456789abcdef"), EncodePictureRow({3, 7, true}),
       "picture 30313233343536373839616263646566: deleted, number 3, owner 7"},
      {HandleKey("Kim"), EncodeNumber(7), "handle \"kim\": member 7"},
      {EmailDigestKey("\x01\xFF"), EncodeNumber(7), "e-mail digest 01ff: member 7"},
      {FollowKey(7, 8), std::string(kEdgeValue), "follow of 8 by member 7: present"},
      {FollowingsCountKey(7), EncodeNumber(3), "followings count of member 7: 3"},
      {PostKey(41), EncodePostRow({7, false, "a\"\\\n제"}),
       "post 41: live, author 7, title \"a\\\"\\\\\\x0a제\""},
      {PostKey(41), EncodePostRow({7, true, ""}), "post 41: deleted, author 7"},
      {PostLikeKey(41, 7), std::string(kEdgeValue), "post-like 41 by member 7: present"},
      {CommentKey(9), EncodeCommentRow({41, 7, false, {5, 6}}),
       "comment 9: live, post 41, author 7, ancestors [5, 6]"},
      {CommentKey(9), EncodeCommentRow({41, 7, true, {}}),
       "comment 9: deleted, post 41, author 7, ancestors []"},
      {CommentLikeKey(9, 7), std::string(kEdgeValue), "comment-like 9 by member 7: present"},
      {LastIdKey(IdKind::kMember), EncodeNumber(7), "last member id: 7"},
      {LastIdKey(IdKind::kPost), EncodeNumber(7), "last post id: 7"},
      {LastIdKey(IdKind::kComment), EncodeNumber(7), "last comment id: 7"},
      {PostKey(41), "\xFF\x01", "post 41: malformed value ff01"},
      {PostLikeKey(41, 7), "x", "post-like 41 by member 7: malformed value 78"},
      {"\x06x", "\x01", "unknown row 0678: malformed value 01"},
      {"\x7Fx", "\x01", "unknown row 7f78: malformed value 01"},
      {"", "", "unknown row : malformed value "},
      {LastIdKey(IdKind::kPicture), EncodeNumber(7), "last picture id: 7"},
      {Bytes({10, 5}), EncodeNumber(1), "unknown row 0a05: 1"},
  };
  for (const Case& c : cases) EXPECT_EQ(DescribeRow(c.key, c.value), c.words);
}

}  // namespace
}  // namespace dailyfeed
