#include "tools/bench/benches.h"

namespace dailyfeed::bench {

const std::vector<Bench>& AllBenches() {
  static const std::vector<Bench> benches = {
      {"append", "durable commands a second, beside raw RocksDB puts", RunAppend},
      {"auth", "access tokens checked beside one HMAC, and refreshes", RunAuth},
      {"fanout", "posts delivered to followers, beside raw RocksDB batches", RunFanout},
      {"feed", "first page of the follow feed, and the memory it takes", RunFeed},
      {"follow", "follows a second, and the first page of a million followers", RunFollow},
      {"http", "the same page over HTTP, beside a bare Beast server", RunHttp},
      {"image", "uploads of pictures, beside libvips alone", RunImage},
      {"ranking", "most popular posts while one is liked all the time, 10,000 and 10 million posts",
       RunRanking},
      {"recover", "from kill -9 to ready on a large log, beside RocksDB alone", RunRecover},
      {"search", "full-text search, beside a vectorised scan of all texts", RunSearch},
  };
  return benches;
}

}  // namespace dailyfeed::bench
