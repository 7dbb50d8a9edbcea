// PUT /api/members/profile and its handle, and DELETE of oneself.
#include <string>
#include <utility>
#include <vector>

#include "adapters/embedded/forms/profile_changes.h"
#include "adapters/http/api/call.h"
#include "adapters/http/text/uri.h"
#include "core/base/status_macros.h"
#include "core/domain/member/member_rules.h"

namespace dailyfeed::http {
namespace {

constexpr std::string_view kTag = "Members";

ProfileChanges ReadChanges(const JsonObject& body, std::vector<Violation>* violations) {
  return {.member_name = body.String("memberName", violations),
          .display_name = body.String("displayName", violations),
          .bio = body.String("bio", violations),
          .location = body.String("location", violations),
          .website_url = body.String("websiteUrl", violations),
          .avatar_url = body.String("avatarUrl", violations),
          .birth_date = body.String("birthDate", violations),
          .gender = body.String("gender", violations),
          .country_code = body.String("countryCode", violations),
          .privacy_level = body.String("privacyLevel", violations),
          .language_code = body.String("languageCode", violations)};
}

// The pictures the caller wants gone: those named, without the one that is the
// avatar now, and no more than one command takes. Whose they are is checked
// where they are deleted.
std::optional<Command> Outdated(const std::vector<std::string>& urls, std::string_view avatar_url) {
  const std::optional<std::string> avatar = PictureIdOfUrl(avatar_url);
  DeletePictures command;
  for (const std::string& url : urls) {
    std::optional<std::string> id = PictureIdOfUrl(url);
    if (!id || id == avatar || command.picture_ids.size() == kDeletedPicturesMax) continue;
    command.picture_ids.push_back(*std::move(id));
  }
  if (command.picture_ids.empty()) return std::nullopt;
  return command;
}

absl::Status AnswerProfile(Call& call, const CommandResult&, JsonWriter& data) {
  Queries& queries = call.feed().queries();
  ASSIGN_OR_RETURN(const auto card, queries.Member(call.member()));
  ASSIGN_OR_RETURN(const FollowCounts follows, queries.Follows(call.member()));
  call.objects().MemberProfile(*card, follows, data);
  return absl::OkStatus();
}

void UpdateMyProfile(CallPtr call) {
  JsonObject body;
  if (const absl::Status parsed = call->ParseBody(&body); !parsed.ok()) {
    return Call::Fail(std::move(call), parsed);
  }
  std::vector<Violation> violations;
  const ProfileChanges changes = ReadChanges(body, &violations);
  const std::vector<std::string> previous =
      body.Strings("previousAvatarUrl", &violations).value_or(std::vector<std::string>());
  violations = MergeViolations(std::move(violations), call->feed().CheckProfileChanges(changes),
                               SortByProfileField);
  if (!violations.empty()) return Call::Fail(std::move(call), MakeViolations(violations));
  absl::StatusOr<UpdateProfile> command =
      call->feed().PrepareUpdateProfile(call->member(), changes);
  if (!command.ok()) return Call::Fail(std::move(call), command.status());
  if (previous.empty()) return Call::Submit(std::move(call), *std::move(command), AnswerProfile);
  Call::SubmitBoth(
      std::move(call), *std::move(command),
      [previous](Call& call) -> std::optional<Command> {
        const auto card = call.feed().queries().Member(call.member());
        // Not to be known which picture is in use: none is deleted.
        if (!card.ok()) return std::nullopt;
        return Outdated(previous, (*card)->avatar_url);
      },
      AnswerProfile);
}

absl::StatusOr<Command> ChangeMyHandle(Call& call) {
  JsonObject body;
  RETURN_IF_ERROR(call.ParseBody(&body));
  std::vector<Violation> violations;
  std::string handle = body.String("newHandle", &violations).value_or("");
  if (violations.empty()) {
    if (auto violation = CheckHandle(handle, "newHandle")) {
      violations.push_back(*std::move(violation));
    }
  }
  if (!violations.empty()) return MakeViolations(violations);
  return ChangeHandle{.handle = std::move(handle)};
}

absl::Status AnswerHandle(Call& call, const CommandResult&, JsonWriter& data) {
  ASSIGN_OR_RETURN(const auto card, call.feed().queries().Member(call.member()));
  data.String(card->handle);
  return absl::OkStatus();
}

absl::StatusOr<Command> WithdrawMyself(Call&) { return WithdrawMember{}; }

absl::Status AnswerWithdrawn(Call& call, const CommandResult& result, JsonWriter& data) {
  call.DeleteCookie();
  return AnswerTrue(call, result, data);
}

}  // namespace

void AddProfileRoutes(std::vector<Route>* routes) {
  RouteTable table(routes, kTag);
  table.Delete("/api/authentication/deactivate", WriteFunctions{WithdrawMyself, AnswerWithdrawn},
               "Withdraw for good; what was written stays", "boolean",
               {.status = 204, .tag = "Authentication"});
  table.Put("/api/members/profile", UpdateMyProfile,
            "Change the caller's profile; absent properties stay", "MemberProfile",
            {.request_schema = "ProfileRequest"});
  table.Put("/api/members/profile/handle", WriteFunctions{ChangeMyHandle, AnswerHandle},
            "Change the caller's handle", "string",
            {.request_schema = "HandleRequest", .errors = "MEMBER_HANDLE_ALREADY_EXISTS"});
}

}  // namespace dailyfeed::http
