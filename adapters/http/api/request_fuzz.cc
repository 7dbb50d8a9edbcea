// Everything a request brings in, over any bytes: JSON bodies, cursors, query
// strings, paths, cookies, Authorization, Accept-Language and X-Forwarded-For.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/http/api/cursor.h"
#include "adapters/http/api/router.h"
#include "adapters/http/guard/addresses.h"
#include "adapters/http/text/headers.h"
#include "adapters/http/text/json_reader.h"
#include "adapters/http/text/json_writer.h"
#include "adapters/http/text/uri.h"
#include "core/base/check.h"
#include "core/base/text.h"
#include "core/domain/types.h"

namespace dailyfeed::http {
namespace {

const ListIdentity kList = {.name = "list", .id = 7, .caller = 3};

void RunBody(std::string_view text) {
  JsonObject body;
  const bool parsed = body.Parse(text);
  std::vector<Violation> violations;
  for (const char* field : {"content", "postId", "ids", "a"}) {
    if (!parsed) DAILYFEED_CHECK(body.Has(field) == JsonObject::Presence::kAbsent);
    const auto string = body.String(field, &violations);
    // What was accepted can be stored and written again.
    if (string) {
      DAILYFEED_CHECK(IsValidUtf8(*string));
      JsonWriter writer(1);
      writer.BeginObject();
      writer.Field("a", *string);
      writer.EndObject();
      const std::string written = writer.Take();
      JsonObject again;
      DAILYFEED_CHECK(again.Parse(written));
      DAILYFEED_CHECK(again.String("a", &violations) == string);
    }
    body.Integer(field, &violations);
    body.Integers(field, &violations);
    body.Strings(field, &violations);
    body.Bool(field, &violations);
  }
}

void RunCursor(std::string_view text) {
  static const CursorCodec& codec = *new CursorCodec(std::string(32, 'k'));
  const auto place = codec.Decode(kList, text);
  // Nobody without the key writes one, and there is one text for every place.
  if (place.ok()) DAILYFEED_CHECK(codec.Encode(kList, *place) == text);
}

// Every pair of the header, the plain way.
std::vector<std::pair<std::string, std::string>> Pairs(std::string_view header) {
  const auto trim = [](std::string text) {
    text.erase(0, std::min(text.size(), text.find_first_not_of(" \t")));
    text.erase(text.find_last_not_of(" \t") + 1);
    return text;
  };
  std::vector<std::pair<std::string, std::string>> pairs;
  std::string pair;
  for (const char c : std::string(header) + ";") {
    if (c != ';') {
      pair += c;
      continue;
    }
    if (const size_t equals = pair.find('='); equals != std::string::npos) {
      pairs.emplace_back(trim(pair.substr(0, equals)), trim(pair.substr(equals + 1)));
    }
    pair.clear();
  }
  return pairs;
}

void RunCookies(std::string_view header) {
  for (const std::string_view name : {"refresh_token", "a"}) {
    std::optional<std::string> first;
    for (const auto& [key, value] : Pairs(header)) {
      if (!first && key == name) first = value;
    }
    const std::optional<std::string_view> found = Cookie(header, name);
    DAILYFEED_CHECK(found.has_value() == first.has_value());
    if (found) DAILYFEED_CHECK(*found == *first);
  }
}

void RunTexts(std::string_view text) {
  const SplitTarget target = SplitRequestTarget(text);
  DAILYFEED_CHECK(target.path.size() + target.query.size() <= text.size());
  QueryParameter(target.query, "page");
  DAILYFEED_CHECK(PercentDecode(text, true).size() <= text.size());
  if (const auto id = ParsePathId(text)) DAILYFEED_CHECK(*id >= 1 && *id <= kMaxId);
  ParseSaturated(text);
  RunCookies(text);
  if (const auto token = BearerToken(text)) DAILYFEED_CHECK(!token->empty());
  PreferredLanguage(text);
  if (IsIdempotencyKey(text)) DAILYFEED_CHECK(!text.empty() && text.size() <= 128);
  JsonWriter writer(1);
  writer.BeginObject();
  writer.Key("a");
  writer.UntrustedString(text);
  writer.EndObject();
  const std::string written = writer.Take();
  JsonObject again;
  DAILYFEED_CHECK(again.Parse(written));
}

void RunAddresses(std::string_view text) {
  if (const auto address = CanonicalAddress(text)) {
    DAILYFEED_CHECK(CanonicalAddress(*address) == *address);
    DAILYFEED_CHECK(!AddressGroup(*address).empty());
  }
  // A trusted proxy is no client, and every name is an address.
  const std::string proxy = "10.0.0.2";
  const ClientAddress client = FindClient(proxy, text, {proxy});
  DAILYFEED_CHECK(!client.is_one_client || client.address != proxy);
  DAILYFEED_CHECK(CanonicalAddress(client.address) == client.address);
}

void RunRouter(std::string_view path) {
  static const Router& router = *[] {
    auto* made = new Router;
    made->Add("GET", "/a", 0);
    made->Add("GET", "/a/{x}", 1);
    made->Add("PUT", "/a/{x}/b/@{y}", 2);
    made->Add("GET", "/a/b/{z}", 3);
    return made;
  }();
  const RouteMatch match = router.Find("GET", path);
  DAILYFEED_CHECK((match.outcome == RouteMatch::Outcome::kUnknownPath) == match.allow.empty());
  for (size_t i = 0; i < match.parameter_count; ++i) {
    DAILYFEED_CHECK(match.outcome == RouteMatch::Outcome::kUnknownPath ||
                    !match.Parameter(i).empty());
  }
}

}  // namespace
}  // namespace dailyfeed::http

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  dailyfeed::http::RunBody(text);
  dailyfeed::http::RunCursor(text);
  dailyfeed::http::RunTexts(text);
  dailyfeed::http::RunAddresses(text);
  dailyfeed::http::RunRouter(text);
  return 0;
}
