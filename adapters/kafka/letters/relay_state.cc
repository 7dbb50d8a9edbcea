#include "adapters/kafka/letters/relay_state.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/status_macros.h"

namespace dailyfeed::kafka {
namespace {

// The first byte of a key says what the row is; docs/reference/relay-format.md.
constexpr std::string_view kCursorsKey = "c";
constexpr char kJob = 'j';
constexpr char kLetter = 'l';
constexpr char kMark = 'm';
constexpr char kTopic = 't';

std::string PartitionKey(char what, const TopicPartition& of) {
  return fmt::format("{}/{}/{:06}", what, TopicName(of.topic), of.partition);
}
std::string TopicKey(const DayTopic& topic) {
  return fmt::format("{}/{}", kTopic, TopicName(topic));
}
std::string LetterKey(uint64_t id) { return fmt::format("{}/{:020}", kLetter, id); }

std::optional<uint64_t> ParseDigits(std::string_view digits) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) {
    return std::nullopt;
  }
  return number;
}

// "x/member-activity-20261121/000003".
std::optional<TopicPartition> ParsePartitionKey(std::string_view key) {
  const size_t slash = key.rfind('/');
  if (slash < 2 || slash == std::string_view::npos) return std::nullopt;
  const std::optional<DayTopic> topic = ParseTopicName(key.substr(2, slash - 2));
  const std::optional<uint64_t> partition = ParseDigits(key.substr(slash + 1));
  if (!topic || !partition) return std::nullopt;
  return TopicPartition{*topic, static_cast<int>(*partition)};
}

absl::Status Unreadable(std::string_view key) {
  return absl::DataLossError(fmt::format("the relay's row \"{}\" cannot be read", key));
}

// The rows whose key begins with `what`.
KeyRange RangeOf(char what) {
  return {.lower = std::string(1, what) + "/", .upper = std::string(1, what) + "0"};
}

template <typename Row>
absl::Status LoadPartitions(const StoreReader& store, char what,
                            std::map<TopicPartition, Row>* rows) {
  const auto it = store.NewIterator(RangeOf(what));
  for (; it->Valid(); it->Next()) {
    const std::optional<TopicPartition> of = ParsePartitionKey(it->key());
    Row row;
    if (!of || !row.ParseFromArray(it->value().data(), static_cast<int>(it->value().size()))) {
      return Unreadable(it->key());
    }
    (*rows)[*of] = std::move(row);
  }
  return it->status();
}

absl::Status LoadTopics(const StoreReader& store, std::set<DayTopic>* pruned) {
  const auto it = store.NewIterator(RangeOf(kTopic));
  for (; it->Valid(); it->Next()) {
    const std::optional<DayTopic> topic = ParseTopicName(it->key().substr(2));
    rows::Topic row;
    if (!topic || !row.ParseFromArray(it->value().data(), static_cast<int>(it->value().size()))) {
      return Unreadable(it->key());
    }
    if (row.pruned()) pruned->insert(*topic);
  }
  return it->status();
}

absl::Status CountLetters(const StoreReader& store, RelayState* state) {
  const auto it = store.NewIterator(RangeOf(kLetter));
  for (; it->Valid(); it->Next()) {
    const std::optional<uint64_t> id = ParseDigits(it->key().substr(2));
    if (!id) return Unreadable(it->key());
    state->last_letter = *id;
    ++state->letters;
  }
  return it->status();
}

}  // namespace

absl::StatusOr<RelayState> LoadRelayState(const StoreReader& store) {
  RelayState state;
  std::string value;
  ASSIGN_OR_RETURN(const bool found, store.Get(kCursorsKey, &value));
  if (found && !state.cursors.ParseFromString(value)) return Unreadable(kCursorsKey);
  RETURN_IF_ERROR(LoadPartitions(store, kMark, &state.marks));
  RETURN_IF_ERROR(LoadPartitions(store, kJob, &state.jobs));
  RETURN_IF_ERROR(LoadTopics(store, &state.pruned));
  RETURN_IF_ERROR(CountLetters(store, &state));
  return state;
}

void PutCursors(const rows::Cursors& cursors, StoreBatch* batch) {
  batch->Put(kCursorsKey, cursors.SerializeAsString());
}
void PutMark(const TopicPartition& of, const rows::Mark& mark, StoreBatch* batch) {
  batch->Put(PartitionKey(kMark, of), mark.SerializeAsString());
}
void DeleteMark(const TopicPartition& of, StoreBatch* batch) {
  batch->Delete(PartitionKey(kMark, of));
}
void PutJob(const TopicPartition& of, const rows::Job& job, StoreBatch* batch) {
  batch->Put(PartitionKey(kJob, of), job.SerializeAsString());
}
void DeleteJob(const TopicPartition& of, StoreBatch* batch) {
  batch->Delete(PartitionKey(kJob, of));
}
void PutPruned(const DayTopic& topic, bool pruned, StoreBatch* batch) {
  rows::Topic row;
  row.set_pruned(pruned);
  batch->Put(TopicKey(topic), row.SerializeAsString());
}
void PutLetter(const rows::Letter& letter, StoreBatch* batch) {
  batch->Put(LetterKey(letter.id()), letter.SerializeAsString());
}

absl::StatusOr<std::vector<rows::Letter>> ReadLetters(const StoreReader& store, uint64_t after,
                                                      size_t max) {
  KeyRange range = RangeOf(kLetter);
  range.lower = LetterKey(after + 1);
  std::vector<rows::Letter> letters;
  const auto it = store.NewIterator(range);
  for (; it->Valid() && letters.size() < max; it->Next()) {
    rows::Letter letter;
    if (!letter.ParseFromArray(it->value().data(), static_cast<int>(it->value().size()))) {
      return Unreadable(it->key());
    }
    letters.push_back(std::move(letter));
  }
  RETURN_IF_ERROR(it->status());
  return letters;
}

absl::StatusOr<rows::Letter> ReadLetter(const StoreReader& store, uint64_t id) {
  std::string value;
  ASSIGN_OR_RETURN(const bool found, store.Get(LetterKey(id), &value));
  if (!found) return absl::NotFoundError(fmt::format("there is no letter {}", id));
  rows::Letter letter;
  if (!letter.ParseFromString(value)) return Unreadable(LetterKey(id));
  return letter;
}

}  // namespace dailyfeed::kafka
