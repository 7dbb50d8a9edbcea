// The relay's rows as objects, and as rows of a store.
//
//   ASSIGN_OR_RETURN(RelayState state, LoadRelayState(*store));
//   StoreBatch batch;
//   PutCursors(state.cursors, &batch);
//   RETURN_IF_ERROR(store->Write(std::move(batch)));
//
// Threads: from any.
#ifndef DAILYFEED_ADAPTERS_KAFKA_LETTERS_RELAY_STATE_H_
#define DAILYFEED_ADAPTERS_KAFKA_LETTERS_RELAY_STATE_H_

#include <compare>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "absl/status/statusor.h"
#include "adapters/kafka/letters/relay_rows.pb.h"
#include "adapters/kafka/messages/topic_name.h"
#include "core/ports/store.h"

namespace dailyfeed::kafka {

// One partition of one day's topic.
struct TopicPartition {
  DayTopic topic;
  int partition = 0;
  friend bool operator==(const TopicPartition&, const TopicPartition&) = default;
  friend auto operator<=>(const TopicPartition&, const TopicPartition&) = default;
};

struct RelayState {
  rows::Cursors cursors;
  std::map<TopicPartition, rows::Mark> marks;
  std::map<TopicPartition, rows::Job> jobs;
  std::set<DayTopic> pruned;
  uint64_t last_letter = 0;  // the highest id
  uint64_t letters = 0;      // how many there are
};

// DATA_LOSS names the key of a row that cannot be read. Reads all rows but the
// letters, which may be many.
absl::StatusOr<RelayState> LoadRelayState(const StoreReader& store);

void PutCursors(const rows::Cursors& cursors, StoreBatch* batch);
void PutMark(const TopicPartition& of, const rows::Mark& mark, StoreBatch* batch);
void DeleteMark(const TopicPartition& of, StoreBatch* batch);
void PutJob(const TopicPartition& of, const rows::Job& job, StoreBatch* batch);
void DeleteJob(const TopicPartition& of, StoreBatch* batch);
void PutPruned(const DayTopic& topic, bool pruned, StoreBatch* batch);
void PutLetter(const rows::Letter& letter, StoreBatch* batch);

// The letters from `after` on, at most `max`, ascending by id.
absl::StatusOr<std::vector<rows::Letter>> ReadLetters(const StoreReader& store, uint64_t after,
                                                      size_t max);
// NOT_FOUND.
absl::StatusOr<rows::Letter> ReadLetter(const StoreReader& store, uint64_t id);

}  // namespace dailyfeed::kafka

#endif  // DAILYFEED_ADAPTERS_KAFKA_LETTERS_RELAY_STATE_H_
