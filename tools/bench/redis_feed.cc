#include "tools/bench/redis_feed.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <hiredis/hiredis.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <string_view>
#include <thread>
#include <utility>

#include "absl/time/clock.h"
#include "core/base/status_macros.h"

namespace dailyfeed::bench {
namespace {

constexpr char kServer[] = "/usr/bin/redis-server";
constexpr absl::Duration kPatience = absl::Seconds(10);

using ReplyPtr = std::unique_ptr<redisReply, void (*)(void*)>;
using ContextPtr = std::unique_ptr<redisContext, void (*)(redisContext*)>;
using Words = std::vector<std::string>;

uint64_t ToNumber(std::string_view text) {
  uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::string_view Text(const redisReply& reply) { return {reply.str, reply.len}; }

// The fields of a HGETALL.
std::map<std::string_view, std::string_view> Fields(const redisReply& reply) {
  std::map<std::string_view, std::string_view> fields;
  for (size_t i = 0; i + 1 < reply.elements; i += 2) {
    fields.emplace(Text(*reply.element[i]), Text(*reply.element[i + 1]));
  }
  return fields;
}

class RedisFeedImpl final : public RedisFeed {
 public:
  explicit RedisFeedImpl(pid_t pid) : pid_(pid) {}
  ~RedisFeedImpl() override {
    context_ = nullptr;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }

  // Waits for the server; `log` is where it says why it does not come.
  absl::Status Connect(int port, const std::string& log) {
    const absl::Time give_up = absl::Now() + kPatience;
    while (absl::Now() < give_up) {
      context_.reset(redisConnect("127.0.0.1", port));
      if (context_ != nullptr && context_->err == 0) return absl::OkStatus();
      std::this_thread::yield();
    }
    return absl::UnavailableError("redis-server did not start, see " + log);
  }

  absl::Status Load(MemberId viewer, const std::vector<PostView>& rows) override;
  absl::StatusOr<std::vector<PostView>> ReadPage(MemberId viewer, size_t size) override;

 private:
  absl::Status Append(const Words& words) {
    std::vector<const char*> texts;
    std::vector<size_t> sizes;
    for (const std::string& word : words) {
      texts.push_back(word.data());
      sizes.push_back(word.size());
    }
    const int appended = redisAppendCommandArgv(context_.get(), static_cast<int>(words.size()),
                                                texts.data(), sizes.data());
    return appended == REDIS_OK ? absl::OkStatus() : Broken();
  }
  absl::StatusOr<ReplyPtr> Next() {
    void* reply = nullptr;
    if (redisGetReply(context_.get(), &reply) != REDIS_OK) return Broken();
    ReplyPtr owned(static_cast<redisReply*>(reply), freeReplyObject);
    if (owned->type == REDIS_REPLY_ERROR) {
      return absl::InternalError("redis: " + std::string(Text(*owned)));
    }
    return owned;
  }
  absl::Status Broken() const {
    return absl::UnavailableError(fmt::format("redis: {}", context_->errstr));
  }
  absl::StatusOr<std::vector<std::shared_ptr<const MemberCard>>> ReadAuthors(
      const std::vector<MemberId>& ids);

  const pid_t pid_;
  ContextPtr context_{nullptr, redisFree};
};

absl::Status RedisFeedImpl::Load(MemberId viewer, const std::vector<PostView>& rows) {
  std::vector<Words> commands;
  for (const PostView& row : rows) {
    const PostBody& post = *row.body;
    commands.push_back({"ZADD", fmt::format("feed:{}", viewer), fmt::format("{}", post.id),
                        fmt::format("{}", post.id)});
    commands.push_back(
        {"HSET", fmt::format("post:{}", post.id), "title", post.title, "content", post.content,
         "author", fmt::format("{}", post.author_id), "created", fmt::format("{}", post.created_at),
         "updated", fmt::format("{}", post.updated_at), "views",
         fmt::format("{}", row.counts.views), "likes", fmt::format("{}", row.counts.likes),
         "comments", fmt::format("{}", row.counts.comments)});
    if (row.liked) {
      commands.push_back({"SADD", fmt::format("liked:{}", viewer), fmt::format("{}", post.id)});
    }
    if (row.author != nullptr) {
      const MemberCard& card = *row.author;
      commands.push_back({"HSET", fmt::format("member:{}", card.id), "handle", card.handle, "name",
                          card.member_name, "display", card.display_name, "avatar",
                          card.avatar_url});
    }
  }
  for (const Words& command : commands) RETURN_IF_ERROR(Append(command));
  for (size_t i = 0; i < commands.size(); ++i) RETURN_IF_ERROR(Next().status());
  return absl::OkStatus();
}

absl::StatusOr<std::vector<PostView>> RedisFeedImpl::ReadPage(MemberId viewer, size_t size) {
  // Scores grow with time; one more than shown says whether a row follows.
  RETURN_IF_ERROR(
      Append({"ZREVRANGE", fmt::format("feed:{}", viewer), "0", fmt::format("{}", size)}));
  ASSIGN_OR_RETURN(const ReplyPtr ids, Next());
  const size_t shown = std::min(size, ids->elements);
  if (shown == 0) return std::vector<PostView>();
  Words liked = {"SMISMEMBER", fmt::format("liked:{}", viewer)};
  for (size_t i = 0; i < shown; ++i) {
    const std::string id(Text(*ids->element[i]));
    RETURN_IF_ERROR(Append({"HGETALL", "post:" + id}));
    liked.push_back(id);
  }
  RETURN_IF_ERROR(Append(liked));
  std::vector<PostView> rows(shown);
  std::vector<MemberId> authors(shown);
  for (size_t i = 0; i < shown; ++i) {
    ASSIGN_OR_RETURN(const ReplyPtr reply, Next());
    auto fields = Fields(*reply);
    auto body = std::make_shared<PostBody>();
    body->id = ToNumber(Text(*ids->element[i]));
    body->author_id = authors[i] = ToNumber(fields["author"]);
    body->title = fields["title"];
    body->content = fields["content"];
    body->created_at = static_cast<TimestampNs>(ToNumber(fields["created"]));
    body->updated_at = static_cast<TimestampNs>(ToNumber(fields["updated"]));
    rows[i].body = std::move(body);
    rows[i].counts = {ToNumber(fields["views"]), ToNumber(fields["likes"]),
                      ToNumber(fields["comments"])};
  }
  ASSIGN_OR_RETURN(const ReplyPtr likes, Next());
  for (size_t i = 0; i < shown; ++i) rows[i].liked = likes->element[i]->integer != 0;
  ASSIGN_OR_RETURN(auto cards, ReadAuthors(authors));
  for (size_t i = 0; i < shown; ++i) rows[i].author = std::move(cards[i]);
  return rows;
}

// Each once.
absl::StatusOr<std::vector<std::shared_ptr<const MemberCard>>> RedisFeedImpl::ReadAuthors(
    const std::vector<MemberId>& ids) {
  std::map<MemberId, std::shared_ptr<const MemberCard>> cards;
  for (const MemberId id : ids) cards[id] = nullptr;
  for (const auto& [id, card] : cards) {
    RETURN_IF_ERROR(Append({"HGETALL", fmt::format("member:{}", id)}));
  }
  for (auto& [id, card] : cards) {
    ASSIGN_OR_RETURN(const ReplyPtr reply, Next());
    auto fields = Fields(*reply);
    auto read = std::make_shared<MemberCard>();
    read->id = id;
    read->handle = fields["handle"];
    read->member_name = fields["name"];
    read->display_name = fields["display"];
    read->avatar_url = fields["avatar"];
    card = std::move(read);
  }
  std::vector<std::shared_ptr<const MemberCard>> in_order;
  for (const MemberId id : ids) in_order.push_back(cards[id]);
  return in_order;
}

// 0: none.
int FreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t bytes = sizeof(address);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  const bool bound = bind(fd, generic, bytes) == 0 && getsockname(fd, generic, &bytes) == 0;
  close(fd);
  return bound ? ntohs(address.sin_port) : 0;
}

}  // namespace

absl::StatusOr<std::unique_ptr<RedisFeed>> RedisFeed::Start(const std::string& directory) {
  if (access(kServer, X_OK) != 0) {
    return absl::NotFoundError("redis-server is not installed (apt-get install redis-server)");
  }
  const int port = FreePort();
  const std::string log = directory + "/redis.log";
  Words words = {kServer,  "--port",       fmt::format("{}", port),
                 "--bind", "127.0.0.1",    "--save",
                 "",       "--appendonly", "no",
                 "--dir",  directory,      "--logfile",
                 log};
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t pid = -1;
  if (posix_spawn(&pid, kServer, nullptr, nullptr, argv.data(), environ) != 0) {
    return absl::UnavailableError("redis-server could not be started");
  }
  auto feed = std::make_unique<RedisFeedImpl>(pid);
  RETURN_IF_ERROR(feed->Connect(port, log));
  return feed;
}

}  // namespace dailyfeed::bench
