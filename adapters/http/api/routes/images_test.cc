// Upload, view and deletion of pictures, over a socket.
#include <fstream>
#include <thread>

#include "absl/strings/ascii.h"
#include "adapters/http/testing/api_test_util.h"
#include "adapters/images/test_pictures.h"

namespace dailyfeed::http {
namespace {

namespace fs = std::filesystem;

constexpr char kNobodysId[] = "0b6e1f00-8a43-4f0e-9b1d-0d6b0f3f2aff";
constexpr char kForm[] = "multipart/form-data; boundary=----feed";
constexpr size_t kFileBytesMax = 10'485'760;

class ApiImagesTest : public ApiTest {
 protected:
  ApiImagesTest() { options_.maintenance_interval = absl::Milliseconds(5); }

  static std::string Form(std::string_view file, std::string_view name = "image") {
    return fmt::format(
        "------feed\r\nContent-Disposition: form-data; name=\"{}\"; filename=\"../../a.txt\"\r\n"
        "Content-Type: text/plain\r\n\r\n{}\r\n------feed--\r\n",
        name, file);
  }
  HttpReply Upload(const Person& person, std::string_view file, HttpHeaders headers = {},
                   std::string_view path = "/api/images/upload") {
    headers.emplace_back("Content-Type", kForm);
    return Send("POST", path, As(person, std::move(headers)), Form(file));
  }
  std::string UploadedId(const Person& person, std::string_view file) {
    const boost::json::value id = Data(Upload(person, file));
    EXPECT_TRUE(id.is_string());
    return id.is_string() ? std::string(id.get_string()) : std::string(kNobodysId);
  }
  HttpReply View(std::string_view id, HttpHeaders headers = {}) {
    return Send("GET", fmt::format("/api/images/view/{}", id), std::move(headers));
  }
  HttpReply DeleteIn(const Person& person, std::string_view urls, HttpHeaders headers = {}) {
    return Send("POST", "/api/images/view/command/delete/in", As(person, std::move(headers)),
                fmt::format(R"({{"imageUrls":{}}})", urls));
  }
  // Those of pictures: whose they are stands in one more.
  size_t Files() {
    size_t files = 0;
    for (const auto& entry : fs::recursive_directory_iterator(directory_ / "feed" / "pictures")) {
      files += entry.is_regular_file() && entry.path().filename() != "OWNER" ? 1 : 0;
    }
    return files;
  }
  // The maintenance removes files behind the answer.
  void ExpectFiles(size_t files) {
    for (int i = 0; i < 2000 && Files() != files; ++i) {
      Send("GET", "/livez");  // some time, and a server that goes on
    }
    EXPECT_EQ(Files(), files);
  }
  const std::string red_ = EncodePng(Plain(700, 350, kRed));
  const std::string green_ = EncodePng(Plain(20, 20, kGreen));
};

TEST_F(ApiImagesTest, WhatIsUploadedIsShown) {
  const Person kim = Join("kim");
  const HttpReply uploaded = Upload(kim, red_);
  const std::string id(Data(uploaded).as_string());
  ExpectData(uploaded, 200, fmt::format("\"{}\"", id));
  const HttpReply picture = View(id);
  EXPECT_EQ(picture.status, 200);
  const Raster shown = Decode(picture.body);
  EXPECT_EQ(shown.width, 350);
  EXPECT_EQ(shown.height, 175);
  EXPECT_TRUE(IsNear(shown, 100, 100, kRed));
  const Raster thumbnail = Decode(View(id + "?thumbnail=true").body);
  EXPECT_EQ(thumbnail.width, 150);
  EXPECT_EQ(thumbnail.height, 150);
  EXPECT_EQ(View(id + "?thumbnail=false").body, picture.body);
  EXPECT_EQ(View(id + "/?thumbnail=").body, picture.body);
  ExpectError(View(id + "?thumbnail=perhaps"), 400, "INVALID_REQUEST");
}

TEST_F(ApiImagesTest, TheAnswerHasTheHeadersOfPicturesAndNoOthers) {
  const std::string id = UploadedId(Join("kim"), green_);
  // No token, another case, a browser of another origin that is allowed.
  for (const HttpReply& reply :
       {View(id), View(absl::AsciiStrToUpper(id)), Send("HEAD", "/api/images/view/" + id)}) {
    EXPECT_EQ(reply.status, 200);
    std::string names;
    for (const auto& [name, value] : reply.headers) names += name + " ";
    EXPECT_EQ(names,
              "Date Content-Type Content-Length X-Content-Type-Options X-XSS-Protection "
              "X-Frame-Options Referrer-Policy Content-Disposition Cache-Control ");
    EXPECT_EQ(reply.Header("Content-Type"), "image/png");
    EXPECT_EQ(reply.Header("Content-Disposition"), fmt::format("inline; filename=\"{}\"", id));
    EXPECT_EQ(reply.Header("Cache-Control"), "public, max-age=86400, immutable");
    EXPECT_EQ(reply.Header("Content-Length"), std::to_string(View(id).body.size()));
  }
  EXPECT_TRUE(Send("HEAD", "/api/images/view/" + id).body.empty());
  const HttpReply cross = View(id, {{"Origin", "http://localhost:3000"}});
  EXPECT_EQ(cross.Header("Access-Control-Allow-Origin"), "http://localhost:3000");
  EXPECT_EQ(View(id, {{"Authorization", "Bearer nonsense"}}).status, 200);
}

// A sound picture whose files cannot be stored: not the client's fault, nothing
// is announced, and the next one finds a server that goes on.
TEST_F(ApiImagesTest, WhatCannotBeStoredIs500AndLeavesNothing) {
  const Person kim = Join("kim");
  const std::string before = UploadedId(kim, red_);
  const size_t files = Files();
  const fs::path temporary = directory_ / "feed" / "pictures" / "tmp";
  ASSERT_TRUE(fs::is_directory(temporary));
  fs::rename(temporary, directory_ / "taken away");
  std::ofstream(temporary) << "no directory";
  const Position head = feed_->log().Head();
  const HttpHeaders key = {{"Idempotency-Key", "again"}};
  ExpectError(Upload(kim, green_, key), 500, "IMAGE_PROCESSING_FAIL");
  ExpectUnchanged(head);
  EXPECT_EQ(feed_->stats().pictures.failures, 1u);
  EXPECT_EQ(View(before).status, 200);
  fs::remove(temporary);
  fs::rename(directory_ / "taken away", temporary);
  ExpectFiles(files);
  // The same request again: a failure is not what a key remembers.
  const HttpReply again = Upload(kim, green_, key);
  EXPECT_EQ(again.status, 200) << again.body;
  EXPECT_EQ(View(std::string(Data(again).as_string())).status, 200);
  ExpectFiles(files + 2);
}

// The picture before goes with the change of the profile, and only if it was
// one's own and is not the one in use.
TEST_F(ApiImagesTest, ThePreviousAvatarGoesWithTheUpdate) {
  const Person kim = Join("kim");
  const Person lee = Join("lee");
  const std::string of_lee = UploadedId(lee, EncodePng(Noise(30, 30, 7)));
  const std::string first = UploadedId(kim, red_);
  const std::string second = UploadedId(kim, green_);
  const auto url = [](std::string_view id) { return fmt::format("/api/images/view/{}", id); };
  const auto update = [&](std::string_view avatar, const std::vector<std::string>& previous) {
    std::string list;
    for (const std::string& id : previous) {
      list += fmt::format("{}\"{}\"", list.empty() ? "" : ",", url(id));
    }
    const HttpReply reply = Put(
        "/api/members/profile",
        fmt::format(R"({{"avatarUrl":"{}","previousAvatarUrl":[{}]}})", url(avatar), list), kim);
    EXPECT_EQ(reply.status, 200) << reply.body;
    EXPECT_EQ(std::string(Data(reply).as_object().at("avatarUrl").as_string()), url(avatar));
  };
  const size_t files = Files();
  update(first, {});
  EXPECT_EQ(View(first).status, 200);
  // In use, somebody else's, nobody's.
  update(first, {first, of_lee, kNobodysId});
  for (const std::string& id : {first, second, of_lee}) EXPECT_EQ(View(id).status, 200) << id;
  ExpectFiles(files);
  update(second, {first});
  ExpectError(View(first), 404, "IMAGE_NOT_FOUND");
  ExpectError(View(first + "?thumbnail=true"), 404, "IMAGE_NOT_FOUND");
  for (const std::string& id : {second, of_lee}) EXPECT_EQ(View(id).status, 200) << id;
  ExpectFiles(files - 2);
}

TEST_F(ApiImagesTest, UnknownIdsAndIdsThatAreNone) {
  for (const char* id : {kNobodysId, "1", "x", "..%2F..%2Fsecrets", "0b6e1f00"}) {
    const HttpReply reply = View(id);
    ExpectError(reply, 404, "IMAGE_NOT_FOUND");
    EXPECT_EQ(reply.Header("Cache-Control"), "no-cache, no-store, max-age=0, must-revalidate");
  }
}

TEST_F(ApiImagesTest, OneRangeOfBytes) {
  const std::string id = UploadedId(Join("kim"), red_);
  const std::string whole = View(id).body;
  const HttpReply part = View(id, {{"Range", "bytes=1-3"}});
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, "PNG");
  EXPECT_EQ(part.Header("Content-Range"), fmt::format("bytes 1-3/{}", whole.size()));
  EXPECT_EQ(part.Header("Cache-Control"), "public, max-age=86400, immutable");
  EXPECT_EQ(View(id, {{"Range", "bytes=-4"}}).body, whole.substr(whole.size() - 4));
  const HttpReply beyond = View(id, {{"Range", fmt::format("bytes={}-", whole.size())}});
  ExpectError(beyond, 416, "INVALID_REQUEST");
  EXPECT_EQ(beyond.Header("Content-Range"), fmt::format("bytes */{}", whole.size()));
  for (const char* range : {"bytes=0-1,4-5", "items=0-1", "bytes=9-1"}) {
    EXPECT_EQ(View(id, {{"Range", range}}).body, whole) << range;
  }
  EXPECT_EQ(View(id, {{"Range", "bytes=0-1"}, {"If-Range", "\"x\""}}).body, whole);
}

TEST_F(ApiImagesTest, EveryRefusalOfTheContract) {
  const Person kim = Join("kim");
  const Position head = feed_->log().Head();
  const std::string jpeg = EncodeJpeg(Noise(300, 200, 1));
  std::string huge = green_;
  huge.replace(16, 8, std::string("\x00\x00\xea\x60\x00\x00\xea\x60", 8));
  const struct {
    std::string file;
    int status;
    const char* code;
  } cases[] = {
      {"", 400, "EMPTY_IMAGE_FILE"},
      {"\xff\xd8", 400, "FILE_TOO_SMALL"},
      {"%PDF-1.4", 400, "INVALID_IMAGE_SIGNATURE"},
      {jpeg.substr(0, jpeg.size() / 2), 400, "CORRUPTED_IMAGE"},
      {"\x89PNG\r\n\x1a\nnonsense", 400, "CORRUPTED_IMAGE"},
      {huge, 400, "THUMBNAIL_PROCESS_FAIL"},
      {jpeg + std::string(kFileBytesMax + 1 - jpeg.size(), 'x'), 413, "PAYLOAD_TOO_LARGE"},
  };
  for (const auto& c : cases) ExpectError(Upload(kim, c.file), c.status, c.code);
  ExpectUnchanged(head);
  EXPECT_EQ(Files(), 0u);
  // Mislabelled is not refused: the signature counts.
  EXPECT_EQ(Upload(kim, jpeg).status, 200);
  EXPECT_EQ(Upload(kim, jpeg, {}, "/api/images/upload/profile/").status, 200);
  EXPECT_EQ(Upload(kim, jpeg + std::string(kFileBytesMax - jpeg.size(), 'x')).status, 200);
}

TEST_F(ApiImagesTest, WhatIsNoFormWithAnImageIsRefused) {
  const Person kim = Join("kim");
  const auto send = [&](const char* type, std::string_view body) {
    return Send("POST", "/api/images/upload", As(kim, {{"Content-Type", type}}), body);
  };
  ExpectError(send("application/json", Form(green_)), 400, "INVALID_REQUEST");
  ExpectError(send("multipart/form-data", Form(green_)), 400, "INVALID_REQUEST");
  ExpectError(send(kForm, Form(green_, "file")), 400, "INVALID_REQUEST");
  ExpectError(send(kForm, ""), 400, "INVALID_REQUEST");
  ExpectError(send(kForm, Form(green_).substr(0, 200)), 400, "INVALID_REQUEST");
  ExpectError(Send("POST", "/api/images/upload", {{"Content-Type", kForm}}, Form(green_)), 401,
              "BEARER_TOKEN_MISSING");
  ExpectError(Send("GET", "/api/images/upload", As(kim)), 405, "METHOD_NOT_ALLOWED");
}

TEST_F(ApiImagesTest, BodiesBeyondEveryUploadAreRefusedBeforeTheyAreRead) {
  const Person kim = Join("kim");
  ASSERT_TRUE(client_->Connect().ok());
  ASSERT_TRUE(client_
                  ->Send(fmt::format("POST /api/images/upload HTTP/1.1\r\nHost: x\r\n"
                                     "Authorization: Bearer {}\r\nContent-Type: {}\r\n"
                                     "Content-Length: 20000000\r\n\r\n",
                                     kim.token, kForm))
                  .ok());
  const absl::StatusOr<HttpReply> reply = client_->Receive();
  ASSERT_TRUE(reply.ok()) << reply.status();
  ExpectError(*reply, 413, "PAYLOAD_TOO_LARGE");
  client_->Close();
  // The larger limit is that of uploads only.
  ExpectError(Post("/api/posts", std::string(2'000'000, ' '), kim), 413, "PAYLOAD_TOO_LARGE");
}

TEST_F(ApiImagesTest, OnlyTheOwnerDeletesAndNobodyIsToldOthers) {
  const Person kim = Join("kim"), lee = Join("lee");
  const std::string mine = UploadedId(kim, red_), kept = UploadedId(kim, green_);
  const std::string foreign = UploadedId(lee, EncodePng(Plain(9, 9, kBlue)));
  const HttpReply reply = DeleteIn(
      kim,
      fmt::format(R"(["/api/proxy/images/view/{}.png?thumbnail=true","{}","{}","no-image",""])",
                  mine, foreign, kNobodysId));
  ExpectData(reply, 200, "true");
  ExpectError(View(mine), 404, "IMAGE_NOT_FOUND");
  EXPECT_EQ(View(foreign).status, 200);
  EXPECT_EQ(View(kept).status, 200);
  ExpectFiles(4);
  // Nothing left to do is fine, too.
  const Position head = feed_->log().Head();
  for (const std::string& urls :
       {fmt::format("[\"{}\"]", mine), std::string("[]"), std::string("null")}) {
    ExpectData(DeleteIn(kim, urls), 200, "true");
  }
  ExpectData(Post("/api/images/view/command/delete/in", "{}", kim), 200, "true");
  ExpectUnchanged(head);
}

TEST_F(ApiImagesTest, BadDeletionsAreRefused) {
  const Person kim = Join("kim");
  std::string many = "[\"x\"";
  for (int i = 1; i < 1000; ++i) many += ",\"x\"";
  ExpectData(DeleteIn(kim, many + "]"), 200, "true");
  ExpectError(DeleteIn(kim, many + ",\"x\"]"), 400, "INVALID_REQUEST");
  ExpectError(DeleteIn(kim, "\"x\""), 400, "INVALID_REQUEST");
  ExpectError(DeleteIn(kim, "[1]"), 400, "INVALID_REQUEST");
  ExpectError(Send("POST", "/api/images/view/command/delete/in", {}, "{}"), 401,
              "BEARER_TOKEN_MISSING");
}

TEST_F(ApiImagesTest, TheSamePictureOfTwoMembersIsOneFileUntilBothAreGone) {
  const Person kim = Join("kim"), lee = Join("lee");
  const std::string one = UploadedId(kim, red_), two = UploadedId(lee, red_);
  EXPECT_NE(one, two);
  ExpectFiles(2);
  DeleteIn(kim, fmt::format("[\"{}\"]", one));
  EXPECT_EQ(View(two).status, 200);
  DeleteIn(lee, fmt::format("[\"{}\"]", two));
  ExpectFiles(0);
}

TEST_F(ApiImagesTest, WithTheirOwnerPicturesAndTheirFilesGo) {
  const Person kim = Join("kim"), lee = Join("lee");
  const std::string shared = UploadedId(kim, red_), own = UploadedId(kim, green_);
  const std::string kept = UploadedId(lee, red_);
  ExpectFiles(4);
  ASSERT_TRUE(feed_->Execute(kim.id, WithdrawMember{}).ok());
  ExpectError(View(shared), 404, "IMAGE_NOT_FOUND");
  ExpectError(View(own), 404, "IMAGE_NOT_FOUND");
  EXPECT_EQ(View(kept).status, 200);
  ExpectFiles(2);
}

TEST_F(ApiImagesTest, ARepeatIsAnsweredWithTheFirstPicture) {
  const Person kim = Join("kim"), lee = Join("lee");
  const HttpReply first = Upload(kim, red_, {{"Idempotency-Key", "k"}});
  const Position head = feed_->log().Head();
  EXPECT_EQ(Upload(kim, red_, {{"Idempotency-Key", "k"}}).body, first.body);
  // A client that builds its form anew has another boundary.
  std::string form = Form(red_);
  while (form.find("----feed") != std::string::npos)
    form.replace(form.find("----feed"), 8, "--new");
  EXPECT_EQ(Send("POST", "/api/images/upload",
                 As(kim, {{"Idempotency-Key", "k"},
                          {"Content-Type", "multipart/form-data; boundary=--new"}}),
                 form)
                .body,
            first.body);
  ExpectError(Upload(kim, green_, {{"Idempotency-Key", "k"}}), 422, "IDEMPOTENCY_KEY_REUSED");
  ExpectError(Upload(kim, red_, {{"Idempotency-Key", "k"}}, "/api/images/upload/profile"), 422,
              "IDEMPOTENCY_KEY_REUSED");
  ExpectError(Upload(kim, red_, {{"Idempotency-Key", "no spaces"}}), 400, "INVALID_REQUEST");
  ExpectUnchanged(head);
  EXPECT_NE(Upload(lee, red_, {{"Idempotency-Key", "k"}}).body, first.body);
  ExpectFiles(2);
  Restart();
  EXPECT_EQ(Upload(kim, red_, {{"Idempotency-Key", "k"}}).body, first.body);
}

TEST_F(ApiImagesTest, PicturesSurviveARestart) {
  const std::string id = UploadedId(Join("kim"), red_);
  const std::string shown = View(id).body;
  Restart();
  EXPECT_EQ(View(id).body, shown);
}

TEST_F(ApiImagesTest, ALostFileIsAnErrorOfTheServer) {
  const std::string id = UploadedId(Join("kim"), red_);
  fs::remove_all(directory_ / "feed" / "pictures");
  const HttpReply reply = View(id);
  ExpectError(reply, 500, "IMAGE_READING_FAIL");
  EXPECT_EQ(reply.body.find("pictures"), std::string::npos) << "no path in a message";
}

TEST_F(ApiImagesTest, AFullQueueIsAnsweredAtOnce) {
  api_options_.picture_threads = 1;
  api_options_.picture_queue_max = 1;
  Restart();
  const Person kim = Join("kim");
  const std::string slow = EncodePng(Noise(2000, 1500, 1));
  std::atomic<int> served = 0, refused = 0;
  std::vector<std::thread> clients;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([&] {
      HttpClient client(server_->port());
      const auto reply = client.Request("POST", "/api/images/upload",
                                        As(kim, {{"Content-Type", kForm}}), Form(slow));
      ASSERT_TRUE(reply.ok()) << reply.status();
      if (reply->status == 200) ++served;
      if (reply->status != 503) return;
      ++refused;
      EXPECT_FALSE(reply->Header("Retry-After").empty());
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(served + refused, 8);
  EXPECT_GE(served, 1);
  EXPECT_GE(refused, 1);
}

TEST_F(ApiImagesTest, OneMembersUploadsAreNoReasonToRefuseAnothers) {
  api_options_.picture_threads = 2;
  api_options_.picture_queue_max = 8;
  api_options_.picture_jobs_per_member_max = 2;
  Restart();
  const Person kim = Join("kim"), lee = Join("lee");
  const std::string slow = EncodePng(Noise(1000, 800, 1));
  std::atomic<int> answered = 0;
  std::vector<std::thread> clients;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([&] {
      HttpClient client(server_->port());
      const auto reply = client.Request("POST", "/api/images/upload",
                                        As(kim, {{"Content-Type", kForm}}), Form(slow));
      ASSERT_TRUE(reply.ok()) << reply.status();
      EXPECT_TRUE(reply->status == 200 || reply->status == 503) << reply->status;
      ++answered;
    });
  }
  // In the queue of 8 there is always a place that kim cannot have.
  do {
    EXPECT_EQ(Upload(lee, green_).status, 200);
  } while (answered < 8);
  for (std::thread& client : clients) client.join();
}

}  // namespace
}  // namespace dailyfeed::http
