// The bytes of every event type ever shipped; testdata/events/README.md. The
// files are named on the command line.
#include <fmt/format.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>

#include "core/domain/events.pb.h"
#include "core/domain/streams.h"

namespace dailyfeed {
namespace {

// "PostLiked.v1" -> the contents of its two files.
struct Golden {
  std::string hex;
  std::string text;
};
std::map<std::string, Golden>& Files() {
  static auto* const files = new std::map<std::string, Golden>();
  return *files;
}

bool AddFile(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(stream),
                            std::istreambuf_iterator<char>()};
  const std::string file = path.substr(path.rfind('/') + 1);
  const size_t dot = file.rfind('.');
  Golden& golden = Files()[file.substr(0, dot)];
  (file.substr(dot) == ".hex" ? golden.hex : golden.text) = content;
  return static_cast<bool>(stream);
}

// Empty when `text` is not pairs of hexadecimal digits, apart from line breaks.
std::string FromHex(const std::string& text) {
  std::string digits;
  for (const char c : text) {
    if (c != '\n') digits.push_back(c);
  }
  if (digits.size() % 2 != 0) return "";
  std::string bytes;
  for (size_t i = 0; i < digits.size(); i += 2) {
    const std::string pair = digits.substr(i, 2);
    if (pair.find_first_not_of("0123456789abcdef") != std::string::npos) return "";
    bytes.push_back(static_cast<char>(std::stoi(pair, nullptr, 16)));
  }
  return bytes;
}

std::string ToHex(const std::string& bytes) {
  std::string hex;
  for (const unsigned char c : bytes) hex += fmt::format("{:02x}", c);
  return hex;
}

TEST(GoldenEventsTest, EveryEventDecodesToWhatItMeantAndIsWrittenTheSame) {
  for (const auto& [name, golden] : Files()) {
    SCOPED_TRACE(name);
    const std::string bytes = FromHex(golden.hex);
    ASSERT_FALSE(bytes.empty()) << "no bytes, or no hexadecimal, in " << name << ".hex";
    v1::Event expected;
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(golden.text, &expected));
    v1::Event event;
    ASSERT_TRUE(event.ParseFromString(bytes));
    EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(event, expected))
        << event.DebugString();
    EXPECT_EQ(ToHex(event.SerializeAsString()), ToHex(bytes));
    EXPECT_EQ(name.substr(0, name.find('.')), EventTypeName(event.payload()));
    const StreamRef stream = StreamOf(event.payload());
    EXPECT_EQ(stream.kind, event.stream_kind());
    EXPECT_EQ(stream.id, event.stream_id());
  }
}

// A field that no golden event sets could change its number unnoticed.
TEST(GoldenEventsTest, EveryFieldIsSetInAVersion) {
  std::set<std::string> fields_set, fields_of_events;
  for (const auto& [name, golden] : Files()) {
    SCOPED_TRACE(name);
    v1::Event event;
    ASSERT_TRUE(event.ParseFromString(FromHex(golden.hex)));
    const auto* const reflection = event.GetReflection();
    const auto* const envelope = v1::Event::descriptor();
    for (int i = 0; i < envelope->field_count(); ++i) {
      EXPECT_TRUE(reflection->HasField(event, envelope->field(i))) << envelope->field(i)->name();
    }
    const v1::Payload& payload = event.payload();
    const auto* const kind = v1::Payload::descriptor()->FindFieldByNumber(payload.kind_case());
    ASSERT_NE(kind, nullptr);
    const auto& fact = payload.GetReflection()->GetMessage(payload, kind);
    for (int i = 0; i < fact.GetDescriptor()->field_count(); ++i) {
      const auto* const field = fact.GetDescriptor()->field(i);
      const auto* const fields = fact.GetReflection();
      const bool is_set =
          field->is_repeated() ? fields->FieldSize(fact, field) > 0 : fields->HasField(fact, field);
      if (is_set) fields_set.insert(field->full_name());
      fields_of_events.insert(field->full_name());
    }
  }
  EXPECT_EQ(fields_set, fields_of_events);
}

TEST(GoldenEventsTest, EveryEventTypeHasItsBytes) {
  const auto* const kinds = v1::Payload::descriptor()->FindOneofByName("kind");
  ASSERT_GT(kinds->field_count(), 0);
  for (int i = 0; i < kinds->field_count(); ++i) {
    const std::string name = kinds->field(i)->message_type()->name() + ".v1";
    EXPECT_TRUE(Files().contains(name))
        << "add testdata/events/" << name << ".hex and .txt, see the README there";
  }
}

}  // namespace
}  // namespace dailyfeed

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  for (int i = 1; i < argc; ++i) {
    if (!dailyfeed::AddFile(argv[i])) {
      fmt::print(stderr, "cannot read {}\n", argv[i]);
      return 1;
    }
  }
  return RUN_ALL_TESTS();
}
