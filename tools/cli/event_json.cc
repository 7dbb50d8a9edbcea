#include "tools/cli/event_json.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "core/base/hex.h"
#include "core/domain/decider.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace dailyfeed::cli {
namespace {

namespace json = boost::json;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

std::string FormatTime(TimestampNs time) {
  return absl::FormatTime("%Y-%m-%d%ET%H:%M:%E*S%Ez", absl::FromUnixNanos(time),
                          absl::UTCTimeZone());
}

// A UUID, unless the event is not what it should be.
std::string UuidText(std::string_view bytes) {
  return bytes.size() == 16 ? FormatUuid(bytes) : Hex(bytes);
}

json::value BytesToJson(const std::string& name, const std::string& bytes,
                        SealedFields sealed_fields) {
  if (name == "subject_id" || name == "picture_id") return json::value(UuidText(bytes));
  if (name == "content_hash" || name == "thumbnail_hash") return json::value(Hex(bytes));
  // The sealed profile and digests of personal data. Later fields of bytes are
  // personal until somebody decides otherwise here.
  return json::object{{sealed_fields == SealedFields::kErased ? "erased" : "sealed", bytes.size()}};
}

json::value FieldToJson(const Message& message, const FieldDescriptor& field, int index,
                        SealedFields sealed_fields) {
  const Reflection& reflection = *message.GetReflection();
  const bool repeated = field.is_repeated();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_UINT64:
      return repeated ? reflection.GetRepeatedUInt64(message, &field, index)
                      : reflection.GetUInt64(message, &field);
    case FieldDescriptor::CPPTYPE_INT64:
      return repeated ? reflection.GetRepeatedInt64(message, &field, index)
                      : reflection.GetInt64(message, &field);
    case FieldDescriptor::CPPTYPE_STRING: {
      const std::string text = repeated ? reflection.GetRepeatedString(message, &field, index)
                                        : reflection.GetString(message, &field);
      if (field.type() == FieldDescriptor::TYPE_BYTES) {
        return BytesToJson(field.name(), text, sealed_fields);
      }
      // Under which others knew somebody who is gone: the log has it, nobody is shown it.
      if (field.name() == "handle" && sealed_fields == SealedFields::kErased) {
        return json::object{{"erased", text.size()}};
      }
      return json::value(text);
    }
    case FieldDescriptor::CPPTYPE_BOOL:
      return repeated ? reflection.GetRepeatedBool(message, &field, index)
                      : reflection.GetBool(message, &field);
    case FieldDescriptor::CPPTYPE_UINT32:
      return repeated ? reflection.GetRepeatedUInt32(message, &field, index)
                      : reflection.GetUInt32(message, &field);
    case FieldDescriptor::CPPTYPE_ENUM:
      if (repeated) break;
      // A number that a later program has given a name stays a number.
      if (const auto* const name =
              field.enum_type()->FindValueByNumber(reflection.GetEnumValue(message, &field))) {
        return json::value(name->name());
      }
      return reflection.GetEnumValue(message, &field);
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
    case FieldDescriptor::CPPTYPE_MESSAGE:
      break;
  }
  // No event has a field of another type; one that gets one shows as its type.
  return json::value(std::string("<") + field.cpp_type_name() + ">");
}

json::object MessageToJson(const Message& message, SealedFields sealed_fields) {
  json::object object;
  const auto& descriptor = *message.GetDescriptor();
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const FieldDescriptor& field = *descriptor.field(i);
    if (!field.is_repeated()) {
      // An optional field that is absent says something by that.
      if (field.has_optional_keyword() && !message.GetReflection()->HasField(message, &field)) {
        continue;
      }
      object[field.json_name()] = FieldToJson(message, field, 0, sealed_fields);
      continue;
    }
    json::array items;
    for (int j = 0; j < message.GetReflection()->FieldSize(message, &field); ++j) {
      items.push_back(FieldToJson(message, field, j, sealed_fields));
    }
    object[field.json_name()] = std::move(items);
  }
  return object;
}

json::object PayloadToJson(const v1::Payload& payload, SealedFields sealed_fields) {
  const auto* oneof = payload.GetDescriptor()->FindOneofByName("kind");
  const Reflection& reflection = *payload.GetReflection();
  const FieldDescriptor* field = reflection.GetOneofFieldDescriptor(payload, oneof);
  if (field == nullptr) return {};
  return MessageToJson(reflection.GetMessage(payload, field), sealed_fields);
}

}  // namespace

std::string EventToJson(const v1::Event& event, Day day, SealedFields sealed_fields) {
  const std::string_view type = EventTypeName(event.payload());
  const json::object line = {
      {"position", event.position()},
      {"type", json::string_view(type.data(), type.size())},
      {"stream", StreamName(event.stream_kind(), event.stream_id())},
      {"version", event.stream_version()},
      {"day", day},
      {"occurredAt", FormatTime(event.occurred_at_ns())},
      {"recordedAt", FormatTime(event.recorded_at_ns())},
      {"actor", event.actor()},
      {"eventId", UuidText(event.event_id())},
      {"commandId", UuidText(event.command_id())},
      {"data", PayloadToJson(event.payload(), sealed_fields)},
  };
  return json::serialize(line);
}

std::vector<std::string> EventTypeNames() {
  std::vector<std::string> names;
  const auto* oneof = v1::Payload::descriptor()->FindOneofByName("kind");
  for (int i = 0; i < oneof->field_count(); ++i) {
    names.push_back(oneof->field(i)->message_type()->name());
  }
  return names;
}

}  // namespace dailyfeed::cli
