// Reads topics with kcat, as anybody would, and checks the proof that
// docs/reference/messages.md gives: no code of the relay is used.
#ifndef DAILYFEED_ADAPTERS_KAFKA_TESTING_TOPIC_READER_H_
#define DAILYFEED_ADAPTERS_KAFKA_TESTING_TOPIC_READER_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace dailyfeed::kafka::testing {

struct ReadMessage {
  std::string topic;
  int partition = 0;
  int64_t offset = 0;
  std::string key;
  std::map<std::string, std::string> headers;
  uint64_t position() const;
  uint64_t previous() const;
};

// All topics of the cluster whose names begin with `prefix`.
std::vector<std::string> TopicsOf(const std::string& broker, const std::string& prefix);
// Every message of them, in the order of topics, partitions and offsets.
std::vector<ReadMessage> ReadTopics(const std::string& broker, const std::string& prefix);

// What is wrong; empty: the intervals of every partition leave no hole up to the
// partition's last message, and of every order key the first occurrences within a
// topic are in the order of positions.
std::string Holes(const std::vector<ReadMessage>& messages);
std::string WrongOrder(const std::vector<ReadMessage>& messages);
// Messages beyond the first of their position.
size_t Repeats(const std::vector<ReadMessage>& messages);
// The positions that are there, ascending.
std::vector<uint64_t> Positions(const std::vector<ReadMessage>& messages);

}  // namespace dailyfeed::kafka::testing

#endif  // DAILYFEED_ADAPTERS_KAFKA_TESTING_TOPIC_READER_H_
