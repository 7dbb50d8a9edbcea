#include "adapters/http/api/openapi.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cctype>
#include <map>
#include <optional>

#include "adapters/http/text/errors.h"
#include "core/base/check.h"

namespace dailyfeed::http {
namespace {

namespace json = boost::json;

constexpr std::string_view kInfo =
    "The API of dailyfeed. Success is HTTP 200 in an envelope {status, result, data}; everything "
    "else is {statusCode, resultCode, message, path, errorCode} with the same HTTP status.";

json::string Text(std::string_view text) { return json::string(text.data(), text.size()); }

json::object Ref(std::string_view schema) {
  return {{"$ref", fmt::format("#/components/schemas/{}", schema)}};
}

// "ScrollPage<Post>", "ScrollPage" -> "Post"; nullopt for everything else.
std::optional<std::string_view> RowOf(std::string_view schema, std::string_view list) {
  if (!schema.starts_with(list) || !schema.ends_with('>')) return std::nullopt;
  if (schema.substr(list.size(), 1) != "<") return std::nullopt;
  return schema.substr(list.size() + 1, schema.size() - list.size() - 2);
}
constexpr std::string_view kScrollPage = "ScrollPage";
constexpr std::string_view kPage = "Page";

// "Post[]" -> "Post"; nullopt for everything else.
std::optional<std::string_view> ItemOf(std::string_view schema) {
  if (!schema.ends_with("[]")) return std::nullopt;
  return schema.substr(0, schema.size() - 2);
}

json::object ArrayOf(json::object item) { return {{"type", "array"}, {"items", std::move(item)}}; }

json::object PageSchema(json::object row) {
  const json::object count = {{"type", "integer"}, {"minimum", 0}};
  const json::object flag = {{"type", "boolean"}};
  return {{"type", "object"},
          {"required",
           {"content", "page", "size", "totalElements", "totalPages", "first", "last", "hasNext",
            "hasPrevious"}},
          {"properties",
           {{"content", ArrayOf(std::move(row))},
            {"page", count},
            {"size", {{"type", "integer"}, {"minimum", 1}}},
            {"totalElements", count},
            {"totalPages", count},
            {"first", flag},
            {"last", flag},
            {"hasNext", flag},
            {"hasPrevious", flag}}}};
}

json::object ScrollPageSchema(json::object row) {
  return {{"type", "object"},
          {"required", {"content", "page", "size", "hasNext", "nextCursor"}},
          {"properties",
           {{"content", {{"type", "array"}, {"items", std::move(row)}}},
            {"page", {{"type", "integer"}, {"minimum", 0}}},
            {"size", {{"type", "integer"}, {"minimum", 1}}},
            {"hasNext", {{"type", "boolean"}}},
            {"nextCursor", {{"type", {"string", "null"}}}}}}};
}

json::object DataSchema(std::string_view schema) {
  if (schema == "boolean" || schema == "string") return {{"type", Text(schema)}};
  if (schema == "uuid") return {{"type", "string"}, {"format", "uuid"}};
  if (schema == "FollowScrollPage") {
    return {{"type", "object"},
            {"required", {"followers", "followings"}},
            {"properties",
             {{"followers", ScrollPageSchema(Ref("Summary"))},
              {"followings", ScrollPageSchema(Ref("Summary"))}}}};
  }
  if (const auto row = RowOf(schema, kScrollPage)) return ScrollPageSchema(Ref(*row));
  if (const auto row = RowOf(schema, kPage)) return PageSchema(Ref(*row));
  if (const auto item = ItemOf(schema)) return ArrayOf(Ref(*item));
  return Ref(schema);
}

json::object Envelope(const Route& route) {
  return {{"type", "object"},
          {"required", {"status", "result", "data"}},
          {"properties",
           {{"status", {{"const", route.status}}},
            {"result", {{"const", "SUCCESS"}}},
            {"data", DataSchema(route.data_schema)}}}};
}

json::object QueryParameterOf(std::string_view name, json::object schema,
                              std::string_view description) {
  return {{"name", Text(name)},
          {"in", "query"},
          {"schema", std::move(schema)},
          {"description", Text(description)}};
}

// "today 7d" -> ["today", "7d"]
json::array Words(std::string_view text) {
  json::array words;
  while (!text.empty()) {
    const size_t space = std::min(text.find(' '), text.size());
    words.push_back(Text(text.substr(0, space)));
    text.remove_prefix(std::min(space + 1, text.size()));
  }
  return words;
}

json::array Parameters(const Route& route) {
  json::array parameters;
  for (size_t at = route.pattern.find('{'); at != std::string_view::npos;
       at = route.pattern.find('{', at + 1)) {
    const std::string_view name =
        route.pattern.substr(at + 1, route.pattern.find('}', at) - at - 1);
    json::object schema = {{"type", "integer"}, {"minimum", 1}};
    if (name == "imageId") schema = {{"type", "string"}, {"format", "uuid"}};
    if (name == "handle" || name == "sid") schema = {{"type", "string"}};
    parameters.push_back(
        {{"name", Text(name)}, {"in", "path"}, {"required", true}, {"schema", std::move(schema)}});
  }
  if (route.paging.kind != Paging::Kind::kNone) {
    // What is no number is served as the default, so no text is wrong.
    const json::array number_or_text = {"integer", "string"};
    parameters.push_back(
        QueryParameterOf("page", {{"type", number_or_text}, {"default", route.paging.default_page}},
                         "0-based; the default for what is no number, 0 for a negative one"));
    parameters.push_back(QueryParameterOf(
        "size", {{"type", number_or_text}, {"default", route.paging.default_size}},
        "The default for what is no number or below 1; a larger one than a page may have is served "
        "as that many"));
  }
  if (route.paging.kind == Paging::Kind::kCursor) {
    parameters.push_back(QueryParameterOf(
        "cursor", {{"type", "string"}, {"maxLength", 512}, {"pattern", PatternNamed("cursor")}},
        "nextCursor of the page before; `page` is then ignored. Empty: none"));
  }
  for (const QueryField& field : route.query) {
    json::object schema = {{"type", "string"}};
    if (!field.values.empty()) schema["enum"] = Words(field.values);
    if (!field.pattern.empty()) schema["pattern"] = PatternNamed(field.pattern);
    if (field.length_max != 0) schema["maxLength"] = field.length_max;
    json::object parameter = QueryParameterOf(field.name, std::move(schema), field.description);
    if (field.required) parameter["required"] = true;
    parameters.push_back(std::move(parameter));
  }
  if (std::holds_alternative<WriteFunctions>(route.run) || !route.file_part.empty()) {
    parameters.push_back({{"name", "Idempotency-Key"},
                          {"in", "header"},
                          {"schema",
                           {{"type", "string"},
                            {"minLength", 1},
                            {"maxLength", 128},
                            {"pattern", PatternNamed("idempotencyKey")}}},
                          {"description", "The same key again gets the first answer"}});
  }
  return parameters;
}

// The codes the route itself can answer with, by HTTP status, and those of
// authentication and of requests that cannot be read.
json::object Responses(const Route& route) {
  json::object responses;
  json::object success = {{"description", "Success"}};
  json::object media;
  if (!route.data_schema.empty()) media["schema"] = Envelope(route);
  const std::string_view content_type = route.content_type.substr(0, route.content_type.find(';'));
  success["content"] = {{Text(content_type), std::move(media)}};
  responses["200"] = std::move(success);
  std::string named = fmt::format(" {} ", route.errors);
  if (route.data_schema.empty() && route.errors.empty()) return responses;
  if (!route.data_schema.empty()) named += "INVALID_REQUEST SERVICE_UNAVAILABLE ";
  if (route.paging.kind == Paging::Kind::kCursor) named += "INVALID_CURSOR ";
  const bool reads = std::holds_alternative<ReadFunction>(route.run);
  if (route.method != "GET" && !reads) named += "IDEMPOTENCY_KEY_REUSED ";
  if (route.access != Access::kPublic) {
    named += "BEARER_TOKEN_MISSING INVALID_TOKEN JWT_EXPIRED JWT_KEY_EXPIRED ";
  }
  std::map<int, std::string> codes_of_status;
  for (const ApiErrorEntry& entry : ErrorCatalogue()) {
    if (named.find(fmt::format(" {} ", entry.code)) == std::string::npos) continue;
    std::string& codes = codes_of_status[entry.status];
    if (!codes.empty()) codes += ", ";
    codes += entry.code;
  }
  for (const auto& [status, codes] : codes_of_status) {
    responses[std::to_string(status)] = {
        {"description", codes}, {"content", {{"application/json", {{"schema", Ref("Error")}}}}}};
  }
  return responses;
}

std::string LowerCase(std::string_view method) {
  std::string lower(method);
  for (char& c : lower) c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

// "PUT /api/posts/{postId}" -> "put_api_posts_postId"
std::string OperationId(const Route& route) {
  std::string id = LowerCase(route.method);
  bool gap = true;
  for (const char c : route.pattern) {
    const bool word = std::isalnum(static_cast<unsigned char>(c)) != 0;
    if (word && gap) id += '_';
    if (word) id += c;
    gap = !word;
  }
  return id;
}

json::object Operation(const Route& route) {
  json::object operation = {{"operationId", OperationId(route)},
                            {"tags", {Text(route.tag)}},
                            {"summary", Text(route.summary)},
                            {"parameters", Parameters(route)},
                            {"responses", Responses(route)}};
  if (!route.request_schema.empty()) {
    operation["requestBody"] = {
        {"required", true},
        {"content", {{"application/json", {{"schema", Ref(route.request_schema)}}}}}};
  }
  if (!route.file_part.empty()) {
    const json::object file = {{"type", "string"}, {"format", "binary"}};
    const json::object form = {{"type", "object"},
                               {"required", {Text(route.file_part)}},
                               {"properties", json::object{{Text(route.file_part), file}}}};
    operation["requestBody"] = {{"required", true},
                                {"content", {{"multipart/form-data", {{"schema", form}}}}}};
  }
  if (route.access == Access::kPublic) operation["security"] = json::array();
  return operation;
}

void CheckSchema(const json::object& schemas, std::string_view name) {
  static constexpr std::string_view kPlain[] = {"", "boolean", "string", "uuid",
                                                "FollowScrollPage"};
  if (std::find(std::begin(kPlain), std::end(kPlain), name) != std::end(kPlain)) return;
  std::string_view referred = name;
  for (const auto& inner : {RowOf(name, kScrollPage), RowOf(name, kPage), ItemOf(name)}) {
    if (inner) referred = *inner;
  }
  DAILYFEED_CHECK(schemas.contains(json::string_view(referred.data(), referred.size())));
}

}  // namespace

std::string OpenApiDocument(const std::vector<const Route*>& routes, const OpenApiLimits& limits) {
  json::value schemas =
      json::parse(json::string_view(kOpenApiSchemas.data(), kOpenApiSchemas.size()));
  ExpandTerms(limits, &schemas);
  json::object paths;
  for (const Route* route : routes) {
    CheckSchema(schemas.as_object(), route->request_schema);
    CheckSchema(schemas.as_object(), route->data_schema);
    json::value& path = paths[json::string_view(route->pattern.data(), route->pattern.size())];
    if (!path.is_object()) path.emplace_object();
    path.as_object()[LowerCase(route->method)] = Operation(*route);
  }
  const json::object document = {
      {"openapi", "3.1.0"},
      {"info", {{"title", "dailyfeed"}, {"version", "1"}, {"description", Text(kInfo)}}},
      {"security", json::array{json::object{{"accessToken", json::array()}}}},
      {"paths", std::move(paths)},
      {"components",
       {{"securitySchemes",
         {{"accessToken", {{"type", "http"}, {"scheme", "bearer"}, {"bearerFormat", "JWT"}}}}},
        {"schemas", std::move(schemas)}}}};
  return json::serialize(document);
}

}  // namespace dailyfeed::http
