#include "adapters/kafka/client/client_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"
#include "adapters/files/files.h"
#include "core/base/status_macros.h"

namespace dailyfeed::kafka {
namespace {

constexpr uint32_t kPortMax = 65535;

// What decides about order and loss: it is not for a file.
constexpr std::string_view kOwnSettings[] = {
    "acks",
    "allow.auto.create.topics",
    "batch.size",
    "bootstrap.servers",
    "compression.codec",
    "compression.type",
    "enable.gapless.guarantee",
    "enable.idempotence",
    "group.id",
    "max.in.flight",
    "max.in.flight.requests.per.connection",
    "message.send.max.retries",
    "message.timeout.ms",
    "metadata.broker.list",
    "queue.buffering.max.kbytes",
    "queue.buffering.max.messages",
    "request.required.acks",
    "retries",
    "transactional.id",
};

std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

}  // namespace

absl::Status CheckBrokers(std::string_view brokers) {
  std::string_view rest = brokers;
  do {
    const std::string_view broker = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(rest.size(), broker.size() + 1));
    const size_t colon = broker.rfind(':');
    uint32_t port = 0;
    if (colon == std::string_view::npos || colon == 0 ||
        !absl::SimpleAtoi(absl::string_view(broker.data() + colon + 1, broker.size() - colon - 1),
                          &port) ||
        port == 0 || port > kPortMax) {
      return absl::InvalidArgumentError(
          fmt::format("is HOST:PORT,HOST:PORT like 127.0.0.1:9092, not \"{}\"", brokers));
    }
  } while (!rest.empty());
  return absl::OkStatus();
}

absl::StatusOr<LibrarySettings> ParseLibrarySettings(std::string_view file_name,
                                                     std::string_view text) {
  LibrarySettings settings;
  for (int line = 1; !text.empty(); ++line) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view entry = Trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (entry.empty() || entry.front() == '#') continue;
    const size_t equals = entry.find('=');
    const std::string_view name = Trimmed(entry.substr(0, std::min(equals, entry.size())));
    if (equals == std::string_view::npos || name.empty()) {
      // The line itself may be a secret.
      return absl::InvalidArgumentError(
          fmt::format("{}:{}: expected \"name = value\"", file_name, line));
    }
    if (std::find(std::begin(kOwnSettings), std::end(kOwnSettings), name) !=
        std::end(kOwnSettings)) {
      return absl::InvalidArgumentError(
          fmt::format("{}:{}: {} is set by dailyfeed and not here", file_name, line, name));
    }
    settings.emplace_back(name, Trimmed(entry.substr(equals + 1)));
  }
  return settings;
}

absl::StatusOr<LibrarySettings> ReadLibrarySettings(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadFile(path);
  if (!text.ok()) {
    return absl::NotFoundError(fmt::format("cannot read the settings of the Kafka client {}: {}",
                                           path, std::string(text.status().message())));
  }
  return ParseLibrarySettings(path, *text);
}

}  // namespace dailyfeed::kafka
