#include "adapters/http/openapi.h"

#include <map>
#include <string_view>

#include "adapters/http/json_writer.h"

namespace dailyfeed::http {
namespace {

struct Schema {
  const char* name;
  const char* json;
};

#define DAILYFEED_ID R"({"type":"integer","format":"int64","minimum":1})"
#define DAILYFEED_COUNT R"({"type":"integer","format":"int64","minimum":0})"
#define DAILYFEED_TEXT R"({"type":"string"})"
#define DAILYFEED_TEXT_OR_NULL R"({"type":["string","null"]})"
#define DAILYFEED_AUTHOR                                                   \
  R"("authorId":{"type":["integer","null"]},"authorName":)" DAILYFEED_TEXT \
  R"(,"authorHandle":)" DAILYFEED_TEXT R"(,"authorAvatarUrl":)" DAILYFEED_TEXT

// Section 5 of the HTTP contract.
constexpr Schema kSchemas[] = {
    {"True", R"({"type":"boolean","const":true})"},
    {"Member",
     R"({"type":"object","properties":{"id":)" DAILYFEED_ID R"(,"name":)" DAILYFEED_TEXT R"(}})"},
    {"Summary",
     R"({"type":"object","properties":{"memberId":)" DAILYFEED_ID R"(,"id":)" DAILYFEED_ID
     R"(,"memberName":)" DAILYFEED_TEXT R"(,"memberHandle":)" DAILYFEED_TEXT
     R"(,"displayName":)" DAILYFEED_TEXT_OR_NULL
     R"(,"verificationStatus":{"enum":["NONE","PENDING","VERIFIED"]},"avatarUrl":)" DAILYFEED_TEXT
     R"(,"updatedAt":)" DAILYFEED_TEXT R"(}})"},
    {"MemberProfile",
     R"({"type":"object","properties":{"id":)" DAILYFEED_ID R"(,"memberId":)" DAILYFEED_ID
     R"(,"memberName":)" DAILYFEED_TEXT R"(,"handle":)" DAILYFEED_TEXT
     R"(,"displayName":)" DAILYFEED_TEXT_OR_NULL R"(,"bio":)" DAILYFEED_TEXT_OR_NULL
     R"(,"location":)" DAILYFEED_TEXT_OR_NULL R"(,"websiteUrl":)" DAILYFEED_TEXT_OR_NULL
     R"(,"birthDate":)" DAILYFEED_TEXT_OR_NULL
     R"(,"gender":{"enum":["MALE","FEMALE","OTHER","PREFER_NOT_TO_SAY"]},"timezone":)" DAILYFEED_TEXT
     R"(,"languageCode":)" DAILYFEED_TEXT R"(,"countryCode":)" DAILYFEED_TEXT
     R"(,"verificationStatus":{"enum":["NONE","PENDING","VERIFIED"]},)"
     R"("privacyLevel":{"enum":["PUBLIC","FRIENDS","PRIVATE"]},"profileCompletionScore":)" DAILYFEED_COUNT
     R"(,"isActive":{"type":"boolean"},"avatarUrl":)" DAILYFEED_TEXT
     R"(,"coverUrl":)" DAILYFEED_TEXT R"(,"createdAt":)" DAILYFEED_TEXT
     R"(,"updatedAt":)" DAILYFEED_TEXT R"(,"followersCount":)" DAILYFEED_COUNT
     R"(,"followingsCount":)" DAILYFEED_COUNT R"(,"followingCount":)" DAILYFEED_COUNT R"(}})"},
    {"Post",
     R"({"type":"object","properties":{"id":)" DAILYFEED_ID R"(,"title":)" DAILYFEED_TEXT
     R"(,"content":)" DAILYFEED_TEXT R"(,)" DAILYFEED_AUTHOR R"(,"viewCount":)" DAILYFEED_COUNT
     R"(,"likeCount":)" DAILYFEED_COUNT R"(,"commentCount":)" DAILYFEED_COUNT
     R"(,"liked":{"type":"boolean"},"createdAt":)" DAILYFEED_TEXT R"(,"updatedAt":)" DAILYFEED_TEXT
     R"(}})"},
    {"Comment", R"({"type":"object","properties":{"id":)" DAILYFEED_ID
                R"(,"liked":{"type":"boolean"},"content":)" DAILYFEED_TEXT R"(,)" DAILYFEED_AUTHOR
                R"(,"postId":)" DAILYFEED_ID R"(,"parentId":{"type":["integer","null"]},)"
                R"("depth":{"type":"integer","minimum":0,"maximum":2},"likeCount":)" DAILYFEED_COUNT
                R"(,"replyCount":)" DAILYFEED_COUNT R"(,"createdAt":)" DAILYFEED_TEXT
                R"(,"updatedAt":)" DAILYFEED_TEXT R"(}})"},
    {"SignUp",
     R"({"type":"object","required":["email","password","memberName","handle","gender","countryCode"],)"
     R"("properties":{"email":{"type":"string","maxLength":100},)"
     R"("password":{"type":"string","minLength":8,"maxLength":50},)"
     R"("memberName":{"type":"string","minLength":2,"maxLength":30},)"
     R"("handle":{"type":"string","minLength":3,"maxLength":50,"pattern":"^[A-Za-z0-9_]+$"},)"
     R"("displayName":)" DAILYFEED_TEXT_OR_NULL R"(,"bio":)" DAILYFEED_TEXT_OR_NULL
     R"(,"location":)" DAILYFEED_TEXT_OR_NULL R"(,"websiteUrl":)" DAILYFEED_TEXT_OR_NULL
     R"(,"birthDate":)" DAILYFEED_TEXT_OR_NULL
     R"(,"gender":{"enum":["MALE","FEMALE","OTHER","PREFER_NOT_TO_SAY"]},)"
     R"("timezone":{"type":"string","default":"UTC"},"languageCode":{"type":"string","default":"en"},)"
     R"("countryCode":{"enum":["KR","US","JP","CN","GB","DE","FR","CA","AU","IN"]},)"
     R"("privacyLevel":{"enum":["PUBLIC","FRIENDS","PRIVATE"],"default":"PUBLIC"},)"
     R"("avatarUrl":)" DAILYFEED_TEXT_OR_NULL R"(,"coverUrl":)" DAILYFEED_TEXT_OR_NULL R"(},)"
     R"("example":{"email":"you@example.com","password":"Secret1!","memberName":"You",)"
     R"("handle":"you","gender":"PREFER_NOT_TO_SAY","countryCode":"KR"}})"},
    {"Login",
     R"({"type":"object","required":["email","password"],"properties":{"email":)" DAILYFEED_TEXT
     R"(,"password":)" DAILYFEED_TEXT
     R"(},"example":{"email":"you@example.com","password":"Secret1!"}})"},
    {"PostText", R"({"type":"object","required":["content"],"properties":{)"
                 R"("title":{"type":["string","null"],"maxLength":100},)"
                 R"("content":{"type":"string","minLength":1,"maxLength":5000}},)"
                 R"("example":{"title":"","content":"안녕하세요!"}})"},
    {"CommentText",
     R"({"type":"object","required":["content"],"properties":{)"
     R"("content":{"type":"string","minLength":1,"maxLength":1000}},"example":{"content":"좋아요"}})"},
    {"NewComment",
     R"({"type":"object","required":["content","postId"],"properties":{)"
     R"("content":{"type":"string","minLength":1,"maxLength":1000},"postId":)" DAILYFEED_ID
     R"(},"example":{"content":"좋아요","postId":1}})"},
    {"NewReply",
     R"({"type":"object","required":["content","postId","parentId"],"properties":{)"
     R"("content":{"type":"string","minLength":1,"maxLength":1000},"postId":)" DAILYFEED_ID
     R"(,"parentId":)" DAILYFEED_ID
     R"(},"example":{"content":"동감입니다","postId":1,"parentId":1}})"},
    {"Error",
     R"({"type":"object","properties":{"statusCode":{"type":"integer"},"resultCode":{"const":"FAIL"},)"
     R"("message":)" DAILYFEED_TEXT R"(,"path":)" DAILYFEED_TEXT R"(,"errorCode":)" DAILYFEED_TEXT
     R"(}})"},
};

#undef DAILYFEED_ID
#undef DAILYFEED_COUNT
#undef DAILYFEED_TEXT
#undef DAILYFEED_TEXT_OR_NULL
#undef DAILYFEED_AUTHOR

void Reference(std::string_view schema, JsonWriter& json) {
  json.BeginObject();
  json.Field("$ref", std::string("#/components/schemas/").append(schema));
  json.EndObject();
}

void Parameter(std::string_view name, std::string_view in, bool required, std::string_view type,
               JsonWriter& json) {
  json.BeginObject();
  json.Field("name", name);
  json.Field("in", in);
  json.Field("required", required);
  json.Key("schema");
  json.BeginObject();
  json.Field("type", type);
  json.EndObject();
  json.EndObject();
}

void Parameters(const Route& route, JsonWriter& json) {
  json.Key("parameters");
  json.BeginArray();
  std::string_view rest = route.pattern;
  for (size_t open; (open = rest.find('{')) != std::string_view::npos;) {
    const size_t close = rest.find('}', open);
    const std::string_view name = rest.substr(open + 1, close - open - 1);
    Parameter(name, "path", true, name == "handle" ? "string" : "integer", json);
    rest.remove_prefix(close + 1);
  }
  if (route.paging != Paging::kNone) {
    Parameter("page", "query", false, "integer", json);
    Parameter("size", "query", false, "integer", json);
  }
  if (route.paging == Paging::kScroll) Parameter("cursor", "query", false, "string", json);
  if (route.method != "GET") Parameter("Idempotency-Key", "header", false, "string", json);
  json.EndArray();
}

// The schema of `data` in a ScrollPage of rows.
std::string ScrollSchema(std::string_view row) {
  return std::string(
             R"({"type":"object","properties":{"content":{"type":"array","items":{"$ref":")")
      .append("#/components/schemas/")
      .append(row)
      .append(
          R"("}},"page":{"type":"integer"},"size":{"type":"integer"},"hasNext":{"type":"boolean"},)"
          R"("nextCursor":{"type":["string","null"]}}})");
}

void DataSchema(const Route& route, JsonWriter& json) {
  switch (route.paging) {
    case Paging::kNone:
      return Reference(route.data_schema, json);
    case Paging::kScroll:
    case Paging::kPage:
      return json.Raw(ScrollSchema(route.data_schema));
    case Paging::kTwoScrolls: {
      const std::string scroll = ScrollSchema(route.data_schema);
      return json.Raw(std::string(R"({"type":"object","properties":{"followers":)")
                          .append(scroll)
                          .append(R"(,"followings":)")
                          .append(scroll)
                          .append("}}"));
    }
  }
}

void SuccessSchema(const Route& route, JsonWriter& json) {
  json.BeginObject();
  json.Field("type", "object");
  if (!route.data_schema.empty()) {
    json.Key("properties");
    json.BeginObject();
    json.Key("status");
    json.Raw(std::string(R"({"const":)").append(std::to_string(route.status)).append("}"));
    json.Key("result");
    json.Raw(R"({"const":"SUCCESS"})");
    json.Key("data");
    DataSchema(route, json);
    json.EndObject();
  }
  json.EndObject();
}

void Responses(const Route& route, JsonWriter& json) {
  json.Key("responses");
  json.BeginObject();
  json.Key("200");
  json.BeginObject();
  json.Field("description", "success");
  json.Key("content");
  json.BeginObject();
  json.DynamicKey(route.content_type);
  json.BeginObject();
  json.Key("schema");
  if (route.content_type == "application/json") {
    SuccessSchema(route, json);
  } else {
    json.Raw(R"({"type":"string"})");
  }
  json.EndObject();
  json.EndObject();
  json.EndObject();
  json.Key("default");
  json.BeginObject();
  json.Field("description", "an error of the catalogue");
  json.Key("content");
  json.BeginObject();
  json.Key("application/json");
  json.BeginObject();
  json.Key("schema");
  Reference("Error", json);
  json.EndObject();
  json.EndObject();
  json.EndObject();
  json.EndObject();
}

// "PUT /api/posts/{postId}" -> "put_api_posts_postId"
std::string OperationId(const Route& route) {
  std::string id;
  for (const char c : route.method) id.push_back(static_cast<char>(c + ('a' - 'A')));
  bool gap = true;
  for (const char c : route.pattern) {
    const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (word && gap) id.push_back('_');
    if (word) id.push_back(c);
    gap = !word;
  }
  return id;
}

void Operation(const Route& route, JsonWriter& json) {
  std::string method;
  for (const char c : route.method) method.push_back(static_cast<char>(c + ('a' - 'A')));
  json.DynamicKey(method);
  json.BeginObject();
  json.Field("operationId", OperationId(route));
  json.Field("summary", route.summary);
  Parameters(route, json);
  if (!route.request_schema.empty()) {
    json.Key("requestBody");
    json.BeginObject();
    json.Field("required", true);
    json.Key("content");
    json.BeginObject();
    json.Key("application/json");
    json.BeginObject();
    json.Key("schema");
    Reference(route.request_schema, json);
    json.EndObject();
    json.EndObject();
    json.EndObject();
  }
  json.Key("security");
  json.Raw(route.access == Access::kMember ? R"([{"accessToken":[]}])" : "[]");
  Responses(route, json);
  json.EndObject();
}

}  // namespace

std::string OpenApiDocument(const std::vector<Route>& routes) {
  std::map<std::string_view, std::vector<const Route*>> paths;
  for (const Route& route : routes) paths[route.pattern].push_back(&route);
  JsonWriter json(64u << 10);
  json.BeginObject();
  json.Field("openapi", "3.1.0");
  json.Key("info");
  json.Raw(R"({"title":"dailyfeed","version":"1.0.0"})");
  json.Key("paths");
  json.BeginObject();
  for (const auto& [pattern, of_path] : paths) {
    json.DynamicKey(pattern);
    json.BeginObject();
    for (const Route* route : of_path) Operation(*route, json);
    json.EndObject();
  }
  json.EndObject();
  json.Key("components");
  json.BeginObject();
  json.Key("securitySchemes");
  json.Raw(R"({"accessToken":{"type":"http","scheme":"bearer","bearerFormat":"JWT"}})");
  json.Key("schemas");
  json.BeginObject();
  for (const Schema& schema : kSchemas) {
    json.DynamicKey(schema.name);
    json.Raw(schema.json);
  }
  json.EndObject();
  json.EndObject();
  json.EndObject();
  return json.Take();
}

}  // namespace dailyfeed::http
