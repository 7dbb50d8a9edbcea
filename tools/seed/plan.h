// What the sample community did, as a list: made from a seed and a time, with
// no feed at hand.
//
//   ASSIGN_OR_RETURN(Plan plan, MakePlan({.now = clock.Now()}));
//   for (const Action& action : plan.actions) ...   // in the order of time
#ifndef DAILYFEED_TOOLS_SEED_PLAN_H_
#define DAILYFEED_TOOLS_SEED_PLAN_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "core/domain/types.h"

namespace dailyfeed::seed {

struct PlanOptions {
  uint64_t seed = 20251015;
  TimestampNs now = 0;  // everything happened in the two weeks before
  size_t posts = 430;
};

// People, posts and comments are named by their place in their own list, from
// 0: the n-th kPost of the plan is post n.
struct Action {
  enum class Kind { kSignUp, kFollow, kPost, kView, kLikePost, kComment, kReply, kLikeComment };
  Kind kind = Kind::kSignUp;
  TimestampNs at = 0;
  size_t actor = 0;
  size_t target = 0;  // person, post or comment
  size_t parent = 0;  // kReply: the comment; `target` is then its post
  std::string title;
  std::string content;
};

struct Plan {
  std::vector<Action> actions;  // by time; what an action refers to stands before it
  size_t people = 0, posts = 0, comments = 0;
};

absl::StatusOr<Plan> MakePlan(const PlanOptions& options);

}  // namespace dailyfeed::seed

#endif  // DAILYFEED_TOOLS_SEED_PLAN_H_
