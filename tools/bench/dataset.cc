#include "tools/bench/dataset.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "absl/container/flat_hash_set.h"
#include "core/base/status_macros.h"
#include "tools/bench/command_pump.h"

namespace dailyfeed::bench {
namespace {

constexpr size_t kWindow = 4096;
constexpr uint64_t kFollowingsMax = 1000;  // the domain's default limit

// Ranks 0..n-1 with probability about 1/(rank+shift): the inverse of the
// integral of that density, which needs no table.
uint64_t PowerLawRank(std::mt19937_64& random, uint64_t n) {
  constexpr double kShift = 20;
  const double u = std::uniform_real_distribution<double>(0, 1)(random);
  const double size = static_cast<double>(n);
  const double rank = kShift * (std::pow((size + kShift) / kShift, u) - 1);
  return std::min<uint64_t>(n - 1, static_cast<uint64_t>(rank));
}

const char* const kSentences[] = {
    "오늘 아침에 한강을 따라 십 킬로미터를 달렸어요. ",
    "The bakery on the corner finally sells rye bread again. ",
    "새로 산 기계식 키보드 소리가 생각보다 커서 사무실에서는 못 쓰겠네요. ",
    "Does anyone know a quiet place to read near the city hall? ",
    "주말에 다녀온 제주 올레길 사진을 정리하는 중입니다. ",
    "I rewrote the parser twice today and the second one is half as long. ",
    "비 오는 날에는 역시 파전에 막걸리죠. ",
    "Our team ships on Thursdays because nobody wants to debug on a Friday. ",
    "고양이가 또 모니터 뒤에서 잠들었습니다. ",
    "Three weeks of sourdough and I can finally say: it rises. ",
    "요즘 읽는 책은 생각보다 어렵지만 문장이 참 아름다워요. ",
    "The night train to Busan is worth it just for the sunrise. ",
};

}  // namespace

absl::StatusOr<std::unique_ptr<Dailyfeed>> OpenFeed(const std::string& directory) {
  Options options;
  options.data_directory = directory;
  return Dailyfeed::Open(options);
}

DatasetOptions FeedDataset(const BenchOptions& options) {
  const uint64_t divisor = options.quick ? 50 : 1;
  return {.members = 100'000 / divisor,
          .follows = 5'000'000 / divisor,
          .posts = 1'000'000 / divisor,
          .likes = 5'000'000 / divisor,
          .seed = options.seed};
}

Dataset::Dataset(Dailyfeed* feed, const DatasetOptions& options)
    : feed_(feed), options_(options), random_(options.seed) {
  for (const char* sentence : kSentences) vocabulary_ += sentence;
}

absl::Status Dataset::Build(BenchReporter& reporter) {
  RETURN_IF_ERROR(AddMembers(reporter));
  RETURN_IF_ERROR(AddFollows(reporter));
  RETURN_IF_ERROR(AddPosts(options_.posts, reporter));
  return AddLikes(reporter);
}

// Sign-ups without a password: hashing a hundred thousand of them on purpose
// takes hours and says nothing about the feed.
absl::Status Dataset::AddMembers(BenchReporter& reporter) {
  reporter.Progress(fmt::format("signing up {} members", options_.members));
  CommandPump pump(feed_, kWindow);
  ASSIGN_OR_RETURN(std::string subject, feed_->identity().CreateSubject());
  for (uint64_t i = 0; i < options_.members; ++i) {
    v1::PersonalProfile profile;
    profile.set_email(fmt::format("member{}@example.com", i));
    profile.set_member_name(fmt::format("Member {}", i));
    profile.set_display_name(i % 3 == 0 ? fmt::format("회원 {}", i) : "");
    profile.set_avatar_url("no-image");
    ASSIGN_OR_RETURN(std::string sealed,
                     feed_->identity().Seal(subject, profile.SerializeAsString()));
    dailyfeed::SignUp command;
    command.handle = fmt::format("member_{}", i);
    command.email_digest = fmt::format("digest-{}", i);
    command.subject_id = subject;
    command.sealed_profile = std::move(sealed);
    pump.Send({.command = std::move(command)},
              [this](uint64_t member) { members_.push_back(member); });
  }
  return pump.Finish();
}

absl::Status Dataset::AddFollows(BenchReporter& reporter) {
  reporter.Progress(fmt::format("{} follows", options_.follows));
  CommandPump pump(feed_, kWindow);
  const uint64_t n = members_.size();
  // How many a member follows is log-normal: many a few dozen, few up to the
  // limit. The mean is follows / members.
  const double mean = static_cast<double>(options_.follows) / static_cast<double>(n);
  constexpr double kSigma = 1.0;
  std::lognormal_distribution<double> degree(std::log(mean) - kSigma * kSigma / 2, kSigma);
  const uint64_t degree_max = std::min<uint64_t>(kFollowingsMax, n / 2);
  absl::flat_hash_set<uint64_t> chosen;
  for (uint64_t i = 0; i < n; ++i) {
    const uint64_t wanted =
        std::clamp<uint64_t>(static_cast<uint64_t>(degree(random_)), 1, degree_max);
    chosen.clear();
    chosen.insert(i);
    for (uint64_t tries = 0; chosen.size() <= wanted && tries < wanted * 4; ++tries) {
      const uint64_t rank = PowerLawRank(random_, n);
      if (!chosen.insert(rank).second) continue;
      pump.Send({.command = FollowMember{.followee_id = members_[rank]}, .actor = members_[i]});
    }
  }
  return pump.Finish();
}

void Dataset::UseMembers(uint64_t count) {
  members_.clear();
  for (MemberId member = 1; member <= count; ++member) members_.push_back(member);
}

std::string Dataset::Text() {
  const size_t length = 120 + random_() % 480;
  size_t at = random_() % vocabulary_.size();
  // Not into the middle of a character.
  while ((vocabulary_[at] & 0xC0) == 0x80) at = (at + 1) % vocabulary_.size();
  std::string text;
  while (text.size() < length) {
    text.append(vocabulary_, at, length - text.size());
    at = 0;
  }
  while (!text.empty() && (text.back() & 0x80) != 0) text.pop_back();
  return text.empty() || text.find_first_not_of(' ') == std::string::npos ? "오늘도 좋은 하루!"
                                                                          : text;
}

absl::Status Dataset::AddPosts(uint64_t count, BenchReporter& reporter) {
  reporter.Progress(fmt::format("{} posts", count));
  CommandPump pump(feed_, kWindow);
  posts_.reserve(posts_.size() + count);
  for (uint64_t i = 0; i < count; ++i) {
    const MemberId author = members_[PowerLawRank(random_, members_.size())];
    pump.Send({.command = PublishPost{.title = "", .content = Text()}, .actor = author},
              [this](uint64_t post) { posts_.push_back(post); });
  }
  return pump.Finish();
}

absl::Status Dataset::AddLikes(BenchReporter& reporter) {
  reporter.Progress(fmt::format("{} likes", options_.likes));
  CommandPump pump(feed_, kWindow);
  absl::flat_hash_set<uint64_t> drawn;
  drawn.reserve(options_.likes);
  uint64_t tries = 0;
  while (drawn.size() < options_.likes && ++tries < options_.likes * 4) {
    const uint64_t member = random_() % members_.size();
    // The newest posts are liked most.
    const uint64_t post = posts_.size() - 1 - PowerLawRank(random_, posts_.size());
    if (!drawn.insert(post << 24 | member).second) continue;
    pump.Send({.command = LikePost{.post_id = posts_[post]}, .actor = members_[member]});
  }
  return pump.Finish();
}

}  // namespace dailyfeed::bench
