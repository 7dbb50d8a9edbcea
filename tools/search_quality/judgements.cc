#include "tools/search_quality/judgements.h"

#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "core/base/status_macros.h"
#include "tools/search_quality/stored_files.h"

namespace dailyfeed::search_quality {
namespace {

constexpr int kGradeMax = 3;

absl::Status Bad(const std::string& what) { return absl::InvalidArgumentError(what); }

absl::StatusOr<std::string> TextField(const boost::json::object& object, std::string_view name) {
  const boost::json::value* const value = object.if_contains(name);
  if (value == nullptr || !value->is_string()) return Bad(fmt::format("no text \"{}\"", name));
  return std::string(value->get_string());
}

absl::StatusOr<JudgedPost> PostOf(const boost::json::object& object, size_t number) {
  const boost::json::value* const id = object.if_contains("id");
  if (id == nullptr || !id->is_int64() || id->get_int64() != static_cast<int64_t>(number)) {
    return Bad(fmt::format("the id must be {}", number));
  }
  JudgedPost post = {.id = number};
  ASSIGN_OR_RETURN(post.author, TextField(object, "author"));
  ASSIGN_OR_RETURN(post.day, TextField(object, "day"));
  ASSIGN_OR_RETURN(post.text, TextField(object, "text"));
  return post;
}

absl::StatusOr<Grades> GradesOf(const boost::json::object& object, size_t posts) {
  const boost::json::value* const value = object.if_contains("grades");
  if (value == nullptr || !value->is_object()) return Bad("no object \"grades\"");
  Grades grades;
  for (const auto& [name, grade] : value->get_object()) {
    const std::string digits(name);
    JudgedId id = 0;
    if (!absl::SimpleAtoi(digits, &id) || id < 1 || id > posts) {
      return Bad(fmt::format("no post has the id {}", digits));
    }
    if (!grade.is_int64() || grade.get_int64() < 1 || grade.get_int64() > kGradeMax) {
      return Bad(fmt::format("the grade of post {} is not 1, 2 or 3", digits));
    }
    grades[id] = static_cast<int>(grade.get_int64());
  }
  return grades;
}

absl::StatusOr<JudgedQuery> QueryOf(const boost::json::object& object, size_t posts) {
  JudgedQuery query;
  ASSIGN_OR_RETURN(query.id, TextField(object, "id"));
  ASSIGN_OR_RETURN(query.query, TextField(object, "query"));
  ASSIGN_OR_RETURN(const std::string kind, TextField(object, "kind"));
  if (kind == NameOf(QueryKind::kQ)) {
    query.kind = QueryKind::kQ;
  } else if (kind != NameOf(QueryKind::kKeyword)) {
    return Bad(fmt::format("unknown kind \"{}\"", kind));
  }
  ASSIGN_OR_RETURN(query.grades, GradesOf(object, posts));
  return query;
}

// Calls read(object, number of the line) for each line of a file.
template <typename Read>
absl::Status ForEachLine(std::string_view name, std::string_view file, Read read) {
  size_t number = 0;
  const absl::string_view whole(file.data(), file.size());
  for (const absl::string_view line : absl::StrSplit(whole, '\n', absl::SkipWhitespace())) {
    ++number;
    boost::system::error_code error;
    const boost::json::value value =
        boost::json::parse(boost::json::string_view(line.data(), line.size()), error);
    absl::Status status = Bad("no JSON object");
    if (!error && value.is_object()) status = read(value.get_object(), number);
    if (!status.ok())
      return Bad(fmt::format("{}, line {}: {}", name, number, std::string(status.message())));
  }
  return absl::OkStatus();
}

}  // namespace

std::string_view NameOf(QueryKind kind) { return kind == QueryKind::kQ ? "q" : "keyword"; }

absl::StatusOr<Judgements> ParseJudgements(std::string_view posts, std::string_view queries) {
  Judgements judgements;
  RETURN_IF_ERROR(ForEachLine("posts", posts, [&](const auto& object, size_t number) {
    absl::StatusOr<JudgedPost> post = PostOf(object, number);
    if (post.ok()) judgements.posts.push_back(*std::move(post));
    return post.status();
  }));
  RETURN_IF_ERROR(ForEachLine("queries", queries, [&](const auto& object, size_t) {
    absl::StatusOr<JudgedQuery> query = QueryOf(object, judgements.posts.size());
    if (query.ok()) judgements.queries.push_back(*std::move(query));
    return query.status();
  }));
  return judgements;
}

absl::StatusOr<Judgements> StoredJudgements() {
  return ParseJudgements(kStoredPosts, kStoredQueries);
}

}  // namespace dailyfeed::search_quality
