#include "adapters/http/text/json_writer.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <random>

namespace dailyfeed::http {
namespace {

std::string Written(std::string_view text) {
  JsonWriter json;
  json.String(text);
  return json.Take();
}

TEST(JsonWriterTest, WritesCommasWhereTheyBelong) {
  JsonWriter json(1);
  json.BeginObject();
  json.Field("a", 1);
  json.Field("b", "x");
  json.Key("c");
  json.BeginArray();
  json.Int(-1);
  json.UInt(2);
  json.String("[");
  json.BeginObject();
  json.EndObject();
  json.BeginArray();
  json.EndArray();
  json.EndArray();
  json.NullField("d");
  json.Field("e", true);
  json.NullableField("f", "");
  json.NullableField("g", "{");
  json.Field("h", false);
  json.DynamicKey("i\"");
  json.Raw("[1,2]");
  json.Field("j", uint64_t{18446744073709551615u});
  json.Field("k", int64_t{-9223372036854775807});
  json.EndObject();
  EXPECT_EQ(json.Take(),
            R"({"a":1,"b":"x","c":[-1,2,"[",{},[]],"d":null,"e":true,"f":null,"g":"{","h":false,)"
            R"("i\"":[1,2],"j":18446744073709551615,"k":-9223372036854775807})");
}

TEST(JsonWriterTest, IsEmptyAfterTake) {
  JsonWriter json;
  json.UInt(1);
  EXPECT_EQ(json.Take(), "1");
  json.UInt(2);
  EXPECT_EQ(json.Take(), "2");
}

TEST(JsonWriterTest, EscapesWhatMustBeEscapedAndNothingElse) {
  EXPECT_EQ(Written(""), R"("")");
  EXPECT_EQ(Written("a\"b\\c"), R"("a\"b\\c")");
  EXPECT_EQ(Written("\b\f\n\r\t"), R"("\b\f\n\r\t")");
  EXPECT_EQ(Written(std::string_view("\0\x01\x1f\x7f", 4)), "\"\\u0000\\u0001\\u001f\x7f\"");
  EXPECT_EQ(Written("한글 😀 </script>"), "\"한글 😀 </script>\"");
}

// Every position of an escape relative to the blocks, and every byte value.
TEST(JsonWriterTest, EscapesAtEveryOffset) {
  for (int length = 0; length < 70; ++length) {
    for (int at = 0; at < length; ++at) {
      std::string text(length, 'x');
      text[at] = '\n';
      EXPECT_EQ(Written(text),
                "\"" + std::string(at, 'x') + "\\n" + std::string(length - at - 1, 'x') + "\"");
    }
    const std::string all(length, '\x01');
    EXPECT_EQ(Written(all).size(), 2 + 6 * static_cast<size_t>(length));
  }
  for (int c = 0; c < 0x80; ++c) {
    const std::string text = std::string(20, 'y') + static_cast<char>(c) + std::string(20, 'z');
    EXPECT_EQ(boost::json::parse(Written(text)).as_string(), text) << c;
  }
}

TEST(JsonWriterTest, RandomTextsReadBackEqual) {
  std::mt19937 random(20261121);
  const std::string_view pieces[] = {"a", "\"", "\\", "\n", "가", "😀", "\x02", "plain text ", "é"};
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (int n = static_cast<int>(random() % 40); n > 0; --n) {
      text += pieces[random() % std::size(pieces)];
    }
    EXPECT_EQ(boost::json::parse(Written(text)).as_string(), text);
  }
}

TEST(JsonWriterTest, UntrustedBytesBecomeReplacementCharacters) {
  JsonWriter json;
  json.UntrustedString(
      "/a\xFF\xED\xA0\x80"
      "가");
  EXPECT_EQ(json.Take(), "\"/a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD가\"");
}

}  // namespace
}  // namespace dailyfeed::http
