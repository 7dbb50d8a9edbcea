#include "core/domain/scenario/vocabulary.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>

#include <iterator>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "core/base/check.h"
#include "core/base/status_macros.h"
#include "core/base/text.h"
#include "core/domain/activity/activity.h"
#include "core/domain/decision_rows.h"

namespace dailyfeed {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

absl::Status Wrong(const std::string& what) { return absl::InvalidArgumentError(what); }

// Takes named fields out; what is left in the end was unknown.
class FieldTaker {
 public:
  FieldTaker(std::string_view owner, ScenarioFields fields)
      : owner_(owner), fields_(std::move(fields)) {}

  template <typename T>
  FieldTaker& Take(const std::string& name, T* target) {
    using Stored = std::conditional_t<std::is_integral_v<T>, uint64_t, std::string>;
    return TakeAs<Stored>(name, std::is_integral_v<T> ? "number" : "text", target);
  }
  template <typename T>
  FieldTaker& Take(const std::string& name, std::vector<T>* target) {
    return TakeAs<std::vector<T>>(name, std::is_integral_v<T> ? "list of numbers" : "list of texts",
                                  target);
  }

  absl::Status Finish() {
    if (!status_.ok() || fields_.empty()) return status_;
    return Wrong(fmt::format("{} has no {}", owner_, fields_.begin()->first));
  }

 private:
  template <typename Stored, typename T>
  FieldTaker& TakeAs(const std::string& name, std::string_view wanted, T* target) {
    const auto found = fields_.find(name);
    if (found == fields_.end()) return *this;
    if (const auto* const value = std::get_if<Stored>(&found->second)) {
      *target = *value;
    } else if (status_.ok()) {
      status_ = Wrong(fmt::format("{} of {} wants a {}", name, owner_, wanted));
    }
    fields_.erase(found);
    return *this;
  }

  const std::string_view owner_;
  ScenarioFields fields_;
  absl::Status status_;
};

// A picture as good as any, for scenarios about who may do what with it.
constexpr size_t kHashBytes = 32;
constexpr uint32_t kDefaultSide = 350;
constexpr uint64_t kDefaultBytes = 1000;

// So that scenarios about other things need not invent them.
std::string DefaultDigest(std::string_view handle) { return "e-mail of " + AsciiLower(handle); }
std::string DefaultSubject(std::string_view handle) {
  std::string subject(handle);
  subject.resize(kSubjectIdBytes, '.');
  return subject;
}

void TakeFields(SignUp& c, FieldTaker& t) {
  t.Take("handle", &c.handle);
  c.email_digest = DefaultDigest(c.handle);
  c.subject_id = DefaultSubject(c.handle);
  t.Take("email_digest", &c.email_digest).Take("subject_id", &c.subject_id);
  t.Take("sealed_profile", &c.sealed_profile).Take("privacy_level", &c.privacy_level);
}
void TakeFields(PublishPost& c, FieldTaker& t) {
  t.Take("title", &c.title).Take("content", &c.content);
}
void TakeFields(EditPost& c, FieldTaker& t) {
  t.Take("post_id", &c.post_id).Take("title", &c.title).Take("content", &c.content);
}
void TakeFields(AddComment& c, FieldTaker& t) {
  t.Take("post_id", &c.post_id).Take("content", &c.content);
}
void TakeFields(AddReply& c, FieldTaker& t) {
  t.Take("post_id", &c.post_id).Take("parent_id", &c.parent_id).Take("content", &c.content);
}
void TakeFields(EditComment& c, FieldTaker& t) {
  t.Take("comment_id", &c.comment_id).Take("content", &c.content);
}
void TakeFields(UpdateProfile& c, FieldTaker& t) {
  c.sealed_changes = "sealed";
  t.Take("sealed_changes", &c.sealed_changes).Take("privacy_level", &c.privacy_level);
}
void TakeFields(ChangeHandle& c, FieldTaker& t) { t.Take("handle", &c.handle); }
void TakeFields(WithdrawMember&, FieldTaker&) {}
void TakeFields(CompleteWithdrawal&, FieldTaker&) {}
void TakeFields(ReleaseFollows& c, FieldTaker& t) {
  t.Take("follower_ids", &c.follower_ids).Take("followee_ids", &c.followee_ids);
}
void TakeFields(AddPicture& c, FieldTaker& t) {
  c.content_hash = std::string(kHashBytes, 'c');
  c.thumbnail_hash = std::string(kHashBytes, 't');
  c.width = c.height = kDefaultSide;
  c.bytes = c.thumbnail_bytes = kDefaultBytes;
  t.Take("picture_id", &c.picture_id);
  t.Take("content_hash", &c.content_hash).Take("thumbnail_hash", &c.thumbnail_hash);
  t.Take("width", &c.width).Take("height", &c.height);
  t.Take("bytes", &c.bytes).Take("thumbnail_bytes", &c.thumbnail_bytes);
}
void TakeFields(DeletePictures& c, FieldTaker& t) { t.Take("picture_ids", &c.picture_ids); }
// A name that is no type is the type that is none.
void TakeFields(RecordActivity& c, FieldTaker& t) {
  std::string type;
  t.Take("type", &type).Take("post_id", &c.post_id).Take("comment_id", &c.comment_id);
  c.type = ParseActivityType(type).value_or(v1::ACTIVITY_TYPE_UNSPECIFIED);
}
// The commands of one id.
template <typename CommandT>
void TakeFields(CommandT& c, FieldTaker& t) {
  if constexpr (requires { c.followee_id; }) t.Take("followee_id", &c.followee_id);
  if constexpr (requires { c.post_id; }) t.Take("post_id", &c.post_id);
  if constexpr (requires { c.comment_id; }) t.Take("comment_id", &c.comment_id);
}

template <typename CommandT>
absl::StatusOr<Command> Build(std::string_view name, ScenarioFields fields) {
  CommandT command;
  FieldTaker taker(name, std::move(fields));
  TakeFields(command, taker);
  RETURN_IF_ERROR(taker.Finish());
  return Command(std::move(command));
}

struct CommandName {
  std::string_view name;
  absl::StatusOr<Command> (*build)(std::string_view name, ScenarioFields fields);
};

constexpr CommandName kCommands[] = {
    {"SignUp", Build<SignUp>},
    {"FollowMember", Build<FollowMember>},
    {"UnfollowMember", Build<UnfollowMember>},
    {"PublishPost", Build<PublishPost>},
    {"EditPost", Build<EditPost>},
    {"DeletePost", Build<DeletePost>},
    {"ViewPost", Build<ViewPost>},
    {"LikePost", Build<LikePost>},
    {"UnlikePost", Build<UnlikePost>},
    {"LikeComment", Build<LikeComment>},
    {"UnlikeComment", Build<UnlikeComment>},
    {"AddComment", Build<AddComment>},
    {"AddReply", Build<AddReply>},
    {"EditComment", Build<EditComment>},
    {"DeleteComment", Build<DeleteComment>},
    {"UpdateProfile", Build<UpdateProfile>},
    {"ChangeHandle", Build<ChangeHandle>},
    {"WithdrawMember", Build<WithdrawMember>},
    {"ReleaseFollows", Build<ReleaseFollows>},
    {"CompleteWithdrawal", Build<CompleteWithdrawal>},
    {"AddPicture", Build<AddPicture>},
    {"DeletePictures", Build<DeletePictures>},
    {"RecordActivity", Build<RecordActivity>},
};
static_assert(std::size(kCommands) == std::variant_size_v<Command>, "a name for every command");

struct RuleEntry {
  Violation::Rule rule;
  std::string_view name;
};

constexpr RuleEntry kRules[] = {
    {Violation::Rule::kBlank, "BLANK"},
    {Violation::Rule::kTooLong, "TOO_LONG"},
    {Violation::Rule::kLength, "LENGTH"},
    {Violation::Rule::kFormat, "FORMAT"},
    {Violation::Rule::kNotAllowed, "NOT_ALLOWED"},
    {Violation::Rule::kNotInPast, "NOT_IN_PAST"},
    {Violation::Rule::kPasswordWeak, "PASSWORD_WEAK"},
    {Violation::Rule::kNull, "NULL"},
    {Violation::Rule::kTooMany, "TOO_MANY"},
};

absl::Status SetField(Message* event, const std::string& name, const ScenarioValue& value) {
  const std::string owner = event->GetDescriptor()->name();
  const FieldDescriptor* const field = event->GetDescriptor()->FindFieldByName(name);
  if (field == nullptr) return Wrong(fmt::format("{} has no {}", owner, name));
  const auto* const reflection = event->GetReflection();
  if (field->is_repeated()) {
    const auto* const list = std::get_if<std::vector<uint64_t>>(&value);
    if (list == nullptr) return Wrong(fmt::format("{} of {} wants a list", name, owner));
    for (const uint64_t number : *list) reflection->AddUInt64(event, field, number);
    return absl::OkStatus();
  }
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    const auto* const text = std::get_if<std::string>(&value);
    if (text == nullptr) return Wrong(fmt::format("{} of {} wants a text", name, owner));
    reflection->SetString(event, field, *text);
    return absl::OkStatus();
  }
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    // The only enum of an event. A name that is no type is the type that is none.
    const auto* const text = std::get_if<std::string>(&value);
    if (text == nullptr) return Wrong(fmt::format("{} of {} wants a text", name, owner));
    reflection->SetEnumValue(event, field,
                             ParseActivityType(*text).value_or(v1::ACTIVITY_TYPE_UNSPECIFIED));
    return absl::OkStatus();
  }
  const auto* const number = std::get_if<uint64_t>(&value);
  if (number == nullptr) return Wrong(fmt::format("{} of {} wants a number", name, owner));
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_BOOL) {
    reflection->SetBool(event, field, *number != 0);
  } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_UINT32) {
    reflection->SetUInt32(event, field, static_cast<uint32_t>(*number));
  } else {
    reflection->SetUInt64(event, field, *number);
  }
  return absl::OkStatus();
}

// What every sign-up, update and picture has, where the scenario does not care.
void SetDefaults(const ScenarioFields& fields, v1::Payload* payload) {
  if (payload->has_member_signed_up()) {
    v1::MemberSignedUp& event = *payload->mutable_member_signed_up();
    const std::string handle = event.handle();
    if (!fields.contains("email_digest")) event.set_email_digest(DefaultDigest(handle));
    if (!fields.contains("subject_id")) event.set_subject_id(DefaultSubject(handle));
    if (!fields.contains("privacy_level")) event.set_privacy_level("PUBLIC");
  } else if (payload->has_profile_updated()) {
    v1::ProfileUpdated& event = *payload->mutable_profile_updated();
    if (!fields.contains("sealed_changes")) event.set_sealed_changes("sealed");
  } else if (payload->has_picture_added()) {
    v1::PictureAdded& event = *payload->mutable_picture_added();
    if (!fields.contains("content_hash")) event.set_content_hash(std::string(kHashBytes, 'c'));
    if (!fields.contains("thumbnail_hash")) event.set_thumbnail_hash(std::string(kHashBytes, 't'));
    if (!fields.contains("width")) event.set_width(kDefaultSide);
    if (!fields.contains("height")) event.set_height(kDefaultSide);
    if (!fields.contains("bytes")) event.set_bytes(kDefaultBytes);
    if (!fields.contains("thumbnail_bytes")) event.set_thumbnail_bytes(kDefaultBytes);
  }
}

}  // namespace

absl::StatusOr<Command> MakeCommand(std::string_view name, ScenarioFields fields) {
  for (const CommandName& command : kCommands) {
    if (command.name == name) return command.build(name, std::move(fields));
  }
  return Wrong(fmt::format("'{}' is no command", name));
}

absl::StatusOr<v1::Payload> MakePayload(std::string_view name, const ScenarioFields& fields) {
  const auto* const kinds = v1::Payload::descriptor()->FindOneofByName("kind");
  v1::Payload payload;
  for (int i = 0; i < kinds->field_count(); ++i) {
    const FieldDescriptor* const kind = kinds->field(i);
    if (kind->message_type()->name() != name) continue;
    Message* const event = payload.GetReflection()->MutableMessage(&payload, kind);
    for (const auto& [field, value] : fields) RETURN_IF_ERROR(SetField(event, field, value));
    SetDefaults(fields, &payload);
    return payload;
  }
  return Wrong(fmt::format("'{}' is no event", name));
}

absl::Status SetLimits(const ScenarioFields& fields, DomainLimits* limits) {
  FieldTaker taker("limits", fields);
  taker.Take("post_title_max", &limits->post_title_max)
      .Take("post_content_max", &limits->post_content_max)
      .Take("comment_content_max", &limits->comment_content_max)
      .Take("comment_depth_max", &limits->comment_depth_max)
      .Take("followings_max", &limits->followings_max);
  return taker.Finish();
}

absl::StatusOr<Violation> MakeViolation(std::string_view field, std::string_view rule,
                                        const ScenarioFields& fields) {
  Violation violation = {.field = std::string(field)};
  FieldTaker taker("violation", fields);
  taker.Take("limit", &violation.limit).Take("lower_limit", &violation.lower_limit);
  RETURN_IF_ERROR(taker.Finish());
  for (const RuleEntry& entry : kRules) {
    if (entry.name != rule) continue;
    violation.rule = entry.rule;
    return violation;
  }
  return Wrong(fmt::format("'{}' is no rule", rule));
}

std::string_view RuleName(Violation::Rule rule) {
  for (const RuleEntry& entry : kRules) {
    if (entry.rule == rule) return entry.name;
  }
  DAILYFEED_CHECK(false);
}

}  // namespace dailyfeed
