// One member of the kill test: writes over HTTP until the gateway dies, and
// knows what must be true of them afterwards, because nobody else changes it.
//
//   Worker worker(number, token, id, seed);
//   worker.Load(port, shared_posts, members, stop);   // until the kill
//   worker.Resume(port);                              // what was cut off
//   worker.Check(port);
//
// Threads: one at a time.
#ifndef DAILYFEED_TOOLS_CRASH_TEST_KILL_WORKER_H_
#define DAILYFEED_TOOLS_CRASH_TEST_KILL_WORKER_H_

#include <atomic>
#include <boost/json.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tools/test_support/http_client.h"

namespace dailyfeed {

class Worker {
 public:
  Worker(int number, std::string token, int64_t id, uint64_t seed)
      : number_(number), token_(std::move(token)), id_(id), random_(seed) {}

  int64_t id() const { return id_; }
  const std::set<int64_t>& liked() const { return liked_; }
  uint64_t acknowledged() const { return acknowledged_; }
  test_support::HttpHeaders Headers() const { return {{"Authorization", token_}}; }

  // Writes until the connection breaks or `stop`. Likes go to the `shared`
  // posts, follows to the `members`.
  void Load(uint16_t port, const std::vector<int64_t>& shared, const std::vector<int64_t>& members,
            const std::atomic<bool>& stop);
  // Sends the write that was cut off again, with its key.
  void Resume(uint16_t port);
  // Own posts, comments, replies and followings are those that were
  // acknowledged, each once.
  void Check(uint16_t port);

 private:
  // One write, complete enough to be sent again.
  struct Write {
    enum class Kind { kPost, kEdit, kDelete, kLike, kUnlike, kFollow, kUnfollow, kComment, kReply };
    Kind kind;
    std::string method, path, body;
    std::string key;
    int64_t target = 0;
    std::string text;
  };
  struct Comment {
    int64_t id;
    int64_t parent;  // 0: of the post itself
    std::string text;
  };
  using Comments = std::vector<Comment>;

  Write Next(const std::vector<int64_t>& shared, const std::vector<int64_t>& members);
  Write Post(const std::string& key) const;
  Write Edit(const std::string& key, int64_t post) const;
  Write AddComment(const std::string& key, int64_t post) const;
  Write Reply(const std::string& key, int64_t post, int64_t parent) const;
  Write ToggleLike(const std::string& key, int64_t post) const;
  Write ToggleFollow(const std::string& key, int64_t member) const;

  void Send(test_support::HttpClient& client, const Write& write);
  void Apply(const Write& write, const boost::json::value& data);

  // Every row of a list, page after page by cursor.
  std::vector<boost::json::value> List(test_support::HttpClient& client, const std::string& path);
  std::vector<std::string> Texts(test_support::HttpClient& client, const std::string& path);
  void CheckPosts(test_support::HttpClient& client);
  void CheckFollowings(test_support::HttpClient& client);
  void CheckComments(test_support::HttpClient& client, int64_t post, const Comments& comments);

  const int number_;
  const std::string token_;
  const int64_t id_;
  std::mt19937_64 random_;
  uint64_t writes_ = 0;
  uint64_t acknowledged_ = 0;
  // Sent but not answered before the kill.
  std::optional<Write> cut_off_;
  std::map<int64_t, std::string> posts_;
  std::set<int64_t> liked_;
  std::set<int64_t> followings_;
  std::map<int64_t, Comments> comments_;  // by post
};

}  // namespace dailyfeed

#endif  // DAILYFEED_TOOLS_CRASH_TEST_KILL_WORKER_H_
