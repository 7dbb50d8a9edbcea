// A program that has a feed inside: links //:dailyfeed, or an installed libdailyfeed
// (tools/install), opens a directory, and does the main job. The part between the
// markers is the snippet of README.md.
#include <dailyfeed/feed.h>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace {

void OrDie(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "host_example: %s\n", std::string(status.message()).c_str());
  std::exit(1);
}

template <typename T>
T OrDie(absl::StatusOr<T> result) {
  OrDie(result.status());
  return *std::move(result);
}

void Run(const std::string& directory) {
  // README-BEGIN
  auto feed = OrDie(dailyfeed::Feed::Open({.directory = directory}));

  dailyfeed::Member kim = OrDie(feed->SignUp(
      {.email = "kim@example.com", .password = "Secret1!x", .name = "Kim Minji", .handle = "kim"}));
  dailyfeed::Member lee = OrDie(feed->SignUp(
      {.email = "lee@example.com", .password = "Secret1!x", .name = "Lee Junho", .handle = "lee"}));
  OrDie(feed->Follow(lee, kim).get());
  dailyfeed::Post post = OrDie(feed->Publish(kim, {.content = "안녕, world"}).get());
  OrDie(feed->Like(lee, post).get());
  OrDie(feed->AddComment(lee, post, "Welcome!").get());

  for (const dailyfeed::FeedPost& row : OrDie(feed->FollowFeed(lee)).rows) {
    std::printf("@%s: %s (%llu like, %llu comment)\n", row.author_handle.c_str(),
                row.content.c_str(), static_cast<unsigned long long>(row.likes),
                static_cast<unsigned long long>(row.comments));
  }
  // README-END
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr,
                 "usage: host_example DIRECTORY\n"
                 "Signs up two members in a feed kept in DIRECTORY (made when missing; its parent\n"
                 "must exist), follows, publishes, likes, comments and prints the follow feed.\n");
    return 2;
  }
  Run(argv[1]);
  return 0;
}
