#include "tools/cli/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "adapters/files/files.h"
#include "core/base/status_macros.h"
#include "core/base/text.h"
#include "tools/cli/setting_kinds.h"

namespace dailyfeed::cli {
namespace {

const Setting* FindSetting(std::string_view name) {
  for (const Setting& setting : Settings()) {
    if (setting.name == name) return &setting;
  }
  return nullptr;
}

// A '#' begins a comment at the start of the line or behind white space, so
// that URLs may hold one.
std::string_view WithoutComment(std::string_view line) {
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '#' && (i == 0 || line[i - 1] == ' ' || line[i - 1] == '\t')) {
      return line.substr(0, i);
    }
  }
  return line;
}

absl::Status ApplyLine(std::string_view line, ServeConfig& config, std::vector<bool>& seen) {
  const size_t equals = line.find('=');
  if (equals == std::string_view::npos) {
    return absl::InvalidArgumentError(fmt::format("expected \"name = value\", not \"{}\"", line));
  }
  const std::string_view name = Trim(line.substr(0, equals));
  const Setting* setting = FindSetting(name);
  if (setting == nullptr) {
    return absl::InvalidArgumentError(fmt::format(
        "there is no setting \"{}\"; `dailyfeed serve --print-config` shows all of them", name));
  }
  const size_t index = setting - Settings().data();
  if (seen[index]) return absl::InvalidArgumentError(fmt::format("{} stands here twice", name));
  seen[index] = true;
  const absl::Status status = setting->set(config, Trim(line.substr(equals + 1)));
  if (status.ok()) return status;
  return absl::InvalidArgumentError(fmt::format(
      "{} {}", name, std::string_view(status.message().data(), status.message().size())));
}

}  // namespace

absl::Status ApplyConfigText(std::string_view file_name, std::string_view text,
                             ServeConfig& config) {
  std::vector<bool> seen(Settings().size());
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = Trim(WithoutComment(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty()) continue;
    const absl::Status status = ApplyLine(line, config, seen);
    if (!status.ok()) {
      return absl::InvalidArgumentError(
          fmt::format("{}:{}: {}", file_name, number,
                      std::string_view(status.message().data(), status.message().size())));
    }
  }
  return absl::OkStatus();
}

absl::Status ApplyConfigFile(const std::string& path, ServeConfig& config) {
  const absl::StatusOr<std::string> text = ReadFile(path);
  if (!text.ok()) {
    return absl::NotFoundError(fmt::format("cannot read the configuration file {}: {}", path,
                                           std::string(text.status().message())));
  }
  return ApplyConfigText(path, *text, config);
}

std::string PrintConfig(ServeConfig& config) {
  std::string text = "# dailyfeed serve: every setting.\n";
  for (const Setting& setting : Settings()) {
    const std::string value = setting.get(config);
    // Behind a blank a '#' would begin a comment.
    const bool blank = !value.empty() && value.front() != '#';
    text += fmt::format("\n# {}\n{} ={}{}{}\n", setting.description, setting.name, blank ? " " : "",
                        value, setting.unit.empty() ? "" : "  # " + setting.unit);
  }
  return text;
}

std::string PrintConfigReference() {
  ServeConfig defaults;
  std::string text =
      "| setting | default | unit | from, to | what it is |\n|---|---|---|---|---|\n";
  for (const Setting& setting : Settings()) {
    const std::string value = setting.get(defaults);
    const std::string range =
        setting.most.empty() ? "" : fmt::format("`{}`, `{}`", setting.least, setting.most);
    text += fmt::format("| `{}` | {} | {} | {} | {} |\n", setting.name,
                        value.empty() ? "" : "`" + value + "`", setting.unit, range,
                        setting.description);
  }
  return text;
}

absl::StatusOr<HostPort> ParseHostPort(std::string_view text) {
  const size_t colon = text.rfind(':');
  HostPort address;
  uint64_t port = 0;
  if (colon == std::string_view::npos || !ParseNumber(text.substr(colon + 1), &port) ||
      port > std::numeric_limits<uint16_t>::max()) {
    return absl::InvalidArgumentError(
        fmt::format("is HOST:PORT like 127.0.0.1:8080, not \"{}\"", text));
  }
  std::string_view host = text.substr(0, colon);
  if (host.starts_with("[") && host.ends_with("]")) host = host.substr(1, host.size() - 2);
  address.host = host.empty() ? "0.0.0.0" : std::string(host);
  address.port = static_cast<uint16_t>(port);
  return address;
}

}  // namespace dailyfeed::cli
