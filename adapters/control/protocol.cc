#include "adapters/control/protocol.h"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <utility>

namespace dailyfeed::control {
namespace {

namespace json = boost::json;

// An object in an object is the deepest that either side sends.
constexpr size_t kDepthMax = 4;
constexpr int kExitCodeMax = 255;

std::string_view View(const json::string& text) { return {text.data(), text.size()}; }

// nullopt: not one JSON object.
std::optional<json::object> ParseObject(std::string_view line) {
  json::parse_options options;
  options.max_depth = kDepthMax;
  // A piece of output may end within a character.
  options.allow_invalid_utf8 = true;
  boost::system::error_code error;
  json::value value = json::parse({line.data(), line.size()}, error, {}, options);
  if (error || !value.is_object()) return std::nullopt;
  return std::move(value.get_object());
}

}  // namespace

std::string FormatRequest(const ControlRequest& request) {
  json::object arguments;
  for (const auto& [name, value] : request.arguments) arguments[name] = value;
  return json::serialize(
      json::object{{"command", request.command}, {"arguments", std::move(arguments)}});
}

absl::StatusOr<ControlRequest> ParseRequest(std::string_view line) {
  static constexpr char kExpected[] =
      "a request is one line like {\"command\":\"log cat\",\"arguments\":{\"limit\":\"3\"}}";
  const std::optional<json::object> object = ParseObject(line);
  if (!object) return absl::InvalidArgumentError(kExpected);
  ControlRequest request;
  for (const auto& member : *object) {
    if (member.key() == "command" && member.value().is_string()) {
      request.command = View(member.value().get_string());
    } else if (member.key() == "arguments" && member.value().is_object()) {
      for (const auto& argument : member.value().get_object()) {
        if (!argument.value().is_string()) return absl::InvalidArgumentError(kExpected);
        request.arguments[std::string(argument.key().data(), argument.key().size())] =
            View(argument.value().get_string());
      }
    } else {
      return absl::InvalidArgumentError(kExpected);
    }
  }
  if (request.command.empty()) return absl::InvalidArgumentError(kExpected);
  return request;
}

std::string FormatReply(const ControlReply& reply) {
  json::object object;
  if (reply.exit_code) {
    object["exit"] = *reply.exit_code;
    if (!reply.error.empty()) object["error"] = reply.error;
  } else {
    object["text"] = reply.text;
  }
  return json::serialize(object);
}

absl::StatusOr<ControlReply> ParseReply(std::string_view line) {
  const absl::Status unknown = absl::DataLossError("the server sent what is no control reply");
  const std::optional<json::object> object = ParseObject(line);
  if (!object) return unknown;
  ControlReply reply;
  if (const json::value* exit = object->if_contains("exit")) {
    if (!exit->is_int64() || exit->get_int64() < 0 || exit->get_int64() > kExitCodeMax) {
      return unknown;
    }
    reply.exit_code = static_cast<int>(exit->get_int64());
    if (const json::value* error = object->if_contains("error")) {
      if (!error->is_string()) return unknown;
      reply.error = View(error->get_string());
    }
    return reply;
  }
  const json::value* text = object->if_contains("text");
  if (text == nullptr || !text->is_string()) return unknown;
  reply.text = View(text->get_string());
  return reply;
}

}  // namespace dailyfeed::control
