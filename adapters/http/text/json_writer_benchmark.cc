// A page of 20 posts, about 14 KB, with our writer and with Boost.JSON's
// serializer, both from the same values:
//   bazel run --config=opt //adapters/http:json_writer_benchmark
#include <benchmark/benchmark.h>

#include <boost/json.hpp>
#include <string>

#include "adapters/http/text/json_writer.h"

namespace dailyfeed::http {
namespace {

constexpr int kPosts = 20;

std::string Content() {
  std::string content;
  while (content.size() < 400) content += "오늘은 \"커피\" 한 잔.\nA short line of text, ";
  return content;
}

void WritePost(JsonWriter& json, const std::string& content, uint64_t id) {
  json.BeginObject();
  json.Field("id", id);
  json.Field("title", "A title of middling length");
  json.Field("content", content);
  json.Field("authorId", id + 7);
  json.Field("authorName", "김민지");
  json.Field("authorHandle", "kim_7");
  json.Field("authorAvatarUrl", "/api/images/view/0190163d-8694-739b-aea5-966c26f8ad91");
  json.Field("viewCount", uint64_t{1234});
  json.Field("likeCount", uint64_t{56});
  json.Field("commentCount", uint64_t{7});
  json.Field("liked", false);
  json.Field("createdAt", "2025-10-15 12:34:56");
  json.Field("updatedAt", "2025-10-15 12:34:56");
  json.EndObject();
}

void BM_JsonWriter(benchmark::State& state) {
  const std::string content = Content();
  size_t bytes = 0;
  for (auto _ : state) {
    JsonWriter json(16384);
    json.BeginArray();
    for (uint64_t i = 0; i < kPosts; ++i) WritePost(json, content, i);
    json.EndArray();
    std::string text = json.Take();
    bytes += text.size();
    benchmark::DoNotOptimize(text);
  }
  state.SetBytesProcessed(static_cast<int64_t>(bytes));
}
BENCHMARK(BM_JsonWriter);

boost::json::object BoostPost(const std::string& content, uint64_t id,
                              const boost::json::storage_ptr& storage) {
  boost::json::object post(storage);
  post.reserve(13);
  post["id"] = id;
  post["title"] = "A title of middling length";
  post["content"] = content;
  post["authorId"] = id + 7;
  post["authorName"] = "김민지";
  post["authorHandle"] = "kim_7";
  post["authorAvatarUrl"] = "/api/images/view/0190163d-8694-739b-aea5-966c26f8ad91";
  post["viewCount"] = 1234;
  post["likeCount"] = 56;
  post["commentCount"] = 7;
  post["liked"] = false;
  post["createdAt"] = "2025-10-15 12:34:56";
  post["updatedAt"] = "2025-10-15 12:34:56";
  return post;
}

void BM_BoostJson(benchmark::State& state) {
  const std::string content = Content();
  size_t bytes = 0;
  for (auto _ : state) {
    boost::json::monotonic_resource memory;
    boost::json::array posts(&memory);
    posts.reserve(kPosts);
    for (uint64_t i = 0; i < kPosts; ++i) posts.push_back(BoostPost(content, i, &memory));
    std::string text = boost::json::serialize(posts);
    bytes += text.size();
    benchmark::DoNotOptimize(text);
  }
  state.SetBytesProcessed(static_cast<int64_t>(bytes));
}
BENCHMARK(BM_BoostJson);

}  // namespace
}  // namespace dailyfeed::http
