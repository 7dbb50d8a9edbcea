// /api/images: upload, view and deletion of pictures.
#include <fmt/format.h>

#include <utility>
#include <vector>

#include "adapters/http/api/call.h"
#include "adapters/http/text/headers.h"
#include "adapters/http/text/multipart.h"
#include "adapters/http/text/uri.h"
#include "core/base/hex.h"
#include "core/base/status_macros.h"
#include "core/base/text.h"
#include "core/domain/events.pb.h"

namespace dailyfeed::http {
namespace {

constexpr std::string_view kTag = "Images";
constexpr std::string_view kPart = "image";
constexpr std::string_view kPng = "image/png";
constexpr std::string_view kUploadErrors =
    "EMPTY_IMAGE_FILE FILE_TOO_SMALL PAYLOAD_TOO_LARGE INVALID_IMAGE_SIGNATURE "
    "THUMBNAIL_PROCESS_FAIL CORRUPTED_IMAGE IMAGE_PROCESSING_FAIL";

absl::Status MissingPart(Violation::Rule rule) {
  return MakeViolations({{.field = std::string(kPart), .rule = rule}});
}

// From the log: a repeat under an idempotency key is answered with the picture
// of the first time.
absl::Status AnswerPicture(Call& call, const CommandResult& result, JsonWriter& data) {
  std::string id;
  RETURN_IF_ERROR(call.feed().log().Read(result.first_position, [&](const v1::Event& event) {
    id = event.payload().picture_added().picture_id();
    return false;
  }));
  data.String(FormatUuid(id));
  return absl::OkStatus();
}

// On a worker.
void Process(CallPtr call) {
  const HttpRequest& request = call->request();
  const std::optional<std::string> boundary = MultipartBoundary(request.Header("Content-Type"));
  std::vector<MultipartPart> parts;
  if (!boundary || !ParseMultipart(request.body, *boundary, &parts)) {
    return Call::Fail(std::move(call), MissingPart(Violation::Rule::kFormat));
  }
  const MultipartPart* const file = FindPart(parts, kPart);
  if (file == nullptr) return Call::Fail(std::move(call), MissingPart(Violation::Rule::kBlank));
  // Of the file and not of the whole body: boundaries are random, a repeat has
  // another one.
  if (const absl::Status key = call->TakeIdempotencyKey(file->body); !key.ok()) {
    return Call::Fail(std::move(call), key);
  }
  absl::StatusOr<AddPicture> command = call->feed().PreparePicture(file->body);
  if (!command.ok()) return Call::Fail(std::move(call), command.status());
  Call::Submit(std::move(call), *std::move(command), AnswerPicture);
}

// When the queue is full, or the member has too many uploads in it, the job is
// destroyed and with it the call, which answers that the service is unavailable.
void Upload(CallPtr call) {
  Workers& workers = call->services().pictures;
  const MemberId member = call->member();
  workers.Submit([call = std::move(call)]() mutable { Process(std::move(call)); }, member)
      .IgnoreError();
}

absl::StatusOr<bool> WantsThumbnail(const Call& call) {
  const std::optional<std::string> text = QueryParameter(call.query(), "thumbnail");
  if (!text || text->empty() || EqualsIgnoringCase(*text, "false")) return false;
  if (EqualsIgnoringCase(*text, "true")) return true;
  return MakeViolations({{.field = "thumbnail", .rule = Violation::Rule::kFormat}});
}

// A picture never changes, so browsers keep it; and it has no validator, so
// nothing asks whether it changed.
void SendPicture(CallPtr call, std::string_view id, std::string png) {
  const HttpRequest& request = call->request();
  ByteRange range;
  if (request.method == "GET" && !request.HasHeader("If-Range")) {
    range = ParseByteRange(request.Header("Range"), png.size());
  }
  if (range.kind == ByteRange::Kind::kUnsatisfiable) {
    call->AddHeader("Content-Range", fmt::format("bytes */{}", png.size()));
    return Call::Refuse(std::move(call), 416);
  }
  int status = 200;
  if (range.kind == ByteRange::Kind::kPart) {
    status = 206;
    call->AddHeader("Content-Range", fmt::format("bytes {}-{}/{}", range.first,
                                                 range.first + range.length - 1, png.size()));
    png = png.substr(range.first, range.length);
  }
  call->AddHeader("Content-Disposition", fmt::format("inline; filename=\"{}\"", FormatUuid(id)));
  call->AddHeader("Cache-Control", "public, max-age=86400, immutable");
  Call::AnswerToKeep(std::move(call), status, kPng, std::move(png));
}

void View(CallPtr call) {
  const std::optional<std::string> id = ParseUuid(call->match().Parameter(0));
  if (!id) return Call::Fail(std::move(call), ApiError::kImageNotFound);
  const absl::StatusOr<bool> thumbnail = WantsThumbnail(*call);
  if (!thumbnail.ok()) return Call::Fail(std::move(call), thumbnail.status());
  absl::StatusOr<std::string> png = call->feed().ReadPicture(*id, *thumbnail);
  if (!png.ok()) return Call::Fail(std::move(call), png.status());
  SendPicture(std::move(call), *id, *std::move(png));
}

absl::StatusOr<Command> ReadDeletion(Call& call) {
  JsonObject body;
  RETURN_IF_ERROR(call.ParseBody(&body));
  std::vector<Violation> violations;
  const std::vector<std::string> urls =
      body.Strings("imageUrls", &violations).value_or(std::vector<std::string>());
  const size_t urls_max = call.services().options.ids_max;
  if (violations.empty() && urls.size() > urls_max) {
    violations.push_back({.field = "imageUrls",
                          .rule = Violation::Rule::kTooMany,
                          .limit = static_cast<int64_t>(urls_max)});
  }
  if (!violations.empty()) return MakeViolations(violations);
  DeletePictures command;
  for (const std::string& url : urls) {
    if (const auto id = PictureIdOfUrl(url)) command.picture_ids.push_back(*id);
  }
  return command;
}

}  // namespace

void AddImageRoutes(std::vector<Route>* routes) {
  RouteTable table(routes, kTag);
  for (const std::string_view pattern : {"/api/images/upload", "/api/images/upload/profile"}) {
    table.Post(pattern, Upload, "Upload a picture; data is its id", "uuid",
               {.errors = kUploadErrors, .file_part = kPart});
  }
  static constexpr QueryField kViewFields[] = {{.name = "thumbnail",
                                                .pattern = "trueOrFalse",
                                                .description = "150 x 150 pixels from the middle"}};
  table.Get("/api/images/view/{imageId}", View, "A picture, or its thumbnail with ?thumbnail=true",
            "",
            {.access = Access::kPublic,
             .content_type = kPng,
             .errors = "INVALID_REQUEST IMAGE_NOT_FOUND IMAGE_READING_FAIL",
             .query = kViewFields});
  table.Post("/api/images/view/command/delete/in", WriteFunctions{ReadDeletion, AnswerTrue},
             "Delete pictures of the caller; all others are passed over", "boolean",
             {.request_schema = "PictureDeletionRequest"});
}

}  // namespace dailyfeed::http
