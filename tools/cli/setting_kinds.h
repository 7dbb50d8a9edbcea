// The kinds of settings: how the text of a configuration file becomes a value,
// what is refused, and how a value is printed again. Internal to settings.cc.
#ifndef DAILYFEED_TOOLS_CLI_SETTING_KINDS_H_
#define DAILYFEED_TOOLS_CLI_SETTING_KINDS_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "adapters/http/server/access_log.h"
#include "tools/cli/config.h"

namespace dailyfeed::cli {

inline constexpr uint64_t kKiB = 1u << 10;
inline constexpr uint64_t kMiB = 1u << 20;
inline constexpr uint64_t kGiB = 1u << 30;

// The least and the most that is accepted.
struct Range {
  uint64_t least = 0;
  uint64_t most = 0;
};

// Where a setting lives.
template <typename T>
using Field = T& (*)(ServeConfig&);

// INVALID_ARGUMENT unless `text` is a whole number in `range`.
absl::Status ParseInRange(std::string_view text, Range range, uint64_t* number);

template <typename T>
Setting Number(std::string name, std::string unit, Field<T> field, Range range,
               std::string description) {
  const auto set = [field, range](ServeConfig& config, std::string_view text) {
    uint64_t number = 0;
    absl::Status parsed = ParseInRange(text, range, &number);
    if (parsed.ok()) field(config) = static_cast<T>(number);
    return parsed;
  };
  return {.name = std::move(name),
          .unit = std::move(unit),
          .description = std::move(description),
          .least = std::to_string(range.least),
          .most = std::to_string(range.most),
          .get = [field](ServeConfig& config) { return std::to_string(field(config)); },
          .set = set};
}

Setting Bytes(std::string name, Field<size_t> field, Range range, std::string description);
// At least `least`, and at most what no time of ours exceeds.
Setting Duration(std::string name, Field<absl::Duration> field, absl::Duration least,
                 std::string description);
Setting Switch(std::string name, Field<bool> field, std::string description);
Setting Text(std::string name, Field<std::string> field, std::string description);
// HOST:PORT.
Setting Address(std::string name, Field<std::string> field, std::string description);
Setting Access(std::string name, Field<http::AccessLog> field, std::string description);
// Comma-separated; every entry is an origin, or an IP address, kept in the
// spelling the server knows its peers by.
Setting Origins(std::string name, Field<std::vector<std::string>> field, std::string description);
Setting Addresses(std::string name, Field<std::vector<std::string>> field, std::string description);

// Those whose names begin with kafka.
void AddKafkaSettings(std::vector<Setting>& all);

// Without the white space around it.
std::string_view Trim(std::string_view text);
// Digits and nothing else.
bool ParseNumber(std::string_view text, uint64_t* number);

}  // namespace dailyfeed::cli

#endif  // DAILYFEED_TOOLS_CLI_SETTING_KINDS_H_
