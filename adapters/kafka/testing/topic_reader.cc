#include "adapters/kafka/testing/topic_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <sstream>

#include "core/base/check.h"

namespace dailyfeed::kafka::testing {
namespace {

constexpr size_t kChunk = 1 << 16;

std::string Output(const std::string& command) {
  FILE* const pipe = popen(command.c_str(), "r");
  DAILYFEED_CHECK(pipe != nullptr);
  std::string output;
  std::vector<char> chunk(kChunk);
  while (const size_t count = fread(chunk.data(), 1, chunk.size(), pipe)) {
    output.append(chunk.data(), count);
  }
  pclose(pipe);
  return output;
}

std::vector<std::string> Split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

uint64_t Number(const std::map<std::string, std::string>& headers, const char* name) {
  const auto found = headers.find(name);
  return found == headers.end() ? 0 : std::strtoull(found->second.c_str(), nullptr, 10);
}

}  // namespace

uint64_t ReadMessage::position() const { return Number(headers, "dailyfeed-position"); }
uint64_t ReadMessage::previous() const { return Number(headers, "dailyfeed-previous"); }

std::vector<std::string> TopicsOf(const std::string& broker, const std::string& prefix) {
  std::vector<std::string> topics;
  for (const std::string& line :
       Split(Output(fmt::format("kcat -b {} -L 2>/dev/null", broker)), '\n')) {
    const size_t begin = line.find("topic \"");
    if (begin == std::string::npos) continue;
    const std::string name = line.substr(begin + 7, line.find('"', begin + 7) - begin - 7);
    if (name.starts_with(prefix)) topics.push_back(name);
  }
  std::sort(topics.begin(), topics.end());
  return topics;
}

std::vector<ReadMessage> ReadTopics(const std::string& broker, const std::string& prefix) {
  std::vector<ReadMessage> messages;
  for (const std::string& topic : TopicsOf(broker, prefix)) {
    // Protobuf values are left out: they may hold line breaks.
    const std::string output = Output(fmt::format(
        "timeout 60 kcat -b {} -C -t {} -o beginning -e -q -f '%p\\t%o\\t%k\\t%h\\n' 2>/dev/null",
        broker, topic));
    for (const std::string& line : Split(output, '\n')) {
      const std::vector<std::string> fields = Split(line, '\t');
      DAILYFEED_CHECK(fields.size() == 4);
      ReadMessage message = {.topic = topic,
                             .partition = std::atoi(fields[0].c_str()),
                             .offset = std::atoll(fields[1].c_str()),
                             .key = fields[2]};
      for (const std::string& header : Split(fields[3], ',')) {
        const size_t equals = header.find('=');
        message.headers[header.substr(0, equals)] = header.substr(equals + 1);
      }
      messages.push_back(std::move(message));
    }
  }
  std::stable_sort(
      messages.begin(), messages.end(), [](const ReadMessage& a, const ReadMessage& b) {
        return std::tie(a.topic, a.partition, a.offset) < std::tie(b.topic, b.partition, b.offset);
      });
  return messages;
}

std::string Holes(const std::vector<ReadMessage>& messages) {
  std::map<int, std::map<uint64_t, uint64_t>> intervals;  // partition: position -> previous
  for (const ReadMessage& message : messages) {
    const auto [it, added] =
        intervals[message.partition].emplace(message.position(), message.previous());
    if (!added && it->second != message.previous()) {
      return fmt::format("position {} comes with two chains", message.position());
    }
  }
  for (const auto& [partition, chain] : intervals) {
    uint64_t covered = 0;
    for (const auto& [position, previous] : chain) {
      if (previous != covered) {
        return fmt::format("partition {}: nothing covers {} to {}", partition, covered, previous);
      }
      covered = position;
    }
  }
  return "";
}

std::string WrongOrder(const std::vector<ReadMessage>& messages) {
  std::map<std::pair<std::string, std::string>, uint64_t> last;  // topic and order key
  std::set<std::pair<std::string, uint64_t>> seen;
  for (const ReadMessage& message : messages) {
    if (!seen.emplace(message.topic, message.position()).second) continue;
    uint64_t& highest = last[{message.topic, message.headers.at("dailyfeed-key")}];
    if (message.position() < highest) {
      return fmt::format("{}: {} comes behind {}", message.topic, message.position(), highest);
    }
    highest = message.position();
  }
  return "";
}

size_t Repeats(const std::vector<ReadMessage>& messages) {
  return messages.size() - Positions(messages).size();
}

std::vector<uint64_t> Positions(const std::vector<ReadMessage>& messages) {
  std::set<uint64_t> positions;
  for (const ReadMessage& message : messages) positions.insert(message.position());
  return {positions.begin(), positions.end()};
}

}  // namespace dailyfeed::kafka::testing
