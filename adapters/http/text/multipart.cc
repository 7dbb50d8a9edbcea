#include "adapters/http/text/multipart.h"

#include <string.h>

#include <algorithm>
#include <utility>

#include "core/base/text.h"

namespace dailyfeed::http {
namespace {

constexpr size_t kBoundaryBytesMax = 70;
constexpr std::string_view kType = "multipart/form-data";
constexpr std::string_view kLineEnd = "\r\n";

// Pictures are searched for boundaries: this goes over megabytes.
size_t Find(std::string_view text, std::string_view wanted, size_t from) {
  if (from > text.size()) return std::string_view::npos;
  const void* const found =
      ::memmem(text.data() + from, text.size() - from, wanted.data(), wanted.size());
  if (found == nullptr) return std::string_view::npos;
  return static_cast<size_t>(static_cast<const char*>(found) - text.data());
}

// A quoted value from its opening quote on; false when it does not end.
bool TakeQuoted(std::string_view* rest, std::string* value) {
  rest->remove_prefix(1);
  while (!rest->empty()) {
    const char c = rest->front();
    rest->remove_prefix(1);
    if (c == '"') return true;
    // Old Internet Explorers sent whole paths: a backslash escapes a quote or
    // another one, and else is a backslash.
    if (c == '\\' && !rest->empty() && (rest->front() == '"' || rest->front() == '\\')) {
      value->push_back(rest->front());
      rest->remove_prefix(1);
      continue;
    }
    value->push_back(c);
  }
  return false;
}

// The parameter of a header value like `form-data; name="image"`; the first of
// that name. nullopt when there is none, or what stands before it is malformed.
std::optional<std::string> Parameter(std::string_view header, std::string_view wanted) {
  size_t end = header.find(';');
  while (end != std::string_view::npos) {
    std::string_view rest = TrimBlanks(header.substr(end + 1));
    const size_t equals = rest.find_first_of("=;");
    if (equals == std::string_view::npos) return std::nullopt;
    if (rest[equals] == ';') {  // a parameter without a value
      header = rest;
      end = equals;
      continue;
    }
    const std::string_view name = TrimBlanks(rest.substr(0, equals));
    rest = TrimBlanks(rest.substr(equals + 1));
    std::string value;
    if (rest.starts_with('"')) {
      if (!TakeQuoted(&rest, &value)) return std::nullopt;
    } else {
      value = TrimBlanks(rest.substr(0, rest.find(';')));
    }
    if (EqualsIgnoringCase(name, wanted)) return value;
    header = rest;
    end = header.find(';');
  }
  return std::nullopt;
}

bool IsBoundary(std::string_view text) {
  constexpr std::string_view kMarks = "'()+_,-./:=? ";
  if (text.empty() || text.size() > kBoundaryBytesMax || text.back() == ' ') return false;
  for (const char c : text) {
    const bool letter = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (!letter && kMarks.find(c) == std::string_view::npos) return false;
  }
  return true;
}

// The delimiters of one body: where each begins and ends.
class Delimiters {
 public:
  Delimiters(std::string_view body, std::string_view boundary)
      : body_(body), delimiter_(std::string(kLineEnd) + "--" + std::string(boundary)) {}

  struct Found {
    size_t begin = 0;  // of its line end: where the text before it ends
    size_t end = 0;    // where the text behind it begins
    bool last = false;
  };

  // The next one from `from` on; nullopt when there is none.
  std::optional<Found> Next(size_t from) const {
    if (from == 0 && body_.starts_with(std::string_view(delimiter_).substr(kLineEnd.size()))) {
      if (const auto found = Complete(0, delimiter_.size() - kLineEnd.size())) return found;
    }
    for (size_t at = Find(body_, delimiter_, from); at != std::string_view::npos;
         at = Find(body_, delimiter_, at + 1)) {
      if (const auto found = Complete(at, at + delimiter_.size())) return found;
    }
    return std::nullopt;
  }

 private:
  // What follows decides whether it is one: "--", or spaces and a line end. A
  // longer boundary that begins like this one is none.
  std::optional<Found> Complete(size_t begin, size_t end) const {
    const std::string_view rest = body_.substr(end);
    if (rest.starts_with("--")) return Found{begin, end + 2, true};
    const size_t text = std::min(rest.find_first_not_of(" \t"), rest.size());
    if (!rest.substr(text).starts_with(kLineEnd)) return std::nullopt;
    return Found{begin, end + text + kLineEnd.size(), false};
  }

  const std::string_view body_;
  const std::string delimiter_;
};

bool ParsePart(std::string_view text, MultipartPart* part) {
  constexpr std::string_view kDisposition = "content-disposition";
  for (;;) {
    const size_t end = text.find(kLineEnd);
    if (end == std::string_view::npos) return false;
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + kLineEnd.size());
    if (line.empty()) break;
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) return false;
    if (EqualsIgnoringCase(TrimBlanks(line.substr(0, colon)), kDisposition)) {
      part->name = Parameter(line.substr(colon + 1), "name").value_or("");
    }
  }
  part->body = text;
  return true;
}

bool HeadersFit(std::string_view text) {
  return text.starts_with(kLineEnd) ||
         text.substr(0, kMultipartHeaderBytesMax).find("\r\n\r\n") != std::string_view::npos;
}

}  // namespace

std::optional<std::string> MultipartBoundary(std::string_view content_type) {
  if (!EqualsIgnoringCase(TrimBlanks(content_type.substr(0, content_type.find(';'))), kType)) {
    return std::nullopt;
  }
  std::optional<std::string> boundary = Parameter(content_type, "boundary");
  if (!boundary || !IsBoundary(*boundary)) return std::nullopt;
  return boundary;
}

bool ParseMultipart(std::string_view body, std::string_view boundary,
                    std::vector<MultipartPart>* parts) {
  parts->clear();
  const Delimiters delimiters(body, boundary);
  std::optional<Delimiters::Found> delimiter = delimiters.Next(0);
  while (delimiter && !delimiter->last) {
    const std::optional<Delimiters::Found> next = delimiters.Next(delimiter->end);
    if (!next || parts->size() == kMultipartPartsMax) return false;
    const std::string_view text = body.substr(delimiter->end, next->begin - delimiter->end);
    MultipartPart part;
    if (!HeadersFit(text) || !ParsePart(text, &part)) return false;
    parts->push_back(std::move(part));
    delimiter = next;
  }
  return delimiter.has_value();
}

const MultipartPart* FindPart(const std::vector<MultipartPart>& parts, std::string_view name) {
  for (const MultipartPart& part : parts) {
    if (part.name == name) return &part;
  }
  return nullptr;
}

}  // namespace dailyfeed::http
