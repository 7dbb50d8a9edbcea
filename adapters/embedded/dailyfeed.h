// dailyfeed as a library: one object, one directory.
//
//   dailyfeed::Options options;
//   options.data_directory = "/var/lib/feed";
//   auto feed = dailyfeed::Dailyfeed::Open(options).value();
//   auto kim = feed->SignUp({.email = "kim@example.com", .password = "Secret1!x",
//                            .member_name = "Kim", .handle = "kim"}).value();
//   feed->Execute(lee, dailyfeed::FollowMember{.followee_id = kim});
//   feed->Execute(kim, dailyfeed::PublishPost{.content = "hello"});
//   for (const auto& post : feed->queries().FollowFeed(lee, {}).value().rows) ...
//
// The directory holds log/ (the truth), views/ (read models, rebuilt from the
// log when lost), secrets/ (what must never be in the log) and LOCK. One
// process at a time.
//
// Threads: everything from any thread.
#ifndef DAILYFEED_ADAPTERS_EMBEDDED_DAILYFEED_H_
#define DAILYFEED_ADAPTERS_EMBEDDED_DAILYFEED_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "adapters/identity/identity.h"
#include "adapters/rocksdb/rocks_event_log.h"
#include "adapters/rocksdb/rocks_store.h"
#include "core/domain/errors.h"
#include "core/domain/member/registration.h"
#include "core/engine/engine.h"
#include "projections/queries/queries.h"
#include "projections/runtime/runtime.h"

namespace dailyfeed {

struct Options {
  std::string data_directory;
  std::string time_zone = "Asia/Seoul";  // of every shown time and of days
  EngineOptions engine;
  RuntimeOptions runtime;
  CacheOptions caches;
  IdentityOptions identity;
  RocksLogOptions log;
  RocksStoreOptions views;
};

class Dailyfeed {
 public:
  // Recovers, catches up, is ready when it returns. FAILED_PRECONDITION when
  // another process has the directory; DATA_LOSS when its files are damaged.
  static absl::StatusOr<std::unique_ptr<Dailyfeed>> Open(const Options& options);
  virtual ~Dailyfeed() = default;

  // Every rule that a field breaks, in the field order of the HTTP contract;
  // empty when SignUp would accept the fields. Cheap.
  virtual std::vector<Violation> CheckRegistration(const Registration& registration) const = 0;
  // Checks every field (all violations at once), hashes the password on the
  // calling thread, signs up. kMemberAlreadyExists, kMemberHandleAlreadyExists.
  virtual absl::StatusOr<MemberId> SignUp(const Registration& registration) = 0;
  // The two halves, for callers that must not block: the slow, pure half on
  // any thread, then the command through Submit.
  virtual absl::StatusOr<dailyfeed::SignUp> PrepareSignUp(const Registration& registration) = 0;

  virtual absl::StatusOr<CommandResult> Execute(MemberId actor, Command command) = 0;
  virtual void Submit(Submission submission, Completion done) = 0;

  // The post as the reader sees it, after counting one view unless the reader
  // is its author. Never waits for the disk; the count includes this view and
  // every earlier one.
  virtual absl::StatusOr<PostView> ReadPost(MemberId reader, PostId post) = 0;

  // The live member with this e-mail and password; kMemberPasswordInvalid
  // alike for an unknown e-mail and a wrong password, after the same work.
  virtual absl::StatusOr<MemberId> CheckPassword(std::string_view email,
                                                 std::string_view password) = 0;

  virtual Queries& queries() = 0;
  virtual Engine& engine() = 0;
  virtual Runtime& runtime() = 0;
  virtual Identity& identity() = 0;
  virtual const EventLog& log() const = 0;
  virtual const Options& options() const = 0;

  // Finishes what was accepted and closes. The destructor does the same.
  virtual void Close() = 0;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_EMBEDDED_DAILYFEED_H_
