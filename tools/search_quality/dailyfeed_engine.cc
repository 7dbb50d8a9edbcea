#include <fmt/format.h>

#include <future>
#include <map>
#include <memory>
#include <utility>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "adapters/embedded/dailyfeed.h"
#include "core/base/status_macros.h"
#include "projections/queries/queries.h"
#include "tools/search_quality/engine.h"

namespace dailyfeed::search_quality {
namespace {

constexpr char kPassword[] = "Judged1!feed";
constexpr int kNoon = 12;

// Each post a second after the one above.
absl::StatusOr<TimestampNs> TimeOf(const JudgedPost& post, absl::TimeZone zone) {
  absl::CivilDay day;
  if (!absl::ParseCivilTime(post.day, &day)) {
    return absl::InvalidArgumentError(fmt::format("post {}: no day: {}", post.id, post.day));
  }
  const absl::Time noon = absl::FromCivil(absl::CivilHour(day) + kNoon, zone);
  return absl::ToUnixNanos(noon + absl::Seconds(static_cast<int64_t>(post.id)));
}

class DailyfeedEngine final : public Engine {
 public:
  explicit DailyfeedEngine(std::unique_ptr<Dailyfeed> feed) : feed_(std::move(feed)) {}

  std::string_view name() const override { return "dailyfeed"; }
  bool is_peer() const override { return false; }

  absl::Status Fill(const std::vector<JudgedPost>& posts) {
    absl::TimeZone zone;
    if (!absl::LoadTimeZone(feed_->options().time_zone, &zone)) {
      return absl::NotFoundError("no time zone " + feed_->options().time_zone);
    }
    for (const JudgedPost& post : posts) {
      ASSIGN_OR_RETURN(const MemberId author, MemberOf(post.author));
      ASSIGN_OR_RETURN(const TimestampNs time, TimeOf(post, zone));
      ASSIGN_OR_RETURN(const PostId id, Publish(author, post.text, time));
      judged_[id] = post.id;
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<JudgedId>> Ask(const JudgedQuery& query) override {
    const SearchLanguage language =
        query.kind == QueryKind::kQ ? SearchLanguage::kQuery : SearchLanguage::kKeyword;
    std::vector<JudgedId> answer;
    uint64_t total = 1;
    for (uint64_t page = 0; answer.size() < total; ++page) {
      ASSIGN_OR_RETURN(
          const FoundPosts found,
          feed_->queries().SearchPosts(
              0, {.text = query.query, .language = language, .page = page, .size = kPageSizeMax}));
      total = found.total;
      if (found.rows.empty() && answer.size() < total) {
        return absl::InternalError(
            fmt::format("{}: {} hits of {}", query.query, answer.size(), total));
      }
      for (const PostView& row : found.rows) answer.push_back(judged_.at(row.body->id));
    }
    return answer;
  }

 private:
  absl::StatusOr<MemberId> MemberOf(const std::string& handle) {
    const auto known = members_.find(handle);
    if (known != members_.end()) return known->second;
    ASSIGN_OR_RETURN(const MemberId member, feed_->SignUp({.email = handle + "@judged.example",
                                                           .password = kPassword,
                                                           .member_name = handle,
                                                           .handle = handle}));
    members_[handle] = member;
    return member;
  }

  absl::StatusOr<PostId> Publish(MemberId author, const std::string& text, TimestampNs time) {
    auto answered = std::make_shared<std::promise<absl::StatusOr<CommandResult>>>();
    std::future<absl::StatusOr<CommandResult>> answer = answered->get_future();
    feed_->Submit({.command = PublishPost{.content = text}, .actor = author, .occurred_at = time},
                  [answered](absl::StatusOr<CommandResult> result) {
                    answered->set_value(std::move(result));
                  });
    const absl::StatusOr<CommandResult> result = answer.get();
    RETURN_IF_ERROR(result.status());
    return result->subject_id;
  }

  const std::unique_ptr<Dailyfeed> feed_;
  std::map<std::string, MemberId> members_;
  std::map<PostId, JudgedId> judged_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Engine>> OpenDailyfeed(const Judgements& judgements,
                                                      const std::string& directory) {
  Options options;
  options.data_directory = directory;
  ASSIGN_OR_RETURN(std::unique_ptr<Dailyfeed> feed, Dailyfeed::Open(options));
  auto engine = std::make_unique<DailyfeedEngine>(std::move(feed));
  RETURN_IF_ERROR(engine->Fill(judgements.posts));
  return engine;
}

}  // namespace dailyfeed::search_quality
