// The texts of the sample community, and the small grammar they stand in.
//
//   # running                a topic
//   = km: 5 | 7 | 10         a slot: {km} in its posts becomes one of these
//   ~ Rest day tomorrow.     a sentence that may follow any post of the topic
//   + Ran {km} km.           a post; "[Title] text" gives it a title
//   > Well done!             a comment that fits the post above
//   < Thank you.             the author's reply to the comment above
//
// The topic "general" has no posts but comments and replies that fit any.
// Korean slots are chosen so that the particles behind them fit every value.
#ifndef DAILYFEED_TOOLS_SEED_TEXTS_H_
#define DAILYFEED_TOOLS_SEED_TEXTS_H_

#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace dailyfeed::seed {

// texts_ko.txt and texts_en.txt.
extern const std::string_view kKoreanTexts;
extern const std::string_view kEnglishTexts;

// The parts of `text` between the separators; views into it.
std::vector<std::string_view> Split(std::string_view text, std::string_view separator);

struct CommentText {
  std::string text;
  std::vector<std::string> replies;
};

struct PostText {
  std::string text;
  std::vector<CommentText> comments;
};

struct Topic {
  std::string name;
  std::map<std::string, std::vector<std::string>, std::less<>> slots;
  std::vector<std::string> tails;
  std::vector<PostText> posts;
  // Of the topic "general" only.
  std::vector<std::string> comments, replies;
};

// INVALID_ARGUMENT names the line that does not fit the grammar, a slot that is
// unknown among it.
absl::StatusOr<std::vector<Topic>> ParseTopics(std::string_view text);

// The text with every slot filled by a draw from `random`; a slot that stands
// twice gets the same value twice.
std::string Fill(const Topic& topic, std::string_view text, std::mt19937_64& random);

// "[Title] text" -> both; no title: empty.
struct TitledText {
  std::string title;
  std::string content;
};
TitledText SplitTitle(std::string text);

// A number in [0, limit), the same on every machine (the distributions of the
// standard library are not). `limit` is at least 1.
inline size_t Draw(std::mt19937_64& random, size_t limit) { return random() % limit; }

}  // namespace dailyfeed::seed

#endif  // DAILYFEED_TOOLS_SEED_TEXTS_H_
