// Every message against the files in testdata/messages, and the document that
// shows them. --update=DIR writes both into the project at DIR.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>

#include "adapters/kafka/messages/message.h"
#include "adapters/kafka/messages/order_key.h"
#include "core/base/hex.h"
#include "core/domain/activity/activity.h"

namespace dailyfeed::kafka {
namespace {

namespace fs = std::filesystem;

constexpr Position kPrevious = 5;
constexpr int kPartitions = 6;
constexpr uint64_t kHistory = 1;
constexpr char kMessagesFolder[] = "testdata/messages";
constexpr char kDocument[] = "docs/reference/messages.md";
constexpr std::string_view kMark = "<!-- below: printed by golden_messages_test -->\n";

// Where to write; empty: compare.
std::string update_directory;

std::string ReadAll(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

void WriteAll(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

v1::Event EventFromHex(const std::string& hex) {
  std::string bytes;
  int high = -1;
  for (const char c : hex) {
    const int digit = HexDigitValue(c);
    if (digit < 0) continue;
    if (high < 0) {
      high = digit;
    } else {
      bytes.push_back(static_cast<char>(high * 16 + digit));
      high = -1;
    }
  }
  v1::Event event;
  EXPECT_TRUE(event.ParseFromString(bytes));
  return event;
}

// The events of testdata/events, and the activities that have no event of their own.
std::map<std::string, v1::Event> Events() {
  std::map<std::string, v1::Event> events;
  for (const auto& entry : fs::directory_iterator("testdata/events")) {
    if (entry.path().extension() != ".hex") continue;
    events[entry.path().stem()] = EventFromHex(ReadAll(entry.path()));
  }
  const v1::Event recorded = events.at("ActivityRecorded.v1");
  for (int i = v1::ActivityType_MIN + 1; i <= v1::ActivityType_MAX; ++i) {
    v1::Event event = recorded;
    v1::ActivityRecorded& activity = *event.mutable_payload()->mutable_activity_recorded();
    activity.set_type(static_cast<v1::ActivityType>(i));
    if (ActivitySubjectOf(activity.type()) != ActivitySubject::kComment)
      activity.clear_comment_id();
    if (ActivitySubjectOf(activity.type()) == ActivitySubject::kMember) activity.clear_post_id();
    if (!CheckActivity(activity).ok() || activity.type() == v1::ACTIVITY_TYPE_COMMENT_READ)
      continue;
    events[fmt::format("ActivityRecorded.v1.{}", ActivityTypeName(activity.type()))] = event;
  }
  return events;
}

const MessageWriter& Writer() {
  static const auto* const writer =
      new MessageWriter(DayZone::Load("Asia/Seoul").value(), kHistory);
  return *writer;
}

std::string Describe(TopicKind kind, const v1::Event& event) {
  const std::string order_key = OrderKeyOf(event);
  const v1::Event safe =
      HasPersonalData(event) ? WithoutPersonalData(event, "sealed:AAECAw") : event;
  const Message message = Writer().Write(kind, safe, order_key, kPrevious);
  std::string text =
      fmt::format("topic     {}\npartition {}\nkey       {}\nvalue     {}\n",
                  TopicName(Writer().TopicOf(kind, event)), PartitionOf(order_key, kPartitions),
                  message.key, kind == TopicKind::kActivities ? message.value : Hex(message.value));
  for (const Header& header : message.headers) {
    text += fmt::format("header    {} = {}\n", header.name, header.value);
  }
  return text;
}

std::string DescribeAll(const v1::Event& event) {
  std::string text;
  for (const TopicKind kind : kAllTopicKinds) {
    if (!MessageWriter::IsMessage(kind, event)) continue;
    text += (text.empty() ? "" : "\n") + Describe(kind, event);
  }
  return text;
}

TEST(GoldenMessagesTest, EveryMessageIsWrittenAsEver) {
  for (const auto& [name, event] : Events()) {
    SCOPED_TRACE(name);
    const fs::path path = fs::path(kMessagesFolder) / (name + ".txt");
    if (!update_directory.empty()) {
      WriteAll(fs::path(update_directory) / path, DescribeAll(event));
    } else {
      EXPECT_EQ(ReadAll(path), DescribeAll(event));
    }
  }
}

// The document says it with the same bytes, one activity of every type.
TEST(GoldenMessagesTest, TheDocumentShowsThem) {
  std::string shown;
  for (const auto& [name, event] : Events()) {
    if (!MessageWriter::IsMessage(TopicKind::kActivities, event)) continue;
    shown += fmt::format("\n### {}\n\n```\n{}```\n", name, Describe(TopicKind::kActivities, event));
  }
  shown += fmt::format("\n### PostLiked.v1 on dailyfeed-events\n\n```\n{}```\n",
                       Describe(TopicKind::kEvents, Events().at("PostLiked.v1")));
  const std::string text = ReadAll(kDocument);
  const size_t mark = text.find(kMark);
  ASSERT_NE(mark, std::string::npos) << kDocument << " has no line " << kMark;
  const std::string wanted = text.substr(0, mark + kMark.size()) + shown;
  if (!update_directory.empty()) {
    WriteAll(fs::path(update_directory) / kDocument, wanted);
  } else {
    EXPECT_EQ(text, wanted);
  }
}

}  // namespace
}  // namespace dailyfeed::kafka

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  constexpr std::string_view kUpdate = "--update=";
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]).starts_with(kUpdate)) {
      dailyfeed::kafka::update_directory = argv[i] + kUpdate.size();
    }
  }
  return RUN_ALL_TESTS();
}
