#include "core/domain/scenario/tokens.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "core/base/status_macros.h"

namespace dailyfeed {
namespace {

constexpr uint64_t kRepeatMax = 100000;
constexpr uint32_t kCodePointMax = 0x10FFFF;

bool IsWordCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

// Also of surrogates: a scenario may want bytes that are no UTF-8.
void AppendUtf8(uint32_t c, std::string* text) {
  const auto tail = [&](int shift) {
    text->push_back(static_cast<char>(0x80 | (c >> shift & 63)));
  };
  if (c < 0x80) {
    text->push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    text->push_back(static_cast<char>(0xC0 | c >> 6));
    tail(0);
  } else if (c < 0x10000) {
    text->push_back(static_cast<char>(0xE0 | c >> 12));
    tail(6);
    tail(0);
  } else {
    text->push_back(static_cast<char>(0xF0 | c >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

template <typename Number>
bool ParseNumber(std::string_view digits, int base, Number* number) {
  const char* const end = digits.data() + digits.size();
  const auto [parsed_end, error] = std::from_chars(digits.data(), end, *number, base);
  return !digits.empty() && error == std::errc() && parsed_end == end;
}

absl::Status Wrong(const std::string& what) { return absl::InvalidArgumentError(what); }

}  // namespace

void LineReader::SkipSpace() {
  while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t')) rest_.remove_prefix(1);
}

bool LineReader::AtEnd() {
  SkipSpace();
  return rest_.empty() || rest_.front() == '#';
}

bool LineReader::Take(char c) {
  SkipSpace();
  if (rest_.empty() || rest_.front() != c) return false;
  rest_.remove_prefix(1);
  return true;
}

std::string LineReader::Word() {
  SkipSpace();
  size_t size = 0;
  while (size < rest_.size() && IsWordCharacter(rest_[size])) ++size;
  std::string word(rest_.substr(0, size));
  rest_.remove_prefix(size);
  return word;
}

std::string LineReader::Remainder() {
  SkipSpace();
  std::string text(std::exchange(rest_, {}));
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.pop_back();
  return text;
}

absl::StatusOr<uint64_t> LineReader::Number() {
  const std::string word = Word();
  uint64_t number;
  if (!ParseNumber(word, 10, &number)) return Wrong(fmt::format("'{}' is not a number", word));
  return number;
}

absl::StatusOr<std::string> LineReader::Escape() {
  if (rest_.empty()) return Wrong("a text without its closing quote");
  const char kind = rest_.front();
  rest_.remove_prefix(1);
  if (kind == '"' || kind == '\\') return std::string(1, kind);
  if (kind == 'n') return std::string("\n");
  if (kind == 't') return std::string("\t");
  uint32_t number;
  if (kind == 'x' && rest_.size() >= 2 && ParseNumber(rest_.substr(0, 2), 16, &number)) {
    rest_.remove_prefix(2);
    return std::string(1, static_cast<char>(number));
  }
  const size_t close = rest_.find('}');
  if (kind == 'u' && close != std::string_view::npos && rest_.front() == '{' &&
      ParseNumber(rest_.substr(1, close - 1), 16, &number) && number <= kCodePointMax) {
    rest_.remove_prefix(close + 1);
    std::string text;
    AppendUtf8(number, &text);
    return text;
  }
  return Wrong(R"(an escape is one of \" \\ \n \t \xHH \u{H...})");
}

absl::StatusOr<std::string> LineReader::Quoted() {
  if (!Take('"')) return Wrong("a text in quotes is missing");
  std::string text;
  while (!rest_.empty()) {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    if (c == '"') return text;
    if (c != '\\') {
      text.push_back(c);
      continue;
    }
    ASSIGN_OR_RETURN(const std::string escaped, Escape());
    text += escaped;
  }
  return Wrong("a text without its closing quote");
}

bool LineReader::NextIs(char c) {
  SkipSpace();
  return !rest_.empty() && rest_.front() == c;
}

absl::StatusOr<ScenarioValue> LineReader::List() {
  std::vector<uint64_t> numbers;
  std::vector<std::string> texts;
  if (Take(']')) return ScenarioValue(std::move(numbers));
  const bool of_texts = NextIs('"');
  do {
    if (of_texts) {
      ASSIGN_OR_RETURN(std::string text, Quoted());
      texts.push_back(std::move(text));
    } else {
      ASSIGN_OR_RETURN(const uint64_t number, Number());
      numbers.push_back(number);
    }
  } while (Take(','));
  if (!Take(']')) return Wrong("a list without its closing bracket");
  if (of_texts) return ScenarioValue(std::move(texts));
  return ScenarioValue(std::move(numbers));
}

absl::StatusOr<ScenarioValue> LineReader::Value() {
  if (NextIs('"')) {
    ASSIGN_OR_RETURN(std::string text, Quoted());
    return ScenarioValue(std::move(text));
  }
  if (Take('[')) return List();
  const std::string word = Word();
  if (word == "repeat") {
    if (!Take('(')) return Wrong("it is repeat(\"text\", times)");
    ASSIGN_OR_RETURN(const std::string unit, Quoted());
    if (!Take(',')) return Wrong("it is repeat(\"text\", times)");
    ASSIGN_OR_RETURN(const uint64_t times, Number());
    if (!Take(')') || times > kRepeatMax) return Wrong("repeat takes at most 100000 times");
    std::string text;
    for (uint64_t i = 0; i < times; ++i) text += unit;
    return ScenarioValue(std::move(text));
  }
  uint64_t number;
  if (!ParseNumber(word, 10, &number)) {
    return Wrong(
        fmt::format("'{}' is no value: 12, \"text\", [1, 2] or repeat(\"text\", 12)", word));
  }
  return ScenarioValue(number);
}

absl::StatusOr<ScenarioFields> LineReader::Fields() {
  ScenarioFields fields;
  while (!AtEnd()) {
    const std::string name = Word();
    if (name.empty() || !Take('=')) return Wrong("name=value is missing");
    ASSIGN_OR_RETURN(ScenarioValue value, Value());
    if (!fields.emplace(name, std::move(value)).second) {
      return Wrong(fmt::format("'{}' stands twice", name));
    }
  }
  return fields;
}

}  // namespace dailyfeed
