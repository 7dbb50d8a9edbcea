#include "adapters/http/text/json_reader.h"

#include <gtest/gtest.h>

#include <limits>

namespace dailyfeed::http {
namespace {

using Presence = JsonObject::Presence;

TEST(JsonReaderTest, RefusesWhatIsNotOneJsonObject) {
  std::string nested(1 << 20, '[');
  std::string nested_objects;
  while (nested_objects.size() < (1 << 20)) nested_objects += "{\"a\":";
  for (const std::string& text : {std::string(),
                                  std::string("null"),
                                  std::string("[]"),
                                  std::string("1"),
                                  std::string("\"x\""),
                                  std::string("{"),
                                  std::string("{}x"),
                                  std::string("{} {}"),
                                  std::string("{'a':1}"),
                                  std::string("{\"a\":1,}"),
                                  std::string("{\"a\":01}"),
                                  std::string("{\"a\":NaN}"),
                                  std::string("// c\n{}"),
                                  std::string("{\"a\":\"\xff\"}"),
                                  std::string("{\"a\":\"\xed\xa0\x80\"}"),
                                  std::string("{\"a\":\"\xc0\xaf\"}"),
                                  std::string("{\"a\":\"\\ud800\"}"),
                                  std::string("{\"a\":\"\\udc00\"}"),
                                  std::string("{\"a\":\"\\ud800\\u0041\"}"),
                                  std::string("{\"a\":\"\\ud83d\\ud83d\"}"),
                                  std::string("{\"a\":\"x\ny\"}"),
                                  std::string("{\"a\":\"\0\"}", 9),
                                  std::string("{}\0", 3),
                                  std::string("\xef\xbb\xbf{}"),
                                  nested,
                                  nested_objects,
                                  "{\"a\":" + std::string(40, '[') + std::string(40, ']') + "}"}) {
    JsonObject body;
    EXPECT_FALSE(body.Parse(text)) << text.substr(0, 40);
    EXPECT_EQ(body.Has("a"), Presence::kAbsent);
  }
}

TEST(JsonReaderTest, AcceptsWhatIsOne) {
  JsonObject body;
  EXPECT_TRUE(body.Parse(" \r\n\t{\"a\":\"\\ud83d\\ude00\",\"b\":\"\\u0000\",\"c\":null} "));
  std::vector<Violation> violations;
  EXPECT_EQ(body.String("a", &violations), "😀");
  EXPECT_EQ(body.String("b", &violations), std::string(1, '\0'));
  EXPECT_EQ(body.String("c", &violations), std::nullopt);
  EXPECT_EQ(body.String("d", &violations), std::nullopt);
  EXPECT_EQ(body.Has("c"), Presence::kNull);
  EXPECT_EQ(body.Has("d"), Presence::kAbsent);
  EXPECT_TRUE(violations.empty());
  JsonObject repeated;
  EXPECT_TRUE(repeated.Parse(R"({"a":1,"a":2})"));
  EXPECT_EQ(repeated.Integer("a", &violations), 2);
}

TEST(JsonReaderTest, Integers) {
  const struct {
    const char* json;
    std::optional<int64_t> value;
  } rows[] = {
      {"41", 41},
      {"\"41\"", 41},
      {"-1", -1},
      {"0", 0},
      {"1e3", 1000},
      {"41.0", 41},
      {"9007199254740992", 9007199254740992},
      {"18446744073709551615", std::numeric_limits<int64_t>::max()},
      {"123456789012345678901234567890", std::numeric_limits<int64_t>::max()},
      {"-1e300", std::numeric_limits<int64_t>::min()},
      {"\"99999999999999999999\"", std::numeric_limits<int64_t>::max()},
      {"1.5", std::nullopt},
      {"1.5e1", 15},
      {"1500e-2", 15},
      {"0.0", 0},
      {"0e-5", 0},
      {"41.000000000000000000000", 41},
      {"1.0E+2", 100},
      // What a double cannot tell from a whole number.
      {"59.0000000000000000001", std::nullopt},
      {"0.99999999999999999999", std::nullopt},
      {"-59.0000000000000000001", std::nullopt},
      {"1e-400", std::nullopt},
      {"1500e-3", std::nullopt},
      {"15.00000000000000000001e2", std::nullopt},
      {"\"1e3\"", std::nullopt},
      {"\"\"", std::nullopt},
      {"\" 41\"", std::nullopt},
      {"true", std::nullopt},
      {"[41]", std::nullopt},
      {"{}", std::nullopt},
  };
  for (const auto& row : rows) {
    JsonObject body;
    const std::string text = std::string("{\"id\":") + row.json + "}";
    ASSERT_TRUE(body.Parse(text)) << row.json;
    std::vector<Violation> violations;
    EXPECT_EQ(body.Integer("id", &violations), row.value) << row.json;
    EXPECT_EQ(violations.size(), row.value ? 0u : 1u) << row.json;
  }
}

TEST(JsonReaderTest, WrongTypesAreViolationsOfTheField) {
  JsonObject body;
  ASSERT_TRUE(body.Parse(R"({"a":1,"b":"true","c":[1,"2",null],"d":["x",1],"e":{}})"));
  std::vector<Violation> violations;
  EXPECT_EQ(body.String("a", &violations), std::nullopt);
  EXPECT_EQ(body.Bool("b", &violations), std::nullopt);
  EXPECT_EQ(body.Integers("c", &violations), std::nullopt);
  EXPECT_EQ(body.Strings("d", &violations), std::nullopt);
  EXPECT_EQ(body.Integers("e", &violations), std::nullopt);
  ASSERT_EQ(violations.size(), 5u);
  EXPECT_EQ(violations[3].field, "d");
  EXPECT_EQ(violations[3].rule, Violation::Rule::kFormat);
}

TEST(JsonReaderTest, Arrays) {
  JsonObject body;
  ASSERT_TRUE(body.Parse(R"({"ids":[1,"2",3.0],"none":[],"texts":["a",""]})"));
  std::vector<Violation> violations;
  EXPECT_EQ(body.Integers("ids", &violations), (std::vector<int64_t>{1, 2, 3}));
  EXPECT_EQ(body.Integers("none", &violations), std::vector<int64_t>());
  EXPECT_EQ(body.Integers("absent", &violations), std::nullopt);
  EXPECT_EQ(body.Strings("texts", &violations), (std::vector<std::string>{"a", ""}));
  EXPECT_TRUE(violations.empty());
}

}  // namespace
}  // namespace dailyfeed::http
