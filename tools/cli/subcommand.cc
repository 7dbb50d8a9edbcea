#include "tools/cli/subcommand.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <limits>
#include <numeric>
#include <optional>

#include "absl/flags/reflection.h"
#include "absl/status/status.h"

namespace dailyfeed::cli {
namespace {

absl::Status Misused(const std::string& message) { return absl::InvalidArgumentError(message); }

size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t above = row[j];
      row[j] = std::min({row[j - 1] + 1, above + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

// " Did you mean ...?" when one candidate is a typo away.
std::string Suggestion(std::string_view given, const std::vector<std::string_view>& candidates,
                       std::string_view prefix) {
  size_t best = std::numeric_limits<size_t>::max();
  std::string_view nearest;
  for (const std::string_view candidate : candidates) {
    const size_t distance = EditDistance(given, candidate);
    if (distance < best) {
      best = distance;
      nearest = candidate;
    }
  }
  if (nearest.empty() || best > std::max<size_t>(1, given.size() / 3)) return "";
  return fmt::format(" Did you mean {}{}?", prefix, nearest);
}

std::vector<std::string_view> NamesOf(const std::vector<Subcommand>& subcommands) {
  std::vector<std::string_view> names;
  for (const Subcommand& subcommand : subcommands) names.push_back(subcommand.name);
  return names;
}

// The subcommand named by the first one or two words; `used` says how many.
const Subcommand* Find(const std::vector<std::string>& words,
                       const std::vector<Subcommand>& subcommands, size_t* used) {
  for (size_t count = std::min<size_t>(2, words.size()); count > 0; --count) {
    std::string name = words[0];
    if (count == 2) name += " " + words[1];
    for (const Subcommand& subcommand : subcommands) {
      if (subcommand.name == name) {
        *used = count;
        return &subcommand;
      }
    }
  }
  return nullptr;
}

bool IsWithin(std::string_view group, const Subcommand& subcommand) {
  return subcommand.name.starts_with(group) &&
         subcommand.name.substr(group.size()).starts_with(' ');
}

// The second words of the subcommands that begin with this one: "cat", "stat".
std::vector<std::string_view> NamesWithin(std::string_view group,
                                          const std::vector<Subcommand>& subcommands) {
  std::vector<std::string_view> within;
  for (const Subcommand& subcommand : subcommands) {
    if (IsWithin(group, subcommand)) within.push_back(subcommand.name.substr(group.size() + 1));
  }
  return within;
}

absl::Status UnknownSubcommand(const std::vector<std::string>& words,
                               const std::vector<Subcommand>& subcommands) {
  const std::vector<std::string_view> within = NamesWithin(words[0], subcommands);
  if (!within.empty()) {
    const std::string list = fmt::format("{}", fmt::join(within, ", "));
    if (words.size() < 2) return Misused(fmt::format("{} needs one of: {}.", words[0], list));
    return Misused(fmt::format("{} knows no \"{}\"; it has: {}.{}", words[0], words[1], list,
                               Suggestion(words[1], within, words[0] + " ")));
  }
  return Misused(fmt::format("There is no subcommand \"{}\".{}", words[0],
                             Suggestion(words[0], NamesOf(subcommands), "")));
}

struct FlagText {
  std::string name;  // as typed, without dashes
  std::optional<std::string> value;
};

FlagText SplitFlag(std::string_view text) {
  text.remove_prefix(text.starts_with("--") ? 2 : 1);
  const size_t equals = text.find('=');
  if (equals == std::string_view::npos) return {std::string(text), std::nullopt};
  return {std::string(text.substr(0, equals)), std::string(text.substr(equals + 1))};
}

// Sets one flag; takes its value from `next` when there is no '='.
absl::Status SetFlag(const FlagText& flag, const Subcommand& subcommand, const std::string* next,
                     bool* took_next) {
  std::string name = flag.name;
  std::optional<std::string> value = flag.value;
  const auto belongs = [&](std::string_view candidate) {
    return std::find(subcommand.flags.begin(), subcommand.flags.end(), candidate) !=
           subcommand.flags.end();
  };
  if (!belongs(name) && name.starts_with("no-") && belongs(name.substr(3)) && !value) {
    name = name.substr(3);
    value = "false";
  }
  if (!belongs(name)) {
    return Misused(fmt::format("{} takes no --{}.{}", subcommand.name, name,
                               Suggestion(name, subcommand.flags, "--")));
  }
  absl::CommandLineFlag* known = FindFlag(subcommand, name);
  if (known == nullptr) return absl::InternalError("no such Abseil flag: " + name);
  if (!value) {
    if (known->IsOfType<bool>()) {
      value = "true";
    } else if (next != nullptr && !next->starts_with("--")) {
      value = *next;
      *took_next = true;
    } else {
      return Misused(fmt::format("--{} needs a value: --{}=...", name, name));
    }
  }
  std::string error;
  if (!known->ParseFrom(*value, &error)) {
    // Abseil's own sentence for numbers only repeats the value.
    const bool says_more = !error.empty() && error.find("Illegal value") == std::string::npos;
    return Misused(
        fmt::format("--{} cannot be \"{}\"{}", name, *value, says_more ? ": " + error : "."));
  }
  return absl::OkStatus();
}

bool IsFlag(std::string_view argument) { return argument.size() > 1 && argument[0] == '-'; }
bool IsHelp(std::string_view argument) { return argument == "--help" || argument == "-h"; }

}  // namespace

absl::CommandLineFlag* FindFlag(const Subcommand& subcommand, std::string_view typed) {
  const auto find = [](std::string name) {
    std::replace_if(
        name.begin(), name.end(), [](char c) { return c == '-' || c == ' '; }, '_');
    return absl::FindCommandLineFlag(name);
  };
  absl::CommandLineFlag* const own = find(fmt::format("{} {}", subcommand.name, typed));
  return own != nullptr ? own : find(std::string(typed));
}

absl::StatusOr<Invocation> Interpret(const std::vector<std::string>& arguments,
                                     const std::vector<Subcommand>& subcommands) {
  Invocation call;
  std::vector<std::string> words = arguments;
  if (!words.empty() && words[0] == "help") {
    call.help = true;
    words.erase(words.begin());
  }
  if (words.empty() || IsHelp(words[0])) {
    if (arguments.empty()) return Misused("Say what to do.");
    call.help = true;
    return call;
  }
  if (IsFlag(words[0])) {
    return Misused(fmt::format("The subcommand comes first: dailyfeed NAME {}", words[0]));
  }
  std::vector<std::string> leading;  // the words before the first flag
  for (size_t i = 0; i < words.size() && !IsFlag(words[i]); ++i) leading.push_back(words[i]);
  size_t used = 0;
  call.subcommand = Find(leading, subcommands, &used);
  if (call.subcommand == nullptr) {
    const bool help = call.help || std::any_of(words.begin(), words.end(), IsHelp);
    if (!help || leading.size() > 1 || NamesWithin(leading[0], subcommands).empty()) {
      return UnknownSubcommand(leading, subcommands);
    }
    call.help = true;
    call.group = leading[0];
    return call;
  }

  bool only_arguments = false;
  for (size_t i = used; i < words.size(); ++i) {
    if (!only_arguments && words[i] == "--") {
      only_arguments = true;
    } else if (!only_arguments && IsHelp(words[i])) {
      call.help = true;
    } else if (!only_arguments && IsFlag(words[i])) {
      bool took_next = false;
      const std::string* next = i + 1 < words.size() ? &words[i + 1] : nullptr;
      absl::Status set = SetFlag(SplitFlag(words[i]), *call.subcommand, next, &took_next);
      if (!set.ok()) return set;
      if (took_next) ++i;
    } else {
      call.arguments.push_back(words[i]);
    }
  }
  if (call.arguments.size() > call.subcommand->arguments_max && !call.help) {
    return Misused(fmt::format("{} does not know what to do with \"{}\".", call.subcommand->name,
                               call.arguments[call.subcommand->arguments_max]));
  }
  return call;
}

std::string OverviewHelp(const std::vector<Subcommand>& subcommands) {
  std::string text =
      "dailyfeed: a social feed engine on an append-only log of events.\n"
      "\n"
      "usage: dailyfeed SUBCOMMAND [--flags]\n"
      "\n";
  for (const Subcommand& subcommand : subcommands) {
    text += fmt::format("  {:<16} {}\n", subcommand.name, subcommand.summary);
  }
  text +=
      "\n"
      "  dailyfeed SUBCOMMAND --help   explains one, with its flags and examples\n"
      "\n"
      "A first look:\n"
      "  dailyfeed serve --data-dir=feed --seed-sample-data --development\n"
      "  dailyfeed log stat --data-dir=feed\n"
      "\n"
      "Exit codes: 0 done, 1 failed (one sentence on stderr says why), 2 wrong arguments.\n";
  return text;
}

std::string GroupHelp(std::string_view group, const std::vector<Subcommand>& subcommands) {
  std::string text = fmt::format("usage: dailyfeed {} SUBCOMMAND [--flags]\n\n", group);
  for (const Subcommand& subcommand : subcommands) {
    if (!IsWithin(group, subcommand)) continue;
    text += fmt::format("  {:<16} {}\n", subcommand.name, subcommand.summary);
  }
  text += fmt::format(
      "\n  dailyfeed {} SUBCOMMAND --help   explains one, with its flags and examples\n", group);
  return text;
}

std::string SubcommandHelp(const Subcommand& subcommand) {
  std::string text =
      fmt::format("dailyfeed {}: {}\n\nusage: dailyfeed {} {}\n\n{}", subcommand.name,
                  subcommand.summary, subcommand.name, subcommand.synopsis, subcommand.text);
  if (subcommand.flags.empty()) return text;
  text += "\nFlags:\n";
  for (const std::string_view name : subcommand.flags) {
    const absl::CommandLineFlag* flag = FindFlag(subcommand, name);
    if (flag == nullptr) continue;
    const std::string initial = flag->DefaultValue();
    const bool is_switch = flag->IsOfType<bool>() && initial == "false";
    text += fmt::format("  --{}\n      {}{}\n", name, flag->Help(),
                        is_switch || initial.empty() ? "" : fmt::format(" Default: {}.", initial));
  }
  return text;
}

}  // namespace dailyfeed::cli
