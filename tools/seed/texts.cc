#include "tools/seed/texts.h"

#include <fmt/format.h>

#include <algorithm>

#include "absl/status/status.h"

namespace dailyfeed::seed {
namespace {

// Calls `visit(name)` for every {name}.
template <typename Visit>
void ForEachSlot(std::string_view text, Visit visit) {
  for (size_t open = text.find('{'); open != std::string_view::npos;
       open = text.find('{', open + 1)) {
    const size_t close = text.find('}', open);
    if (close == std::string_view::npos) return;
    visit(text.substr(open + 1, close - open - 1));
  }
}

bool AddSlot(std::string_view text, Topic& topic) {
  const size_t colon = text.find(": ");
  if (colon == std::string_view::npos) return false;
  const auto values = Split(text.substr(colon + 2), " | ");
  topic.slots[std::string(text.substr(0, colon))] =
      std::vector<std::string>(values.begin(), values.end());
  return true;
}

bool AddPost(std::string_view text, Topic& topic) {
  bool slots_known = true;
  ForEachSlot(text, [&](std::string_view slot) { slots_known &= topic.slots.contains(slot); });
  topic.posts.push_back({.text = std::string(text)});
  return slots_known;
}

bool AddReply(std::string_view text, Topic& topic) {
  if (topic.posts.empty()) {
    topic.replies.emplace_back(text);
    return true;
  }
  if (topic.posts.back().comments.empty()) return false;
  topic.posts.back().comments.back().replies.emplace_back(text);
  return true;
}

bool AddLine(char kind, std::string_view text, std::vector<Topic>& topics) {
  if (kind == '#') {
    topics.push_back({.name = std::string(text)});
    return true;
  }
  if (topics.empty()) return false;
  Topic& topic = topics.back();
  switch (kind) {
    case '=':
      return AddSlot(text, topic);
    case '~':
      topic.tails.emplace_back(text);
      return true;
    case '+':
      return AddPost(text, topic);
    case '>':
      if (topic.posts.empty()) {
        topic.comments.emplace_back(text);
      } else {
        topic.posts.back().comments.push_back({.text = std::string(text)});
      }
      return true;
    case '<':
      return AddReply(text, topic);
    default:
      return false;
  }
}

}  // namespace

std::vector<std::string_view> Split(std::string_view text, std::string_view separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + separator.size());
  }
}

absl::StatusOr<std::vector<Topic>> ParseTopics(std::string_view text) {
  std::vector<Topic> topics;
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) continue;
    if (line.size() < 3 || line[1] != ' ' || !AddLine(line[0], line.substr(2), topics)) {
      return absl::InvalidArgumentError(fmt::format("texts, line {}: \"{}\"", number, line));
    }
  }
  return topics;
}

std::string Fill(const Topic& topic, std::string_view text, std::mt19937_64& random) {
  std::map<std::string, std::string, std::less<>> chosen;
  std::string filled;
  while (!text.empty()) {
    const size_t open = std::min(text.find('{'), text.size());
    filled += text.substr(0, open);
    text.remove_prefix(open);
    const size_t close = text.find('}');
    if (close == std::string_view::npos) break;
    const std::string slot(text.substr(1, close - 1));
    text.remove_prefix(close + 1);
    if (!chosen.contains(slot)) {
      const std::vector<std::string>& values = topic.slots.find(slot)->second;
      chosen[slot] = values[Draw(random, values.size())];
    }
    filled += chosen[slot];
  }
  // English slots begin in lower case and may open a sentence.
  if (!filled.empty() && filled[0] >= 'a' && filled[0] <= 'z') filled[0] -= 'a' - 'A';
  return filled;
}

TitledText SplitTitle(std::string text) {
  const size_t close = text.find("] ");
  if (text.empty() || text[0] != '[' || close == std::string::npos) return {"", std::move(text)};
  return {text.substr(1, close - 1), text.substr(close + 2)};
}

}  // namespace dailyfeed::seed
