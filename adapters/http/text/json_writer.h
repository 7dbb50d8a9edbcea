// Writes JSON by appending to one buffer. Made for answers: property names are
// literals of ours, the order is the order of the calls, nothing is built in
// between. Why not Boost.JSON: docs/decisions/0013-json-writer.md.
//
//   JsonWriter json;
//   json.BeginObject();
//   json.Field("id", post.id);
//   json.Field("title", post.title);
//   json.Key("tags");
//   json.BeginArray(); json.String("a"); json.EndArray();
//   json.EndObject();
//   response.body = json.Take();      // {"id":41,"title":"hi","tags":["a"]}
//
// Commas are written by the writer. Names must need no escape. Strings must be
// UTF-8 (texts of the store are); UntrustedString takes any bytes.
//
// Threads: one at a time.
#ifndef DAILYFEED_ADAPTERS_HTTP_TEXT_JSON_WRITER_H_
#define DAILYFEED_ADAPTERS_HTTP_TEXT_JSON_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace dailyfeed::http {

class JsonWriter {
 public:
  // `expected_bytes`: how much room to make at once. A guess, not a limit.
  explicit JsonWriter(size_t expected_bytes = 512);
  JsonWriter(const JsonWriter&) = delete;
  JsonWriter& operator=(const JsonWriter&) = delete;

  void BeginObject() { Open('{'); }
  void EndObject() { Put('}'); }
  void BeginArray() { Open('['); }
  void EndArray() { Put(']'); }

  template <size_t N>
  void Key(const char (&name)[N]) {
    char* out = Reserve(N + 4);
    out = Comma(out);
    *out++ = '"';
    std::memcpy(out, name, N - 1);
    out += N - 1;
    *out++ = '"';
    *out++ = ':';
    end_ = static_cast<size_t>(out - buffer_.data());
  }
  // For names that are data; escaped.
  void DynamicKey(std::string_view name);

  void Null();
  void Bool(bool value);
  void Int(int64_t value);
  void UInt(uint64_t value);
  void String(std::string_view utf8);
  // Any bytes: what is not UTF-8 becomes U+FFFD.
  void UntrustedString(std::string_view bytes);
  // `json` is a complete value, written as it is.
  void Raw(std::string_view json);

  // A key and its value.
  template <size_t N>
  void Field(const char (&name)[N], std::string_view value) {
    Key(name);
    String(value);
  }
  template <size_t N>
  void Field(const char (&name)[N], const std::string& value) {
    Key(name);
    String(value);
  }
  template <size_t N>
  void Field(const char (&name)[N], const char* value) {
    Key(name);
    String(value);
  }
  template <size_t N>
  void Field(const char (&name)[N], uint64_t value) {
    Key(name);
    UInt(value);
  }
  template <size_t N>
  void Field(const char (&name)[N], int64_t value) {
    Key(name);
    Int(value);
  }
  template <size_t N>
  void Field(const char (&name)[N], int value) {
    Key(name);
    Int(value);
  }
  template <size_t N>
  void Field(const char (&name)[N], uint32_t value) {
    Key(name);
    UInt(value);
  }
  template <size_t N>
  void Field(const char (&name)[N], bool value) {
    Key(name);
    Bool(value);
  }
  template <size_t N>
  void NullField(const char (&name)[N]) {
    Key(name);
    Null();
  }
  // An empty text means "none": null.
  template <size_t N>
  void NullableField(const char (&name)[N], std::string_view value) {
    Key(name);
    if (value.empty()) {
      Null();
    } else {
      String(value);
    }
  }

  size_t size() const { return end_; }
  // The text; the writer is empty afterwards.
  std::string Take();

 private:
  // Room for `bytes` more; where to write them.
  char* Reserve(size_t bytes) {
    if (buffer_.size() - end_ < bytes) Grow(bytes);
    return buffer_.data() + end_;
  }
  void Grow(size_t bytes);
  // A value or a key needs a comma unless it is the first: then the byte
  // before is an opening bracket or the colon of its key. No value ends so.
  char* Comma(char* out) const {
    if (end_ == 0) return out;
    const char before = out[-1];
    if (before != '{' && before != '[' && before != ':') *out++ = ',';
    return out;
  }
  void Open(char bracket) {
    char* out = Comma(Reserve(2));
    *out++ = bracket;
    end_ = static_cast<size_t>(out - buffer_.data());
  }
  void Put(char c) {
    *Reserve(1) = c;
    ++end_;
  }
  void Escape(std::string_view text);

  std::string buffer_;  // its size is the room, end_ what is written
  size_t end_ = 0;
};

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_TEXT_JSON_WRITER_H_
