#include "tools/seed/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string_view>
#include <utility>

#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "tools/seed/people.h"
#include "tools/seed/texts.h"

namespace dailyfeed::seed {
namespace {

constexpr TimestampNs kSecond = 1'000'000'000;
constexpr TimestampNs kMinute = 60 * kSecond;
constexpr TimestampNs kHour = 60 * kMinute;
constexpr TimestampNs kDay = 24 * kHour;
constexpr TimestampNs kPeriod = 14 * kDay;
constexpr TimestampNs kQuiet = 3 * kMinute;  // before `now`, so that nothing lies ahead

// How often a post of the texts is used at most, with different words in its slots.
constexpr size_t kUsesMax = 3;
// At least so long between two of its uses.
constexpr TimestampNs kApart = 3 * kDay;

// How busy each hour of the day is in Korea, of 10.
constexpr int kHours[24] = {3, 2, 1, 1, 1, 2, 4, 7, 8, 5,  4, 5,
                            8, 7, 4, 4, 5, 6, 7, 8, 9, 10, 9, 6};
constexpr TimestampNs kKorea = 9 * kHour;

class Planner {
 public:
  Planner(const PlanOptions& options, std::vector<Topic> korean, std::vector<Topic> english)
      : options_(options), random_(options.seed), people_(People()) {
    topics_["ko"] = std::move(korean);
    topics_["en"] = std::move(english);
  }

  Plan Make() {
    SignUps();
    Follows();
    Posts();
    for (size_t post = 0; post < posts_.size(); ++post) Reactions(post);
    return Finish();
  }

 private:
  struct Post {
    TimestampNs at;
    size_t author;
    const PostText* text;
  };
  struct Comment {
    TimestampNs at;
    size_t author;
  };

  double Uniform() { return static_cast<double>(random_() >> 11) * 0x1.0p-53; }
  bool Chance(double probability) { return Uniform() < probability; }
  TimestampNs Delay(TimestampNs mean) {
    return kSecond * 20 + static_cast<TimestampNs>(-std::log(1 - Uniform()) * double(mean));
  }
  TimestampNs Horizon() const { return options_.now - kQuiet; }

  // One of `weights`, in proportion.
  size_t Pick(const std::vector<double>& weights) {
    double sum = 0;
    for (const double weight : weights) sum += weight;
    double at = Uniform() * sum;
    for (size_t i = 0; i < weights.size(); ++i) {
      at -= weights[i];
      if (at < 0) return i;
    }
    return weights.size() - 1;
  }

  void Add(Action action) { actions_.push_back(std::move(action)); }

  void SignUps() {
    for (size_t person = 0; person < people_.size(); ++person) {
      const TimestampNs at = options_.now - kPeriod - 2 * kDay + TimestampNs(person) * 17 * kMinute;
      Add({.kind = Action::Kind::kSignUp, .at = at, .actor = person});
    }
  }

  bool ShareTopic(size_t a, size_t b) const {
    for (const std::string_view topic : people_[a].topics) {
      const auto& others = people_[b].topics;
      if (std::find(others.begin(), others.end(), topic) != others.end()) return true;
    }
    return false;
  }
  bool ShareLanguage(size_t a, size_t b) const {
    return people_[a].language == people_[b].language;
  }
  bool Follows(size_t a, size_t b) const { return follows_.contains({a, b}); }

  // A few follow very many, and a few are followed by nearly everybody.
  void Follows() {
    std::vector<size_t> eagerness(people_.size());
    for (size_t i = 0; i < eagerness.size(); ++i) eagerness[i] = i;
    for (size_t i = eagerness.size(); i > 1; --i) {
      std::swap(eagerness[i - 1], eagerness[Draw(random_, i)]);
    }
    for (size_t person = 0; person < people_.size(); ++person) {
      const auto wanted = static_cast<size_t>(3 + 32 * std::pow(eagerness[person] + 1.0, -0.6));
      std::vector<double> weights(people_.size());
      for (size_t other = 0; other < people_.size(); ++other) {
        weights[other] = std::pow(other + 1.0, -0.8) * (ShareTopic(person, other) ? 3 : 1) *
                         (ShareLanguage(person, other) ? 2 : 1);
      }
      weights[person] = 0;
      for (size_t i = 0; i < wanted; ++i) {
        const size_t other = Pick(weights);
        weights[other] = 0;
        follows_.insert({person, other});
        const TimestampNs first = options_.now - kPeriod - kDay;
        const TimestampNs at = first + (Chance(0.7) ? Delay(8 * kHour) : Delay(5 * kDay));
        Add({.kind = Action::Kind::kFollow,
             .at = std::min(at, Horizon()),
             .actor = person,
             .target = other});
      }
    }
  }

  // A time when people are awake, away from `others`.
  TimestampNs PostTime(const std::vector<TimestampNs>& others) {
    while (true) {
      const TimestampNs at =
          Horizon() - static_cast<TimestampNs>(Uniform() * double(kPeriod - kHour));
      const bool crowded = std::any_of(others.begin(), others.end(), [at](TimestampNs other) {
        return std::abs(at - other) < kApart;
      });
      const auto busy = static_cast<size_t>(kHours[(at + kKorea) / kHour % 24]);
      if (!crowded && Draw(random_, 10) < busy) return at;
    }
  }

  const Topic* FindTopic(std::string_view language, std::string_view name) const {
    for (const Topic& topic : topics_.find(language)->second) {
      if (topic.name == name) return &topic;
    }
    return nullptr;
  }

  // A text of the author's topics that is not used up; the least used first.
  struct Choice {
    const Topic* topic;
    const PostText* text;
  };
  std::optional<Choice> ChooseText(size_t author) {
    std::optional<Choice> best;
    size_t best_uses = kUsesMax;
    const Person& person = people_[author];
    const size_t offset = Chance(0.5) ? 0 : Draw(random_, person.topics.size());
    const Topic* topic = FindTopic(person.language, person.topics[offset]);
    DAILYFEED_CHECK(topic != nullptr);
    const size_t start = Draw(random_, topic->posts.size());
    for (size_t i = 0; i < topic->posts.size(); ++i) {
      const PostText& text = topic->posts[(start + i) % topic->posts.size()];
      const bool fixed = text.text.find('{') == std::string::npos;
      const size_t uses = uses_[&text] + (fixed ? kUsesMax - 1 : 0);
      const bool again = used_by_.contains({author, &text});
      if (uses < best_uses && !again) {
        best_uses = uses;
        best = Choice{topic, &text};
      }
    }
    return best;
  }

  void Posts() {
    std::vector<double> weights(people_.size());
    for (size_t i = 0; i < weights.size(); ++i) weights[i] = std::pow(i + 3.0, -0.5);
    // Ends also when the texts are used up.
    for (size_t attempt = 0; posts_.size() < options_.posts && attempt < 50 * options_.posts;
         ++attempt) {
      const size_t author = Pick(weights);
      const std::optional<Choice> choice = ChooseText(author);
      if (!choice) continue;
      std::string text = Fill(*choice->topic, choice->text->text, random_);
      if (!written_.insert(SplitTitle(text).content).second) continue;
      const auto& tails = choice->topic->tails;
      if (!tails.empty() && Chance(0.6)) text += " " + tails[Draw(random_, tails.size())];
      ++uses_[choice->text];
      used_by_.insert({author, choice->text});
      TitledText titled = SplitTitle(std::move(text));
      const TimestampNs at = PostTime(times_[choice->text]);
      times_[choice->text].push_back(at);
      Add({.kind = Action::Kind::kPost,
           .at = at,
           .actor = author,
           .target = posts_.size(),
           .title = std::move(titled.title),
           .content = std::move(titled.content)});
      posts_.push_back({at, author, choice->text});
    }
  }

  void Reactions(size_t post) {
    const double quality = 0.15 + 1.6 * std::pow(Uniform(), 2);
    const size_t author = posts_[post].author;
    for (size_t reader = 0; reader < people_.size(); ++reader) {
      if (reader == author) continue;
      const double interest = (Follows(reader, author) ? 0.55 : 0.06) *
                              (ShareLanguage(reader, author) ? 1.0 : 0.4) * quality;
      if (Chance(interest * 1.5)) Read(post, reader, Chance(interest));
    }
    const Topic* general = FindTopic(people_[author].language, "general");
    DAILYFEED_CHECK(general != nullptr);
    for (const CommentText& comment : posts_[post].text->comments) {
      if (Chance(0.75)) Discuss(post, comment.text, comment.replies, 0.75);
    }
    if (Chance(0.3 * quality)) {
      Discuss(post, LeastUsed(general->comments), {}, 0);
    }
    if (Chance(0.2 * quality)) {
      Discuss(post, LeastUsed(general->comments), {LeastUsed(general->replies)}, 0.6);
    }
  }

  void Read(size_t post, size_t reader, bool like) {
    const TimestampNs at = posts_[post].at + Delay(6 * kHour);
    if (at >= Horizon()) return;
    Add({.kind = Action::Kind::kView, .at = at, .actor = reader, .target = post});
    if (Chance(0.2)) {
      const TimestampNs again = at + Delay(kDay);
      if (again < Horizon()) {
        Add({.kind = Action::Kind::kView, .at = again, .actor = reader, .target = post});
      }
    }
    const TimestampNs liked = at + kSecond * (3 + TimestampNs(Draw(random_, 40)));
    if (like && liked < Horizon()) {
      Add({.kind = Action::Kind::kLikePost, .at = liked, .actor = reader, .target = post});
    }
  }

  const std::string& LeastUsed(const std::vector<std::string>& lines) {
    const size_t start = Draw(random_, lines.size());
    size_t best = start;
    for (size_t i = 0; i < lines.size(); ++i) {
      const size_t at = (start + i) % lines.size();
      if (line_uses_[lines[at]] < line_uses_[lines[best]]) best = at;
    }
    ++line_uses_[lines[best]];
    return lines[best];
  }

  // Somebody who reads the language, rather a follower than not.
  size_t Commenter(size_t author) {
    std::vector<double> weights(people_.size());
    for (size_t person = 0; person < people_.size(); ++person) {
      weights[person] = person == author || !ShareLanguage(person, author) ? 0
                        : Follows(person, author)                          ? 6
                                                                           : 1;
    }
    return Pick(weights);
  }

  void Discuss(size_t post, const std::string& text, const std::vector<std::string>& replies,
               double reply_chance) {
    const size_t author = posts_[post].author;
    const TimestampNs at = posts_[post].at + Delay(4 * kHour);
    if (at >= Horizon()) return;
    const size_t commenter = Commenter(author);
    const size_t comment = AddComment({.kind = Action::Kind::kComment,
                                       .at = at,
                                       .actor = commenter,
                                       .target = post,
                                       .content = text});
    if (replies.empty() || !Chance(reply_chance)) return;
    const TimestampNs answered = at + Delay(2 * kHour);
    if (answered >= Horizon()) return;
    AddComment({.kind = Action::Kind::kReply,
                .at = answered,
                .actor = author,
                .target = post,
                .parent = comment,
                .content = replies[Draw(random_, replies.size())]});
  }

  size_t AddComment(Action action) {
    const size_t comment = comments_++;
    const TimestampNs at = action.at;
    const size_t writer = action.actor;
    // `numbers_` remembers which comment the action makes.
    numbers_[actions_.size()] = comment;
    Add(std::move(action));
    for (size_t reader = 0; reader < people_.size(); ++reader) {
      if (reader == writer || !Chance(Follows(reader, writer) ? 0.08 : 0.02)) continue;
      const TimestampNs liked = at + Delay(5 * kHour);
      if (liked < Horizon()) {
        Add({.kind = Action::Kind::kLikeComment, .at = liked, .actor = reader, .target = comment});
      }
    }
    return comment;
  }

  // Sorts by time and numbers posts and comments in that order.
  Plan Finish() {
    std::vector<size_t> order(actions_.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(),
                     [&](size_t a, size_t b) { return actions_[a].at < actions_[b].at; });
    Plan plan;
    plan.people = people_.size();
    std::vector<size_t> post_numbers(posts_.size()), comment_numbers(comments_);
    for (const size_t index : order) {
      Action action = std::move(actions_[index]);
      switch (action.kind) {
        case Action::Kind::kSignUp:
        case Action::Kind::kFollow:
          break;
        case Action::Kind::kPost:
          post_numbers[action.target] = plan.posts;
          action.target = plan.posts++;
          break;
        case Action::Kind::kView:
        case Action::Kind::kLikePost:
          action.target = post_numbers[action.target];
          break;
        case Action::Kind::kReply:
          action.parent = comment_numbers[action.parent];
          [[fallthrough]];
        case Action::Kind::kComment:
          action.target = post_numbers[action.target];
          comment_numbers[numbers_[index]] = plan.comments++;
          break;
        case Action::Kind::kLikeComment:
          action.target = comment_numbers[action.target];
          break;
      }
      plan.actions.push_back(std::move(action));
    }
    return plan;
  }

  const PlanOptions options_;
  std::mt19937_64 random_;
  const std::vector<Person>& people_;
  std::map<std::string, std::vector<Topic>, std::less<>> topics_;
  std::set<std::pair<size_t, size_t>> follows_;
  std::map<const PostText*, size_t> uses_;
  std::set<std::pair<size_t, const PostText*>> used_by_;
  std::map<const PostText*, std::vector<TimestampNs>> times_;
  std::set<std::string> written_;
  std::map<std::string, size_t> line_uses_;
  std::vector<Post> posts_;
  std::vector<Action> actions_;
  std::map<size_t, size_t> numbers_;  // place in actions_ -> comment
  size_t comments_ = 0;
};

absl::Status CheckTopics(const std::map<std::string_view, std::vector<Topic>*>& topics) {
  for (const Person& person : People()) {
    for (const std::string_view name : person.topics) {
      const auto& of_language = *topics.at(person.language);
      if (std::none_of(of_language.begin(), of_language.end(),
                       [&](const Topic& topic) { return topic.name == name; })) {
        return absl::InvalidArgumentError(
            fmt::format("{} writes about {}, which has no texts", person.handle, name));
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Plan> MakePlan(const PlanOptions& options) {
  ASSIGN_OR_RETURN(std::vector<Topic> korean, ParseTopics(kKoreanTexts));
  ASSIGN_OR_RETURN(std::vector<Topic> english, ParseTopics(kEnglishTexts));
  RETURN_IF_ERROR(CheckTopics({{"ko", &korean}, {"en", &english}}));
  return Planner(options, std::move(korean), std::move(english)).Make();
}

}  // namespace dailyfeed::seed
