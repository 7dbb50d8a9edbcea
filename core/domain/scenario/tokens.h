// The words and values of one line of a scenario file.
#ifndef DAILYFEED_CORE_DOMAIN_SCENARIO_TOKENS_H_
#define DAILYFEED_CORE_DOMAIN_SCENARIO_TOKENS_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"

namespace dailyfeed {

// An empty list is one of numbers.
using ScenarioValue =
    std::variant<uint64_t, std::string, std::vector<uint64_t>, std::vector<std::string>>;
using ScenarioFields = std::map<std::string, ScenarioValue>;

// Reads a line from left to right. A '#' outside quotes ends it.
class LineReader {
 public:
  explicit LineReader(std::string_view line) : rest_(line) {}

  // Nothing but white space and a comment is left.
  bool AtEnd();
  // Letters, digits, '_' and '-'. Empty when something else comes.
  std::string Word();
  // The rest of the line without surrounding white space, '#' included.
  std::string Remainder();
  absl::StatusOr<uint64_t> Number();
  // "..." with the escapes \" \\ \n \t \xHH and \u{H...}.
  absl::StatusOr<std::string> Quoted();
  // 12, "text", [1, 2], ["a", "b"] or repeat("text", 12).
  absl::StatusOr<ScenarioValue> Value();
  // name=value name=value ... to the end of the line. A name twice is an error.
  absl::StatusOr<ScenarioFields> Fields();
  // True and taken when the next character is `c`.
  bool Take(char c);

 private:
  void SkipSpace();
  absl::StatusOr<std::string> Escape();
  absl::StatusOr<ScenarioValue> List();
  bool NextIs(char c);

  std::string_view rest_;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_CORE_DOMAIN_SCENARIO_TOKENS_H_
