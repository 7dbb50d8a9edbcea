// The OpenAPI document and the routes say the same, and real answers have the
// properties that the document names, in its order.
#include "adapters/http/api/openapi.h"

#include <set>

#include "adapters/http/api/routes.h"
#include "adapters/http/testing/api_test_util.h"
#include "adapters/http/text/errors.h"

namespace dailyfeed::http {
namespace {

class OpenApiTest : public ApiTest {
 protected:
  OpenApiTest() { api_options_.start_page = true; }
  boost::json::object Document() { return Json(Send("GET", "/openapi.json")).as_object(); }
  static std::string Names(const boost::json::object& object) {
    std::string names;
    for (const auto& [name, value] : object) names += std::string(name) + " ";
    return names;
  }
};

std::string LowerCase(std::string_view method) {
  std::string lower(method);
  for (char& c : lower) c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

TEST_F(OpenApiTest, HoldsEveryRouteAndNothingElse) {
  const boost::json::object document = Document();
  EXPECT_EQ(document.at("openapi").as_string(), "3.1.0");
  std::set<std::string> routes, operations, ids;
  for (const Route& route : Routes()) {
    routes.insert(LowerCase(route.method) + " " + std::string(route.pattern));
  }
  for (const auto& [path, methods] : document.at("paths").as_object()) {
    for (const auto& [method, operation] : methods.as_object()) {
      operations.insert(std::string(method) + " " + std::string(path));
      EXPECT_TRUE(ids.insert(std::string(operation.at("operationId").as_string())).second);
      EXPECT_FALSE(operation.at("summary").as_string().empty());
      EXPECT_FALSE(operation.at("responses").as_object().empty());
    }
  }
  EXPECT_EQ(operations, routes);
  EXPECT_EQ(Send("GET", "/api-docs/json").body, Send("GET", "/openapi.json").body);
}

TEST_F(OpenApiTest, WithoutAStartPageThereIsNoSuchPath) {
  api_options_.start_page = false;
  Restart();
  EXPECT_FALSE(Document().at("paths").as_object().contains("/"));
}

TEST_F(OpenApiTest, EveryReferenceLeadsToASchema) {
  const std::string text = Send("GET", "/openapi.json").body;
  const boost::json::object document = boost::json::parse(text).as_object();
  const boost::json::object& schemas =
      document.at("components").as_object().at("schemas").as_object();
  constexpr std::string_view kReference = "\"#/components/schemas/";
  std::set<std::string> referred;
  for (size_t at = text.find(kReference); at != std::string::npos;
       at = text.find(kReference, at + 1)) {
    const size_t begin = at + kReference.size();
    referred.insert(text.substr(begin, text.find('"', begin) - begin));
  }
  for (const std::string& name : referred) EXPECT_TRUE(schemas.contains(name)) << name;
  for (const auto& [name, schema] : schemas) {
    EXPECT_TRUE(referred.contains(std::string(name))) << name << " is never referred to";
  }
}

TEST_F(OpenApiTest, EveryErrorARouteNamesIsInTheCatalogue) {
  std::set<std::string_view> codes;
  for (const ApiErrorEntry& entry : ErrorCatalogue()) codes.insert(entry.code);
  for (const Route& route : Routes()) {
    std::string_view rest = route.errors;
    while (!rest.empty()) {
      const std::string_view code = rest.substr(0, rest.find(' '));
      rest.remove_prefix(std::min(rest.size(), code.size() + 1));
      EXPECT_TRUE(codes.contains(code)) << route.pattern << " " << code;
    }
  }
}

TEST_F(OpenApiTest, AnswersHaveThePropertiesOfTheirSchemas) {
  const boost::json::object document = Document();
  const boost::json::object& schemas =
      document.at("components").as_object().at("schemas").as_object();
  const auto names_of = [&](const char* schema) {
    return Names(schemas.at(schema).as_object().at("properties").as_object());
  };
  const Person kim = Join("kim");
  const PostId post = Publish(kim, "x");
  const CommentId comment = AddComment(kim, post, "y");
  const std::pair<std::string, const char*> rows[] = {
      {"/api/members", "Member"},
      {"/api/members/summary", "Summary"},
      {"/api/members/profile", "MemberProfile"},
      {fmt::format("/api/timeline/posts/{}", post), "Post"},
      {fmt::format("/api/timeline/comments/{}", comment), "Comment"}};
  for (const auto& [path, schema] : rows) {
    EXPECT_EQ(Names(Data(Get(path, kim)).as_object()), names_of(schema)) << path;
  }
  const boost::json::value thread =
      Data(Get(fmt::format("/api/search/comments/posts/{}", post), kim));
  EXPECT_EQ(Names(thread.at("content").at(0).as_object()), names_of("CommentSearchResult"));
  EXPECT_EQ(Names(Json(Send("GET", "/api/none")).as_object()), names_of("Error"));
}

}  // namespace
}  // namespace dailyfeed::http
