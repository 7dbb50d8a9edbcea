// The public class: every verb reaches the engine with what it was given, every
// list comes back, errors have their names.
#include "dailyfeed/feed.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "absl/hash/hash.h"
#include "adapters/images/test_pictures.h"
#include "core/domain/events.pb.h"

namespace dailyfeed {
namespace {

namespace fs = std::filesystem;

constexpr char kPassword[] = "Secret1!x";

class FeedTest : public ::testing::Test {
 protected:
  FeedTest()
      : base_(fs::path(::testing::TempDir()) /
              ::testing::UnitTest::GetInstance()->current_test_info()->name()) {
    fs::remove_all(base_);
    fs::create_directories(base_);
    Reopen();
  }

  void Reopen() {
    feed_.reset();
    auto feed = Feed::Open({.directory = (base_ / "feed").string(), .time_zone = "UTC"});
    ASSERT_TRUE(feed.ok()) << feed.status();
    feed_ = *std::move(feed);
  }
  Member SignUp(const std::string& handle) {
    const auto member = feed_->SignUp({.email = handle + "@example.com",
                                       .password = kPassword,
                                       .name = "Name of " + handle,
                                       .handle = handle,
                                       .bio = "about " + handle});
    EXPECT_TRUE(member.ok()) << member.status();
    return member.value_or(Member{});
  }
  Post Publish(Member author, const std::string& content) {
    const auto post = feed_->Publish(author, {.content = content}).get();
    EXPECT_TRUE(post.ok()) << post.status();
    return post.value_or(Post{});
  }

  const fs::path base_;
  std::unique_ptr<Feed> feed_;
};

std::vector<std::string> Contents(const absl::StatusOr<FeedPage<FeedPost>>& page) {
  EXPECT_TRUE(page.ok()) << page.status();
  std::vector<std::string> contents;
  if (page.ok()) {
    for (const FeedPost& row : page->rows) contents.push_back(row.content);
  }
  return contents;
}

std::vector<std::string> Handles(const absl::StatusOr<FeedPage<FeedMember>>& page) {
  EXPECT_TRUE(page.ok()) << page.status();
  std::vector<std::string> handles;
  if (page.ok()) {
    for (const FeedMember& row : page->rows) handles.push_back(row.handle);
  }
  return handles;
}

using Texts = std::vector<std::string>;

TEST_F(FeedTest, MembersSignUpAndChange) {
  const Member kim = SignUp("kim");
  EXPECT_EQ(feed_->CheckPassword("kim@example.com", kPassword).value(), kim);
  EXPECT_EQ(ErrorName(feed_->CheckPassword("kim@example.com", "Other1!x").status()),
            "MEMBER_PASSWORD_INVALID");
  ASSERT_TRUE(feed_->ChangePassword(kim, kPassword, "Another1!x").ok());
  EXPECT_EQ(feed_->CheckPassword("kim@example.com", "Another1!x").value(), kim);

  ASSERT_TRUE(feed_->EditProfile(kim, {.name = "Kim Minji", .location = "Seoul"}).ok());
  ASSERT_TRUE(feed_->ChangeHandle(kim, "minji").get().ok());
  const FeedMember row = feed_->Read(kim).value();
  EXPECT_EQ(row.member, kim);
  EXPECT_EQ(row.handle, "minji");
  EXPECT_EQ(row.name, "Kim Minji");
  EXPECT_EQ(row.location, "Seoul");
  EXPECT_EQ(row.bio, "about kim");
  EXPECT_EQ(feed_->FindHandle("MINJI").value().member, kim);

  const auto refused = feed_->SignUp({.email = "no", .password = kPassword, .handle = "lee"});
  EXPECT_EQ(ErrorName(refused.status()), "INVALID_REQUEST");
  EXPECT_EQ(InvalidFields(refused.status()), (Texts{"email", "memberName"}));
}

TEST_F(FeedTest, AWithdrawnMemberIsGone) {
  const Member kim = SignUp("kim");
  const Member lee = SignUp("lee");
  const Post post = Publish(kim, "hello");
  ASSERT_TRUE(feed_->Follow(lee, kim).get().ok());
  ASSERT_TRUE(feed_->Withdraw(kim).get().ok());
  EXPECT_EQ(ErrorName(feed_->Read(kim).status()), "MEMBER_NOT_FOUND");
  EXPECT_EQ(feed_->Read(lee)->followings, 0u);
  EXPECT_TRUE(SignUp("kim")) << "e-mail and handle are free";
  const auto left = feed_->Show(lee, post);
  if (left.ok()) {
    EXPECT_FALSE(left->author) << left->author_handle;
    EXPECT_EQ(left->author_handle, "");
  }
}

TEST_F(FeedTest, FollowingFillsTheFeed) {
  const Member kim = SignUp("kim");
  const Member lee = SignUp("lee");
  ASSERT_TRUE(feed_->Follow(lee, kim).get().ok());
  EXPECT_EQ(ErrorName(feed_->Follow(lee, kim).get()), "FOLLOW_RELATIONSHIP_ALREADY_EXISTS");
  EXPECT_TRUE(feed_->IsFollowing(lee, kim).value());
  EXPECT_FALSE(feed_->IsFollowing(kim, lee).value());
  EXPECT_EQ(Handles(feed_->Followers(kim)), Texts{"lee"});
  EXPECT_EQ(Handles(feed_->Followings(lee)), Texts{"kim"});
  EXPECT_EQ(Handles(feed_->Recommended(kim)), Texts{"lee"});
  EXPECT_EQ(Handles(feed_->Recommended(lee)), Texts{});
  EXPECT_EQ(feed_->Read(kim)->followers, 1u);
  EXPECT_EQ(feed_->Followers(kim)->rows.at(0).followings, 1u);

  Publish(kim, "one");
  Publish(kim, "two");
  EXPECT_EQ(Contents(feed_->FollowFeed(lee)), (Texts{"two", "one"}));
  EXPECT_EQ(Contents(feed_->PostsOf(lee, kim)), (Texts{"two", "one"}));
  ASSERT_TRUE(feed_->Unfollow(lee, kim).get().ok());
  EXPECT_EQ(Contents(feed_->FollowFeed(lee)), Texts{});
}

TEST_F(FeedTest, PagesContinueWhereTheyEnded) {
  const Member kim = SignUp("kim");
  std::vector<Feed::Answer<Post>> waiting;
  for (int i = 0; i < 25; ++i) waiting.push_back(feed_->Publish(kim, {.content = "post"}));
  std::set<uint64_t> published;
  for (auto& answer : waiting) published.insert(answer.get().value().id);
  ASSERT_EQ(published.size(), 25u);

  std::set<uint64_t> read;
  PageOf page{.size = 7};
  int pages = 0;
  do {
    const auto part = feed_->PostsOf(kim, kim, page);
    ASSERT_TRUE(part.ok()) << part.status();
    for (const FeedPost& row : part->rows) EXPECT_TRUE(read.insert(row.post.id).second);
    page.after = part->next;
    ++pages;
  } while (!page.after.empty() && pages < 10);
  EXPECT_EQ(pages, 4);
  EXPECT_EQ(read, published);

  for (const char* wrong : {"x", "1.2", "1.2.3.4", "1..3", "99999999999999999999.1.1"}) {
    EXPECT_EQ(ErrorName(feed_->PostsOf(kim, kim, {.after = wrong}).status()), "INVALID_CURSOR")
        << wrong;
  }
  EXPECT_EQ(ErrorName(feed_->PostsOf(kim, kim, {.size = 0}).status()), "INVALID_REQUEST");
}

TEST_F(FeedTest, PostsAreWrittenLikedAndRanked) {
  const Member kim = SignUp("kim");
  const Member lee = SignUp("lee");
  const Post post = feed_->Publish(kim, {.title = "Title", .content = "first"}).get().value();
  const Post other = Publish(kim, "other");
  ASSERT_TRUE(feed_->Edit(kim, post, {.content = "better"}).get().ok());
  EXPECT_EQ(ErrorName(feed_->Edit(lee, post, {.content = "mine"}).get()), "POST_UPDATE_FORBIDDEN");
  ASSERT_TRUE(feed_->Like(lee, post).get().ok());
  EXPECT_EQ(feed_->Read(lee, post)->views, 1u);

  const FeedPost row = feed_->Show(lee, post).value();
  EXPECT_EQ(row.post, post);
  EXPECT_EQ(row.author, kim);
  EXPECT_EQ(row.author_handle, "kim");
  EXPECT_EQ(row.author_name, "Name of kim");
  EXPECT_EQ(row.title, "Title");
  EXPECT_EQ(row.content, "better");
  EXPECT_EQ(row.likes, 1u);
  EXPECT_TRUE(row.liked);
  EXPECT_FALSE(feed_->Show(Member{}, post)->liked);
  EXPECT_GE(row.updated_at, row.created_at);

  for (const Days days : {Days::kAll, Days::kToday, Days::kSeven, Days::kThirty}) {
    EXPECT_EQ(Contents(feed_->MostPopular(lee, days)), (Texts{"better", "other"}));
  }
  ASSERT_TRUE(feed_->AddComment(lee, other, "comment").get().ok());
  EXPECT_EQ(Contents(feed_->MostCommented(lee)), Texts{"other"});
  EXPECT_EQ(Contents(feed_->RecentlyActive(lee)), (Texts{"other", "better"}));
  ASSERT_EQ(feed_->Search(lee, "better")->size(), 1u);
  EXPECT_EQ(feed_->Search(lee, "better")->front().post, post);

  ASSERT_TRUE(feed_->Unlike(lee, post).get().ok());
  EXPECT_EQ(feed_->Show(lee, post)->likes, 0u);
  ASSERT_TRUE(feed_->Delete(kim, post).get().ok());
  EXPECT_EQ(ErrorName(feed_->Show(lee, post).status()), "POST_NOT_FOUND");
}

TEST_F(FeedTest, CommentsAndReplies) {
  const Member kim = SignUp("kim");
  const Member lee = SignUp("lee");
  const Post post = Publish(kim, "hello");
  const Comment comment = feed_->AddComment(lee, post, "first").get().value();
  const Comment reply = feed_->Reply(kim, post, comment, "answer").get().value();
  ASSERT_TRUE(feed_->Like(kim, comment).get().ok());
  ASSERT_TRUE(feed_->Edit(lee, comment, "second").get().ok());

  const auto below = feed_->CommentsOf(kim, post);
  ASSERT_TRUE(below.ok()) << below.status();
  ASSERT_GE(below->rows.size(), 1u);
  EXPECT_EQ(below->rows[0].comment, comment);
  EXPECT_EQ(below->rows[0].content, "second");
  EXPECT_EQ(below->rows[0].author, lee);
  EXPECT_EQ(below->rows[0].likes, 1u);
  EXPECT_EQ(below->rows[0].replies, 1u);
  EXPECT_TRUE(below->rows[0].liked);
  EXPECT_FALSE(below->rows[0].parent);

  const auto replies = feed_->RepliesTo(lee, comment);
  ASSERT_EQ(replies->rows.size(), 1u);
  EXPECT_EQ(replies->rows[0].comment, reply);
  EXPECT_EQ(replies->rows[0].parent, comment);
  EXPECT_EQ(replies->rows[0].post, post);
  EXPECT_EQ(feed_->CommentsBy(lee, kim)->rows.at(0).comment, reply);

  ASSERT_TRUE(feed_->Unlike(kim, comment).get().ok());
  EXPECT_EQ(feed_->Show(kim, comment)->likes, 0u);
  ASSERT_TRUE(feed_->Delete(lee, comment).get().ok());
  EXPECT_EQ(ErrorName(feed_->Show(kim, comment).status()), "COMMENT_NOT_FOUND");
}

TEST_F(FeedTest, PicturesAreStoredAndDeleted) {
  const Member kim = SignUp("kim");
  const auto picture = feed_->AddPicture(kim, EncodeJpeg(Corners(640, 480), {}));
  ASSERT_TRUE(picture.ok()) << picture.status();
  const auto list = feed_->PicturesOf(kim);
  ASSERT_EQ(list->rows.size(), 1u);
  EXPECT_EQ(list->rows[0].picture, *picture);
  EXPECT_GT(list->rows[0].width, 0u);
  EXPECT_EQ(feed_->ReadPicture(*picture)->substr(1, 3), "PNG");
  EXPECT_LT(feed_->ReadPicture(*picture, true)->size(), feed_->ReadPicture(*picture)->size());
  ASSERT_TRUE(feed_->DeletePicture(kim, *picture).get().ok());
  EXPECT_EQ(ErrorName(feed_->ReadPicture(*picture).status()), "IMAGE_NOT_FOUND");
  EXPECT_EQ(ErrorName(feed_->ReadPicture({.uuid = "x"}).status()), "IMAGE_NOT_FOUND");
  EXPECT_TRUE(feed_->DeletePicture(kim, {.uuid = "x"}).get().ok());
  EXPECT_FALSE(feed_->AddPicture(kim, "no picture").ok());
}

TEST_F(FeedTest, AKeyMakesAWriteHappenOnce) {
  const Member kim = SignUp("kim");
  const Member lee = SignUp("lee");
  const WriteOptions once{.idempotency_key = "k1"};
  const Post post = feed_->Publish(kim, {.content = "hello"}, once).get().value();
  EXPECT_EQ(feed_->Publish(kim, {.content = "hello"}, once).get().value(), post);
  EXPECT_EQ(Contents(feed_->PostsOf(kim, kim)), Texts{"hello"});
  EXPECT_EQ(ErrorName(feed_->Publish(kim, {.content = "other"}, once).get().status()),
            "IDEMPOTENCY_KEY_REUSED");
  EXPECT_EQ(ErrorName(feed_->Publish(kim, {.title = "", .content = "hello"}, once).get().status()),
            "IDEMPOTENCY_KEY_REUSED");
  EXPECT_EQ(ErrorName(feed_->Like(kim, post, once).get()), "IDEMPOTENCY_KEY_REUSED");
  EXPECT_TRUE(feed_->Publish(lee, {.content = "hello"}, once).get().ok()) << "another member's key";
}

TEST_F(FeedTest, ImportsSayWhenItHappened) {
  const Member kim = SignUp("kim");
  const absl::Time then = absl::FromUnixSeconds(1'600'000'000);
  const Post post = feed_->Publish(kim, {.content = "old"}, {.occurred_at = then}).get().value();
  EXPECT_EQ(feed_->Show(kim, post)->created_at, then);
}

TEST_F(FeedTest, TheLogTellsEverything) {
  const Member kim = SignUp("kim");
  const Post post = Publish(kim, "hello");
  std::vector<uint64_t> positions;
  v1::Event last;
  ASSERT_TRUE(feed_
                  ->ReadLog(0,
                            [&](const LoggedEvent& event) {
                              positions.push_back(event.position);
                              return last.ParseFromArray(event.bytes.data(),
                                                         static_cast<int>(event.bytes.size()));
                            })
                  .ok());
  EXPECT_EQ(positions, (std::vector<uint64_t>{1, 2}));
  EXPECT_EQ(last.stream_id(), post.id);
  EXPECT_EQ(last.payload().post_published().content(), "hello");

  int seen = 0;
  ASSERT_TRUE(feed_->ReadLog(1, [&](const LoggedEvent&) { return ++seen < 1; }).ok());
  EXPECT_EQ(seen, 1);
}

TEST_F(FeedTest, WhatIsDoneIsThereAfterOpening) {
  const Member kim = SignUp("kim");
  const Post post = Publish(kim, "hello");
  EXPECT_TRUE(feed_->WriteStatus().ok()) << feed_->WriteStatus();
  EXPECT_FALSE(Feed::Open({.directory = (base_ / "feed").string(), .time_zone = "UTC"}).ok());
  ASSERT_TRUE(feed_->Backup((base_ / "copy").string()).ok());
  EXPECT_TRUE(fs::exists(base_ / "copy" / "BACKUP"));
  Reopen();
  EXPECT_EQ(feed_->Show(kim, post)->content, "hello");
  EXPECT_EQ(feed_->CheckPassword("kim@example.com", kPassword).value(), kim);
}

TEST_F(FeedTest, AFutureMayBeDropped) {
  const Member kim = SignUp("kim");
  for (int i = 0; i < 10; ++i) static_cast<void>(feed_->Publish(kim, {.content = "dropped"}));
  Publish(kim, "last");
  EXPECT_EQ(Contents(feed_->PostsOf(kim, kim)).size(), 11u);
}

TEST(FeedOptionsTest, WrongOnesAreRefused) {
  const fs::path base = fs::path(::testing::TempDir()) / "options";
  fs::create_directories(base);
  EXPECT_EQ(Feed::Open({.directory = (base / "no" / "such").string()}).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(Feed::Open({.directory = (base / "zone").string(), .time_zone = "Mars/Olympus"})
                .status()
                .code(),
            absl::StatusCode::kNotFound);
  const auto small = Feed::Open({.directory = (base / "small").string(), .cache_bytes_max = 0});
  EXPECT_TRUE(small.ok()) << small.status();
}

TEST(TypedIdTest, ComparesAndHashes) {
  EXPECT_LT(Post{1}, Post{2});
  EXPECT_FALSE(Post{});
  EXPECT_TRUE(Post{1});
  EXPECT_EQ(absl::HashOf(Post{7}), absl::HashOf(Post{7}));
  static_assert(!std::is_convertible_v<Post, Comment>);
  static_assert(!std::is_constructible_v<Member, Post>);
}

}  // namespace
}  // namespace dailyfeed
