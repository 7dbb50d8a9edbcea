// Uploads pictures until it is killed, for picture_crash_test.
//
//   picture_uploader DIRECTORY add       prints the id of each picture the log has
//   picture_uploader DIRECTORY prepare   stores the files of one, prints its id, and
//                                        waits; the command is never sent
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "absl/strings/escaping.h"
#include "adapters/embedded/dailyfeed.h"
#include "adapters/images/test_pictures.h"

namespace dailyfeed {
namespace {

template <typename T>
T OrDie(absl::StatusOr<T> value) {
  if (value.ok()) return *std::move(value);
  std::fprintf(stderr, "%s\n", std::string(value.status().message()).c_str());
  std::exit(1);
}

void Say(const std::string& id) {
  std::printf("%s\n", std::string(absl::BytesToHexString(id)).c_str());
  std::fflush(stdout);
}

void Run(const std::string& directory, bool add) {
  Options options;
  options.data_directory = directory;
  options.identity.argon2_operations = 1;
  options.identity.argon2_memory_bytes = 8192;
  const auto feed = OrDie(Dailyfeed::Open(options));
  const Position head = feed->log().Head();
  const MemberId kim = head > 0 ? 1
                                : OrDie(feed->SignUp({.email = "kim@example.com",
                                                      .password = "Secret1!x",
                                                      .member_name = "Kim Minji",
                                                      .handle = "kim",
                                                      .gender = "OTHER",
                                                      .country_code = "KR"}));
  for (uint32_t i = 0;; ++i) {
    const auto seed = static_cast<uint32_t>(head) * 1000 + i;
    AddPicture picture = OrDie(feed->PreparePicture(EncodePng(Noise(30, 20, seed))));
    const std::string id = picture.picture_id;
    if (!add) {
      Say(id);
      for (;;) ::pause();
    }
    OrDie(feed->Execute(kim, std::move(picture)));
    Say(id);
  }
}

}  // namespace
}  // namespace dailyfeed

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  dailyfeed::Run(argv[1], std::string_view(argv[2]) == "add");
}
