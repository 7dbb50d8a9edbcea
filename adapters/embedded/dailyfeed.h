// dailyfeed as a library: one object, one directory.
//
//   dailyfeed::Options options;
//   options.data_directory = "/var/lib/feed";
//   auto feed = dailyfeed::Dailyfeed::Open(options).value();
//   auto kim = feed->SignUp({.email = "kim@example.com", .password = "Secret1!x",
//                            .member_name = "Kim", .handle = "kim"}).value();
//   feed->Execute(lee, dailyfeed::FollowMember{.followee_id = kim}).value();
//   feed->Execute(kim, dailyfeed::PublishPost{.content = "hello"}).value();
//   for (const auto& post : feed->queries().FollowFeed(lee, {}).value().rows) ...
//
// The directory holds log/ (the truth), views/ (read models, rebuilt from the
// log when lost), secrets/ (what must never be in the log, and must not be
// lost either), pictures/ (the files that the log names) and LOCK. One process
// at a time.
//
// Threads: everything from any thread.
#ifndef DAILYFEED_ADAPTERS_EMBEDDED_DAILYFEED_H_
#define DAILYFEED_ADAPTERS_EMBEDDED_DAILYFEED_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "adapters/embedded/backup.h"
#include "adapters/embedded/disk_reserve.h"
#include "adapters/embedded/feed_pictures.h"
#include "adapters/embedded/forms/profile_changes.h"
#include "adapters/embedded/forms/registration.h"
#include "adapters/embedded/withdrawals.h"
#include "adapters/identity/identity.h"
#include "adapters/rocksdb/log/rocks_event_log.h"
#include "adapters/rocksdb/store/rocks_store.h"
#include "core/domain/errors.h"
#include "core/engine/engine.h"
#include "projections/live/live_feed.h"
#include "projections/queries/queries.h"
#include "projections/runtime/runtime.h"

namespace dailyfeed {

struct Popularity {
  uint32_t view_weight = 1;
  uint32_t like_weight = 2;
};

struct Options {
  std::string data_directory;
  // Of every shown time and of days. A directory keeps the one it was made with.
  std::string time_zone = "Asia/Seoul";
  EngineOptions engine;
  RuntimeOptions runtime;
  CacheOptions caches;
  SearchOptions search;
  // score = view_weight * views + like_weight * likes. Other weights have the
  // ranked lists built anew when it opens.
  Popularity popularity;
  LiveOptions live;
  IdentityOptions identity;  // its idempotency_retention is the engine's
  RocksLogOptions log;
  RocksStoreOptions views;
  // Every write is synced, whatever sync_every_write says.
  RocksStoreOptions secrets = {.memtable_bytes = 4u << 20, .block_cache_bytes = 8u << 20};
  PictureOptions pictures;
  DiskOptions disk;
  // How often signing keys, sessions and left-overs are looked after.
  absl::Duration maintenance_interval = absl::Seconds(1);
  // Withdrawals that somebody waits for; beyond: RESOURCE_EXHAUSTED.
  size_t withdrawals_waiting_max = 1024;
  // Withdrawals that are answered and whose files are still to be rewritten:
  // they wait until nobody waits for an answer, or until there are so many.
  size_t withdrawals_unerased_max = 256;
  // Refused sign-ups whose key and password are still to be destroyed, which
  // the next maintenance does; of more they are left: nobody can use them.
  size_t orphans_waiting_max = 4096;
};

struct DailyfeedStats {
  uint64_t views_dropped = 0;  // not counted: the engine refused them
  // Reads, logins and logouts that are in no event: the engine refused them.
  uint64_t activities_dropped = 0;
  uint64_t orphans_destroyed = 0;  // keys of sign-ups that were refused
  uint64_t orphans_waiting = 0;
  uint64_t maintenance_failures = 0;
  uint64_t withdrawals_waiting = 0;    // somebody waits for the answer
  uint64_t withdrawals_unerased = 0;   // answered; their files are still to be rewritten
  uint64_t withdrawals_completed = 0;  // nothing is left of them
  uint64_t withdrawal_failures = 0;    // steps that failed and are tried again
  LiveStats live;
  PictureStats pictures;
  SearchStats search;
  // The bytes on disk of each part. From counters: nobody looks at files.
  uint64_t log_bytes = 0;
  uint64_t views_bytes = 0;
  uint64_t secrets_bytes = 0;
  uint64_t pictures_bytes = 0;
  uint64_t disk_free_bytes = 0;  // for this user, where the data directory is
};

struct LoggedIn {
  MemberId member = 0;
  IssuedTokens tokens;
};

class Dailyfeed {
 public:
  // Recovers, catches up, is ready when it returns. INVALID_ARGUMENT names an
  // option that makes no sense; NOT_FOUND: the parent of the directory or the
  // time zone does not exist; PERMISSION_DENIED; FAILED_PRECONDITION: another
  // process has the directory, or it was made with another time zone; DATA_LOSS:
  // its files are damaged or missing.
  static absl::StatusOr<std::unique_ptr<Dailyfeed>> Open(const Options& options);
  virtual ~Dailyfeed() = default;

  // Every rule that a field breaks, in the field order of the HTTP contract;
  // empty when SignUp would accept the fields. Cheap.
  virtual std::vector<Violation> CheckRegistration(const Registration& registration) const = 0;
  // Checks every field (all violations at once), then whether e-mail and handle
  // are free, hashes the password on the calling thread, signs up.
  // kMemberAlreadyExists, kMemberHandleAlreadyExists.
  virtual absl::StatusOr<MemberId> SignUp(const Registration& registration) = 0;
  // The parts, for callers that must not block or that send an idempotency key.
  //
  // Whether e-mail and handle are free now: kMemberAlreadyExists, then
  // kMemberHandleAlreadyExists. Cheap; spares the hashing. Not for a request
  // with an idempotency key: the repeat of one that succeeded would be refused
  // instead of answered.
  virtual absl::Status CheckAvailable(const Registration& registration) const = 0;
  // The slow half, on any thread: checks every field, hashes the password,
  // makes the personal key. The command is then sent once, through Submit or
  // Execute of this object: when it is refused, key and password are destroyed
  // and a new attempt must be prepared again. A process that dies between the
  // halves leaves one row in secrets/ that belongs to nobody and harms nobody.
  virtual absl::StatusOr<dailyfeed::SignUp> PrepareSignUp(const Registration& registration) = 0;

  // Every rule that a change breaks, in the field order of the HTTP contract;
  // empty when UpdateProfile would accept them. Cheap.
  virtual std::vector<Violation> CheckProfileChanges(const ProfileChanges& changes) const = 0;
  // Checks every field (all violations at once) and changes the profile.
  // kMemberNotFound.
  virtual absl::Status UpdateProfile(MemberId member, const ProfileChanges& changes) = 0;
  // Its first half, for callers that must not block: checks and seals. Reads a
  // row or two. The command is then sent through Submit.
  virtual absl::StatusOr<dailyfeed::UpdateProfile> PrepareUpdateProfile(
      MemberId member, const ProfileChanges& changes) = 0;

  // For what a host remembers of a member: readable until they withdraw and
  // never after. kMemberNotFound: not a live member. Reads a row or two.
  virtual absl::StatusOr<std::string> SealFor(MemberId member, std::string_view clear) const = 0;
  // nullopt: the member has withdrawn. INVALID_ARGUMENT: not sealed for them.
  virtual absl::StatusOr<std::optional<std::string>> UnsealFor(MemberId member,
                                                               std::string_view sealed) const = 0;

  // Withdraws the member for good. `done` is called when nothing of them is
  // visible any more: profile, handle and e-mail are free, every session has
  // ended, the personal key is destroyed, all relations are gone and counted
  // off. What still lies in files in the clear is erased within the next rounds
  // of maintenance; the log then says so (MemberErased). When a step behind
  // the log fails, `done` gets UNAVAILABLE and the step is tried again, also by
  // the next Open, before anybody reads. The same as Submit of a
  // WithdrawMember, which takes an idempotency key. kMemberNotFound.
  virtual void Withdraw(MemberId member, Completion done) = 0;
  // Who removes the files of a withdrawn member's pictures, instead of this
  // object: for tests. A withdrawal is not called complete before they are gone.
  virtual void SetPictureEraser(PictureEraser eraser) = 0;

  // Deletes those of the pictures that are the member's own; OK also when none
  // is. Ids of 16 bytes, at most kDeletedPicturesMax. The same as Execute or Submit
  // of the command.
  virtual absl::Status DeletePictures(MemberId member, std::vector<std::string> picture_ids) = 0;

  // Waits for the answer. A WithdrawMember is answered as by Withdraw.
  virtual absl::StatusOr<CommandResult> Execute(MemberId actor, Command command) = 0;
  // See Engine::Submit. A WithdrawMember is answered as by Withdraw.
  virtual void Submit(Submission submission, Completion done) = 0;

  // The post as the reader sees it, after counting one view unless the reader
  // is its author or 0 (nobody). Never waits for the disk; the count includes
  // this view and every earlier one. When the engine refuses the view (its
  // queue is full, the log takes no writes) the post is answered all the same
  // and the view is not counted, see DailyfeedStats::views_dropped. A read by
  // the author is recorded as an activity and is no view.
  virtual absl::StatusOr<PostView> ReadPost(MemberId reader, PostId post) = 0;
  // The comment as the reader sees it. That it was read is recorded as an
  // activity unless the reader is 0 (nobody); like a view, this never waits for
  // the disk, and is left out when the engine refuses it.
  virtual absl::StatusOr<CommentView> ReadComment(MemberId reader, CommentId comment) = 0;
  // Brings the view counts of a list up to what ReadPost has answered already:
  // those views may not have reached the read models yet.
  virtual void AddPendingViews(std::vector<PostView>* posts) const = 0;

  // The live member with this e-mail and password; kMemberPasswordInvalid
  // alike for an unknown e-mail and a wrong password, after the same work.
  virtual absl::StatusOr<MemberId> CheckPassword(std::string_view email,
                                                 std::string_view password) = 0;
  // CheckPassword and a new session, as one step: when the member's password is
  // changed or the member withdraws meanwhile, nobody gets in with what was
  // right before. Slow, on the calling thread. `request`: see Identity::OpenSession.
  // The login is recorded as an activity before this returns; when the engine
  // refuses that, the login succeeds all the same (activities_dropped).
  virtual absl::StatusOr<LoggedIn> LogIn(std::string_view email, std::string_view password,
                                         std::string_view user_agent, std::string_view peer_address,
                                         const SessionRequest* request = nullptr) = 0;

  // Identity::LogOut and Identity::RevokeMember, recorded as one logout each.
  virtual absl::Status LogOut(MemberId member, std::string_view session_id,
                              std::string_view refresh_token) = 0;
  virtual absl::Status LogOutEverywhere(MemberId member) = 0;

  // Replaces the password and ends every session of the member, as one durable
  // step. Slow, on the calling thread. INVALID_REQUEST with violations (see
  // ValidatePasswordChange); kMemberNotFound: not a live member;
  // kMemberPasswordInvalid: `current` is wrong. Nothing changed then.
  virtual absl::Status ChangePassword(MemberId member, std::string_view current,
                                      std::string_view new_password,
                                      const SessionRequest* request = nullptr) = 0;

  // The slow half of an upload, on any thread: checks the file, fits it, stores
  // it, syncs it. The command is then sent once, through Submit or Execute of
  // this object. Errors: see PictureProcessor::Process.
  virtual absl::StatusOr<AddPicture> PreparePicture(std::string_view file) = 0;
  // The stored PNG of a live picture, or its thumbnail, by the 16 bytes of the
  // picture's id. kImageNotFound, kImageReadingFail.
  virtual absl::StatusOr<std::string> ReadPicture(std::string_view picture_id,
                                                  bool thumbnail) const = 0;
  // Loads now what the first picture would wait for. Slow, on the calling
  // thread; pictures are refused for the same reason when it fails.
  virtual absl::Status WarmUpPictures() const = 0;
  // PreparePicture is refused from now on, also where it is running: for the end
  // of a host, before it waits for its threads. Pictures that are decoded in this
  // process (no decoder_program) are finished first.
  virtual void StopPictures() = 0;
  // Removes the files that no picture uses. FAILED_PRECONDITION while that
  // cannot be known: the log or the read models failed, or lack a picture.
  virtual absl::StatusOr<PictureSweep> SweepPictures(const PictureSweepOptions& options) = 0;

  // Copies everything while reads and writes go on; see backup.h. Blocks. One
  // call at a time: FAILED_PRECONDITION while another one works. UNAVAILABLE
  // after the log or the secrets refused a write.
  virtual absl::StatusOr<BackupReport> Backup(const BackupOptions& options) = 0;
  // Whether commands are refused because little room is left on the disk
  // (disk.reserve_bytes); OK while they are accepted.
  virtual absl::Status DiskStatus() const = 0;
  // A copy of the log alone, as RocksEventLog::CheckpointTo makes it; for checks.
  virtual absl::Status CheckpointLog(const std::string& directory) = 0;

  virtual Queries& queries() = 0;
  // What happens now. Every watch must be gone before Close.
  virtual LiveFeed& live() = 0;
  virtual Engine& engine() = 0;
  virtual Runtime& runtime() = 0;
  virtual Identity& identity() = 0;
  virtual const EventLog& log() const = 0;
  // The rows of the read models, as ReadStoredGenerations takes them.
  virtual const Store& view_rows() const = 0;
  // Where the files of pictures are.
  virtual std::string pictures_directory() const = 0;
  virtual const Options& options() const = 0;
  virtual DailyfeedStats stats() const = 0;

  // Finishes what was accepted and closes the directory. No other call may be
  // running, and nothing may be called afterwards. The destructor does the same.
  virtual void Close() = 0;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_EMBEDDED_DAILYFEED_H_
