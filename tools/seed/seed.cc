#include "tools/seed/seed.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <condition_variable>
#include <fstream>
#include <mutex>
#include <utility>

#include "core/base/status_macros.h"
#include "core/ports/environment.h"
#include "tools/seed/people.h"
#include "tools/seed/plan.h"

namespace dailyfeed::seed {
namespace {

constexpr size_t kInFlightMax = 1000;

std::string EmailOf(const Person& person) {
  return fmt::format("{}@sample.dailyfeed.example", person.handle);
}

Registration RegistrationOf(const Person& person) {
  const bool korean = person.language == "ko";
  return {.email = EmailOf(person),
          .password = kSamplePassword,
          .member_name = std::string(person.name),
          .handle = std::string(person.handle),
          .display_name = std::string(person.display_name),
          .bio = std::string(person.bio),
          .location = std::string(person.location),
          .timezone = "Asia/Seoul",
          .language_code = korean ? "ko" : "en",
          .country_code = "KR"};
}

// Ids that become known when their commands are acknowledged.
class Ids {
 public:
  Ids(size_t people, size_t posts, size_t comments)
      : members_(people), posts_(posts), comments_(comments) {}

  // Each waits for the acknowledgement; nullopt after a failure.
  absl::StatusOr<uint64_t> Member(size_t index) { return Wait(members_[index]); }
  absl::StatusOr<uint64_t> Post(size_t index) { return Wait(posts_[index]); }
  absl::StatusOr<uint64_t> Comment(size_t index) { return Wait(comments_[index]); }

  uint64_t* member_slot(size_t index) { return &members_[index]; }
  uint64_t* post_slot(size_t index) { return &posts_[index]; }
  uint64_t* comment_slot(size_t index) { return &comments_[index]; }

  void Begin() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return in_flight_ < kInFlightMax; });
    ++in_flight_;
  }
  void End(const absl::StatusOr<CommandResult>& result, uint64_t* slot) {
    std::lock_guard<std::mutex> lock(mutex_);
    if (!result.ok()) {
      if (status_.ok()) status_ = result.status();
    } else if (slot != nullptr) {
      *slot = result->subject_id;
    }
    --in_flight_;
    changed_.notify_all();
  }
  absl::Status Finish() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return in_flight_ == 0; });
    return status_;
  }

 private:
  absl::StatusOr<uint64_t> Wait(const uint64_t& slot) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return slot != 0 || !status_.ok(); });
    if (!status_.ok()) return status_;
    return slot;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<uint64_t> members_, posts_, comments_;
  size_t in_flight_ = 0;
  absl::Status status_;
};

class Seeder {
 public:
  Seeder(Dailyfeed& feed, const Plan& plan)
      : feed_(feed), ids_(plan.people, plan.posts, plan.comments) {}

  absl::Status Run(const Plan& plan, absl::AnyInvocable<void(int)>& progress) {
    int shown = -1;
    absl::Status status;
    for (size_t i = 0; i < plan.actions.size() && status.ok(); ++i) {
      status = Send(plan.actions[i]);
      const int percent = static_cast<int>(100 * (i + 1) / plan.actions.size());
      if (progress && percent != shown) progress(shown = percent);
    }
    // Also after an error: the acknowledgements refer to this object.
    const absl::Status finished = ids_.Finish();
    return status.ok() ? finished : status;
  }

 private:
  absl::StatusOr<Command> CommandOf(const Action& action) {
    switch (action.kind) {
      case Action::Kind::kSignUp: {
        ASSIGN_OR_RETURN(SignUp command,
                         feed_.PrepareSignUp(RegistrationOf(People()[action.actor])));
        return Command(std::move(command));
      }
      case Action::Kind::kFollow: {
        ASSIGN_OR_RETURN(const MemberId followee, ids_.Member(action.target));
        return Command(FollowMember{.followee_id = followee});
      }
      case Action::Kind::kPost:
        return Command(PublishPost{.title = action.title, .content = action.content});
      case Action::Kind::kView: {
        ASSIGN_OR_RETURN(const PostId post, ids_.Post(action.target));
        return Command(ViewPost{.post_id = post});
      }
      case Action::Kind::kLikePost: {
        ASSIGN_OR_RETURN(const PostId post, ids_.Post(action.target));
        return Command(LikePost{.post_id = post});
      }
      case Action::Kind::kComment: {
        ASSIGN_OR_RETURN(const PostId post, ids_.Post(action.target));
        return Command(AddComment{.post_id = post, .content = action.content});
      }
      case Action::Kind::kReply: {
        ASSIGN_OR_RETURN(const PostId post, ids_.Post(action.target));
        ASSIGN_OR_RETURN(const CommentId parent, ids_.Comment(action.parent));
        return Command(AddReply{.post_id = post, .parent_id = parent, .content = action.content});
      }
      case Action::Kind::kLikeComment: {
        ASSIGN_OR_RETURN(const CommentId comment, ids_.Comment(action.target));
        return Command(LikeComment{.comment_id = comment});
      }
    }
    return absl::InternalError("a kind of action that nobody performs");
  }

  // Where the id the action creates is kept; nullptr when it creates none.
  uint64_t* SlotOf(const Action& action) {
    switch (action.kind) {
      case Action::Kind::kSignUp:
        return ids_.member_slot(action.actor);
      case Action::Kind::kPost:
        return ids_.post_slot(posts_++);
      case Action::Kind::kComment:
      case Action::Kind::kReply:
        return ids_.comment_slot(comments_++);
      case Action::Kind::kFollow:
      case Action::Kind::kView:
      case Action::Kind::kLikePost:
      case Action::Kind::kLikeComment:
        return nullptr;
    }
    return nullptr;
  }

  absl::Status Send(const Action& action) {
    Submission submission;
    submission.occurred_at = action.at;
    ASSIGN_OR_RETURN(submission.command, CommandOf(action));
    if (action.kind != Action::Kind::kSignUp) {
      ASSIGN_OR_RETURN(submission.actor, ids_.Member(action.actor));
    }
    uint64_t* const slot = SlotOf(action);
    ids_.Begin();
    feed_.Submit(std::move(submission),
                 [this, slot](absl::StatusOr<CommandResult> result) { ids_.End(result, slot); });
    return absl::OkStatus();
  }

  Dailyfeed& feed_;
  Ids ids_;
  size_t posts_ = 0, comments_ = 0;  // as numbered by the plan
};

}  // namespace

absl::StatusOr<SeedResult> SeedSampleData(Dailyfeed& feed, const SeedOptions& options,
                                          absl::AnyInvocable<void(int)> progress) {
  if (feed.log().Head() != 0) {
    return absl::FailedPreconditionError(
        fmt::format("{} has {} events already; sample data go into an empty directory",
                    feed.options().data_directory, feed.log().Head()));
  }
  const TimestampNs now = options.now != 0 ? options.now : SystemClock().Now();
  ASSIGN_OR_RETURN(const Plan plan,
                   MakePlan({.seed = options.seed, .now = now, .posts = options.posts}));
  Seeder seeder(feed, plan);
  RETURN_IF_ERROR(seeder.Run(plan, progress));
  return SeedResult{.members = plan.people,
                    .posts = plan.posts,
                    .comments = plan.comments,
                    .actions = plan.actions.size(),
                    .head = feed.log().Head()};
}

absl::Status WriteSampleLogins(const std::string& path) {
  boost::json::array logins;
  for (const Person& person : People()) {
    logins.push_back(boost::json::object{{"email", EmailOf(person)},
                                         {"password", kSamplePassword},
                                         {"name", std::string(person.display_name)},
                                         {"handle", std::string(person.handle)}});
  }
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << boost::json::serialize(logins) << "\n";
  file.close();
  if (!file) return absl::UnavailableError(fmt::format("cannot write {}", path));
  return absl::OkStatus();
}

}  // namespace dailyfeed::seed
