// A program that has a feed inside: links //:dailyfeed, opens a directory, and
// does the main job. The part between the markers is the snippet of README.md.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "adapters/embedded/dailyfeed.h"

namespace {

template <typename T>
T OrDie(absl::StatusOr<T> result) {
  if (result.ok()) return *std::move(result);
  std::fprintf(stderr, "host_example: %s\n", std::string(result.status().message()).c_str());
  std::exit(1);
}

void Run(const std::string& directory) {
  // README-BEGIN
  dailyfeed::Options options;
  options.data_directory = directory;
  auto feed = OrDie(dailyfeed::Dailyfeed::Open(options));

  auto kim = OrDie(feed->SignUp({.email = "kim@example.com",
                                 .password = "Secret1!x",
                                 .member_name = "Kim Minji",
                                 .handle = "kim"}));
  auto lee = OrDie(feed->SignUp({.email = "lee@example.com",
                                 .password = "Secret1!x",
                                 .member_name = "Lee Junho",
                                 .handle = "lee"}));
  OrDie(feed->Execute(lee, dailyfeed::FollowMember{.followee_id = kim}));
  auto post =
      OrDie(feed->Execute(kim, dailyfeed::PublishPost{.content = "안녕, world"})).subject_id;
  OrDie(feed->Execute(lee, dailyfeed::LikePost{.post_id = post}));
  OrDie(feed->Execute(lee, dailyfeed::AddComment{.post_id = post, .content = "Welcome!"}));

  for (const dailyfeed::PostView& row : OrDie(feed->queries().FollowFeed(lee, {})).rows) {
    std::printf("@%s: %s (%llu like, %llu comment)\n", row.author->handle.c_str(),
                row.body->content.c_str(), static_cast<unsigned long long>(row.counts.likes),
                static_cast<unsigned long long>(row.counts.comments));
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
