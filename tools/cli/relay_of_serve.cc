#include "tools/cli/relay_of_serve.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "adapters/crypto/base64url.h"
#include "adapters/rocksdb/store/rocks_store.h"
#include "core/base/status_macros.h"
#include "core/domain/errors.h"

namespace dailyfeed::cli {
namespace {

constexpr size_t kMemtableBytes = 4u << 20;
constexpr size_t kBlockCacheBytes = 4u << 20;

absl::Status Wrong(std::string_view setting, const absl::Status& status) {
  return absl::InvalidArgumentError(fmt::format("{} {}", setting, std::string(status.message())));
}

absl::StatusOr<kafka::RelayOptions> OptionsOf(const KafkaConfig& config) {
  kafka::RelayOptions options = config.relay;
  if (const absl::Status checked = kafka::CheckBrokers(options.client.brokers); !checked.ok()) {
    return Wrong("kafka.brokers", checked);
  }
  if (config.acks == "1") {
    options.client.acks = kafka::Acks::kOne;
  } else if (config.acks != "all") {
    return absl::InvalidArgumentError(
        fmt::format("kafka.acks is all or 1, not \"{}\"", config.acks));
  }
  if (!config.client_settings_file.empty()) {
    ASSIGN_OR_RETURN(options.client.library,
                     kafka::ReadLibrarySettings(config.client_settings_file));
  }
  return options;
}

// A handle on the topics: for readers that are given the member's personal key.
absl::StatusOr<std::optional<std::string>> SealHandle(Dailyfeed* feed, MemberId member,
                                                      const std::string& handle) {
  const absl::StatusOr<std::string> sealed = feed->SealFor(member, handle);
  if (sealed.ok()) return "sealed:" + Base64UrlEncode(*sealed);
  if (ErrorCodeOf(sealed.status()) == ErrorCode::kMemberNotFound) {
    return std::optional<std::string>();
  }
  return sealed.status();
}

}  // namespace

std::string RelayDirectory(const std::string& data_directory) { return data_directory + "/kafka"; }

absl::StatusOr<std::unique_ptr<kafka::Relay>> StartRelay(const KafkaConfig& config,
                                                         Dailyfeed* feed) {
  if (config.relay.client.brokers.empty()) return nullptr;
  ASSIGN_OR_RETURN(const kafka::RelayOptions options, OptionsOf(config));
  kafka::RelayParts parts;
  parts.log = &feed->log();
  ASSIGN_OR_RETURN(parts.zone, DayZone::Load(feed->options().time_zone));
  parts.open_store = [directory = RelayDirectory(feed->options().data_directory)]()
      -> absl::StatusOr<std::unique_ptr<Store>> {
    RocksStoreOptions store;
    store.memtable_bytes = kMemtableBytes;
    store.block_cache_bytes = kBlockCacheBytes;
    return OpenRocksStore(directory, store);
  };
  parts.seal_handle = [feed](MemberId member, const std::string& handle) {
    return SealHandle(feed, member, handle);
  };
  return kafka::Relay::Start(std::move(parts), options);
}

}  // namespace dailyfeed::cli
