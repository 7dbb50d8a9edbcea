// Runs every scenario file named on the command line, each scenario a test,
// and checks that together they leave nothing of the domain out.
#include "core/domain/scenario/scenario.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/domain/streams.h"

namespace dailyfeed {
namespace {

class ScenarioTest : public testing::Test {
 public:
  explicit ScenarioTest(Scenario scenario) : scenario_(std::move(scenario)) {}
  void TestBody() override {
    const absl::Status status = RunScenario(scenario_);
    EXPECT_TRUE(status.ok()) << scenario_.title << "\n" << std::string(status.message());
  }

 private:
  const Scenario scenario_;
};

// What all files together made use of.
struct Coverage {
  std::set<size_t> commands;
  std::set<std::string> decided_events;
  std::set<std::string> contradicting_events;
  std::set<ErrorCode> errors;

  void Add(const Scenario& scenario) {
    for (const ScenarioStep& step : scenario.steps) {
      if (const auto* payload = std::get_if<v1::Payload>(&step.when)) {
        contradicting_events.emplace(EventTypeName(*payload));
      } else {
        commands.insert(std::get<SentCommand>(step.when).command.index());
      }
      if (const auto* error = std::get_if<ExpectedError>(&step.then)) errors.insert(error->code);
      if (const auto* events = std::get_if<ExpectedEvents>(&step.then)) {
        for (const v1::Payload& payload : events->payloads) {
          decided_events.emplace(EventTypeName(payload));
        }
      }
    }
  }
};

class CoverageTest : public testing::Test {
 public:
  explicit CoverageTest(Coverage coverage) : coverage_(std::move(coverage)) {}
  void TestBody() override {
    EXPECT_EQ(coverage_.commands.size(), std::variant_size_v<Command>)
        << "a command without a scenario";
    const auto* const kinds = v1::Payload::descriptor()->FindOneofByName("kind");
    for (int i = 0; i < kinds->field_count(); ++i) {
      const std::string name = kinds->field(i)->message_type()->name();
      EXPECT_TRUE(coverage_.decided_events.contains(name)) << name << " is never decided";
      EXPECT_TRUE(coverage_.contradicting_events.contains(name)) << name << " never contradicts";
    }
    for (int i = 0; i <= static_cast<int>(kLastErrorCode); ++i) {
      const auto code = static_cast<ErrorCode>(i);
      EXPECT_TRUE(coverage_.errors.contains(code) || IsOfOtherLayers(code))
          << ErrorCodeName(code) << " is in no scenario";
    }
  }

 private:
  // Codes that deciders never give.
  static bool IsOfOtherLayers(ErrorCode code) {
    switch (code) {
      case ErrorCode::kInvalidCursor:
      case ErrorCode::kTooManyRequest:
      case ErrorCode::kInternalServerError:
      case ErrorCode::kServiceUnavailable:
      case ErrorCode::kIdempotencyKeyReused:
      case ErrorCode::kVersionConflict:
      case ErrorCode::kMemberIdsLimitExceeds:
      case ErrorCode::kMemberPasswordInvalid:
      case ErrorCode::kPayloadTooLarge:
      case ErrorCode::kEmptyImageFile:
      case ErrorCode::kFileTooSmall:
      case ErrorCode::kInvalidImageSignature:
      case ErrorCode::kCorruptedImage:
      case ErrorCode::kThumbnailProcessFail:
      case ErrorCode::kImageProcessingFail:
      case ErrorCode::kImageReadingFail:
        return true;
      default:
        return false;
    }
  }

  const Coverage coverage_;
};

class UnreadableTest : public testing::Test {
 public:
  explicit UnreadableTest(std::string why) : why_(std::move(why)) {}
  void TestBody() override { FAIL() << why_; }

 private:
  const std::string why_;
};

std::string TestName(std::string_view title) {
  std::string name(title);
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return !std::isalnum(c); }, '_');
  return name;
}

void RegisterFile(const std::string& path, Coverage* coverage) {
  const std::string file = path.substr(path.rfind('/') + 1);
  const std::string suite = TestName(file.substr(0, file.find('.')));
  std::ifstream stream(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  absl::StatusOr<std::vector<Scenario>> scenarios =
      stream ? ParseScenarios(file, text) : absl::NotFoundError("cannot read " + path);
  if (!scenarios.ok()) {
    const std::string why(scenarios.status().message());
    testing::RegisterTest(suite.c_str(), "IsReadable", nullptr, nullptr, __FILE__, __LINE__,
                          [why]() -> testing::Test* { return new UnreadableTest(why); });
    return;
  }
  for (const Scenario& scenario : *scenarios) {
    coverage->Add(scenario);
    const std::string name = fmt::format("L{}_{}", scenario.line, TestName(scenario.title));
    testing::RegisterTest(suite.c_str(), name.c_str(), nullptr, nullptr, __FILE__, __LINE__,
                          [scenario]() -> testing::Test* { return new ScenarioTest(scenario); });
  }
}

}  // namespace
}  // namespace dailyfeed

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  dailyfeed::Coverage coverage;
  for (int i = 1; i < argc; ++i) dailyfeed::RegisterFile(argv[i], &coverage);
  testing::RegisterTest(
      "coverage", "NothingIsLeftOut", nullptr, nullptr, __FILE__, __LINE__,
      [coverage]() -> testing::Test* { return new dailyfeed::CoverageTest(coverage); });
  return RUN_ALL_TESTS();
}
