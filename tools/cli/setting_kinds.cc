#include "tools/cli/setting_kinds.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <system_error>

#include "absl/status/status.h"
#include "adapters/embedded/option_bounds.h"
#include "adapters/http/guard/addresses.h"
#include "core/base/status_macros.h"

namespace dailyfeed::cli {
namespace {

std::string FormatBytes(uint64_t bytes) {
  if (bytes >= kGiB && bytes % kGiB == 0) return fmt::format("{}GiB", bytes / kGiB);
  if (bytes >= kMiB && bytes % kMiB == 0) return fmt::format("{}MiB", bytes / kMiB);
  if (bytes >= kKiB && bytes % kKiB == 0) return fmt::format("{}KiB", bytes / kKiB);
  return fmt::format("{}", bytes);
}

bool ParseBytes(std::string_view text, uint64_t* bytes) {
  uint64_t unit = 1;
  for (const auto& [suffix, size] : {std::pair<std::string_view, uint64_t>{"KiB", kKiB},
                                     std::pair<std::string_view, uint64_t>{"MiB", kMiB},
                                     std::pair<std::string_view, uint64_t>{"GiB", kGiB}}) {
    if (text.ends_with(suffix)) {
      unit = size;
      text = Trim(text.substr(0, text.size() - suffix.size()));
      break;
    }
  }
  uint64_t number = 0;
  if (!ParseNumber(text, &number)) return false;
  return !__builtin_mul_overflow(number, unit, bytes);
}

// What one entry of a list becomes; nothing when it is none.
using Entry = std::optional<std::string> (*)(std::string_view text);

Setting List(std::string name, Field<std::vector<std::string>> field, Entry entry,
             std::string_view accepted, std::string description) {
  const auto set = [field, entry, accepted](ServeConfig& config, std::string_view text) {
    std::vector<std::string> items;
    while (!text.empty()) {
      const size_t comma = std::min(text.find(','), text.size());
      const std::string_view item = Trim(text.substr(0, comma));
      if (item.empty()) return absl::InvalidArgumentError("has an empty entry between commas");
      std::optional<std::string> kept = entry(item);
      if (!kept) {
        return absl::InvalidArgumentError(fmt::format("has {}, not \"{}\"", accepted, item));
      }
      items.push_back(*std::move(kept));
      text.remove_prefix(std::min(comma + 1, text.size()));
    }
    field(config) = std::move(items);
    return absl::OkStatus();
  };
  return {
      .name = std::move(name),
      .unit = "comma-separated",
      .description = std::move(description),
      .get = [field](
                 ServeConfig& config) { return fmt::format("{}", fmt::join(field(config), ", ")); },
      .set = set};
}

}  // namespace

std::string_view Trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

bool ParseNumber(std::string_view text, uint64_t* number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number);
  return error == std::errc() && end == text.data() + text.size();
}

absl::Status ParseInRange(std::string_view text, Range range, uint64_t* number) {
  if (ParseNumber(text, number) && *number >= range.least && *number <= range.most) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      fmt::format("is a whole number from {} to {}, not \"{}\"", range.least, range.most, text));
}

Setting Bytes(std::string name, Field<size_t> field, Range range, std::string description) {
  const auto set = [field, range](ServeConfig& config, std::string_view text) {
    uint64_t bytes = 0;
    if (!ParseBytes(text, &bytes) || bytes < range.least || bytes > range.most) {
      return absl::InvalidArgumentError(
          fmt::format("is a size like 1048576, 512KiB or 64MiB, from {} to {}, not \"{}\"",
                      FormatBytes(range.least), FormatBytes(range.most), text));
    }
    field(config) = bytes;
    return absl::OkStatus();
  };
  return {.name = std::move(name),
          .unit = "bytes",
          .description = std::move(description),
          .least = FormatBytes(range.least),
          .most = FormatBytes(range.most),
          .get = [field](ServeConfig& config) { return FormatBytes(field(config)); },
          .set = set};
}

Setting Duration(std::string name, Field<absl::Duration> field, absl::Duration least,
                 std::string description) {
  const auto set = [field, least](ServeConfig& config, std::string_view text) {
    absl::Duration duration;
    if (!absl::ParseDuration(absl::string_view(text.data(), text.size()), &duration) ||
        duration < least || duration > bounds::kDurationMax) {
      return absl::InvalidArgumentError(fmt::format(
          "is a time like 500ms, 10s or 1h30m, from {} to {}, not \"{}\"",
          absl::FormatDuration(least), absl::FormatDuration(bounds::kDurationMax), text));
    }
    field(config) = duration;
    return absl::OkStatus();
  };
  return {.name = std::move(name),
          .description = std::move(description),
          .get = [field](ServeConfig& config) { return absl::FormatDuration(field(config)); },
          .set = set};
}

Setting Switch(std::string name, Field<bool> field, std::string description) {
  const auto set = [field](ServeConfig& config, std::string_view text) {
    if (text != "true" && text != "false") {
      return absl::InvalidArgumentError(fmt::format("is true or false, not \"{}\"", text));
    }
    field(config) = text == "true";
    return absl::OkStatus();
  };
  return {.name = std::move(name),
          .description = std::move(description),
          .get = [field](ServeConfig& config) { return field(config) ? "true" : "false"; },
          .set = set};
}

Setting Text(std::string name, Field<std::string> field, std::string description) {
  const auto set = [field](ServeConfig& config, std::string_view text) {
    field(config) = std::string(text);
    return absl::OkStatus();
  };
  return {.name = std::move(name),
          .description = std::move(description),
          .get = [field](ServeConfig& config) { return field(config); },
          .set = set};
}

Setting Address(std::string name, Field<std::string> field, std::string description) {
  Setting setting = Text(std::move(name), field, std::move(description));
  setting.set = [field](ServeConfig& config, std::string_view text) {
    RETURN_IF_ERROR(ParseHostPort(text).status());
    field(config) = std::string(text);
    return absl::OkStatus();
  };
  return setting;
}

Setting Access(std::string name, Field<http::AccessLog> field, std::string description) {
  const auto set = [field](ServeConfig& config, std::string_view text) {
    const std::optional<http::AccessLog> mode = http::ParseAccessLog(text);
    if (!mode) {
      return absl::InvalidArgumentError(fmt::format("is all, errors or none, not \"{}\"", text));
    }
    field(config) = *mode;
    return absl::OkStatus();
  };
  return {
      .name = std::move(name),
      .description = std::move(description),
      .get =
          [field](ServeConfig& config) { return std::string(http::AccessLogName(field(config))); },
      .set = set};
}

Setting Origins(std::string name, Field<std::vector<std::string>> field, std::string description) {
  const Entry entry = [](std::string_view text) {
    return http::IsOrigin(text) ? std::optional<std::string>(text) : std::nullopt;
  };
  return List(std::move(name), field, entry,
              "origins like https://feed.example.com or http://localhost:3000, in small letters "
              "and with nothing behind the port",
              std::move(description));
}

Setting Addresses(std::string name, Field<std::vector<std::string>> field,
                  std::string description) {
  return List(std::move(name), field, &http::PlainAddress,
              "single IP addresses like 10.0.0.7 or 2001:db8::7", std::move(description));
}

}  // namespace dailyfeed::cli
