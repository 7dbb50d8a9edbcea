#include "adapters/embedded/dailyfeed.h"

#include <fmt/format.h>

#include <atomic>
#include <functional>
#include <future>
#include <mutex>
#include <utility>

#include "adapters/embedded/activity_recorder.h"
#include "adapters/embedded/check_options.h"
#include "adapters/embedded/data_directory.h"
#include "adapters/embedded/personal_profiles.h"
#include "adapters/embedded/refused_sign_ups.h"
#include "adapters/embedded/restored_log.h"
#include "adapters/embedded/store_status.h"
#include "adapters/threads/timer.h"
#include "core/base/status_macros.h"
#include "core/base/text.h"
#include "core/domain/decision_rows.h"
#include "core/domain/errors.h"

namespace dailyfeed {
namespace {

constexpr int kLoginAttemptsMax = 4;

class EmbeddedDailyfeed final : public Dailyfeed {
 public:
  EmbeddedDailyfeed(const Options& options, DayZone zone)
      : options_(options),
        clock_(options.engine.clock != nullptr ? options.engine.clock : &SystemClock()),
        zone_(std::move(zone)),
        refused_sign_ups_(options.orphans_waiting_max) {}
  ~EmbeddedDailyfeed() override { Close(); }

  absl::Status OpenEverything();
  std::vector<Violation> CheckRegistration(const Registration& registration) const override {
    return ValidateRegistration(registration, Today());
  }
  absl::Status CheckAvailable(const Registration& registration) const override;
  absl::StatusOr<MemberId> SignUp(const Registration& registration) override;
  absl::StatusOr<dailyfeed::SignUp> PrepareSignUp(const Registration& registration) override;
  std::vector<Violation> CheckProfileChanges(const ProfileChanges& changes) const override {
    return ValidateProfileChanges(changes, Today());
  }
  absl::Status UpdateProfile(MemberId member, const ProfileChanges& changes) override;
  absl::StatusOr<dailyfeed::UpdateProfile> PrepareUpdateProfile(
      MemberId member, const ProfileChanges& changes) override;
  absl::StatusOr<std::string> SealFor(MemberId member, std::string_view clear) const override;
  absl::StatusOr<std::optional<std::string>> UnsealFor(MemberId member,
                                                       std::string_view sealed) const override;
  void Withdraw(MemberId member, Completion done) override {
    SubmitWithdrawal({.command = WithdrawMember{}, .actor = member}, std::move(done));
  }
  void SetPictureEraser(PictureEraser eraser) override {
    withdrawals_->SetPictureEraser(std::move(eraser));
  }
  absl::Status DeletePictures(MemberId member, std::vector<std::string> picture_ids) override {
    return Execute(member, dailyfeed::DeletePictures{std::move(picture_ids)}).status();
  }

  absl::StatusOr<CommandResult> Execute(MemberId actor, Command command) override;
  void Submit(Submission submission, Completion done) override;
  absl::StatusOr<PostView> ReadPost(MemberId reader, PostId post) override {
    return recorder_->ReadPost(reader, post);
  }
  absl::StatusOr<CommentView> ReadComment(MemberId reader, CommentId comment) override {
    return recorder_->ReadComment(reader, comment);
  }
  void AddPendingViews(std::vector<PostView>* posts) const override {
    recorder_->AddPendingViews(posts);
  }
  absl::StatusOr<MemberId> CheckPassword(std::string_view email,
                                         std::string_view password) override;
  absl::StatusOr<LoggedIn> LogIn(std::string_view email, std::string_view password,
                                 std::string_view user_agent, std::string_view peer_address,
                                 const SessionRequest* request) override;
  absl::Status LogOut(MemberId member, std::string_view session_id,
                      std::string_view refresh_token) override;
  absl::Status LogOutEverywhere(MemberId member) override;
  absl::Status ChangePassword(MemberId member, std::string_view current,
                              std::string_view new_password,
                              const SessionRequest* request) override;

  absl::StatusOr<AddPicture> PreparePicture(std::string_view file) override {
    RETURN_IF_ERROR(disk_->CheckUpload());
    return pictures_->library().Prepare(file);
  }
  absl::StatusOr<std::string> ReadPicture(std::string_view picture_id,
                                          bool thumbnail) const override {
    return pictures_->Read(picture_id, thumbnail);
  }
  absl::Status WarmUpPictures() const override { return pictures_->library().WarmUp(); }
  void StopPictures() override { pictures_->library().Stop(); }
  absl::StatusOr<PictureSweep> SweepPictures(const PictureSweepOptions& options) override;
  absl::StatusOr<BackupReport> Backup(const BackupOptions& options) override;
  absl::Status DiskStatus() const override { return disk_->CheckCommand(); }
  absl::Status CheckpointLog(const std::string& directory) override {
    std::lock_guard lock(checkpoint_mutex_);
    return log_->CheckpointTo(directory);
  }

  Queries& queries() override { return *queries_; }
  LiveFeed& live() override { return *live_; }
  Engine& engine() override { return *engine_; }
  Runtime& runtime() override { return *runtime_; }
  Identity& identity() override { return *identity_; }
  const EventLog& log() const override { return *log_; }
  const Store& view_rows() const override { return *views_; }
  std::string pictures_directory() const override {
    return options_.pictures.directory.empty() ? directory_->pictures()
                                               : options_.pictures.directory;
  }
  const Options& options() const override { return options_; }
  DailyfeedStats stats() const override;

  void Close() override;

 private:
  auto Rows() const {
    return [this](std::string_view key, std::string* value) {
      return log_->GetDecisionRow(key, value);
    };
  }
  // kMemberNotFound: not a live member.
  absl::StatusOr<std::string> SubjectOf(MemberId member) const;
  // nullopt: nobody has this e-mail.
  absl::StatusOr<std::optional<MemberAccount>> AccountOf(std::string_view email) const;
  absl::StatusOr<MemberId> CheckPasswordOf(const std::optional<MemberAccount>& account,
                                           std::string_view password) const;
  absl::CivilDay Today() const {
    return absl::ToCivilDay(absl::FromUnixNanos(clock_->Now()), zone_.zone());
  }
  void SubmitWithdrawal(Submission submission, Completion done);
  // For the commands of callers. What the library began is finished in any case.
  void ToEngine(Submission submission, Completion done);
  void Maintain();
  absl::Status CanSweep() const;

  const Options options_;
  Clock* const clock_;
  const DayZone zone_;

  // In the order of opening; each uses the ones above it.
  std::unique_ptr<DataDirectory> directory_;
  std::unique_ptr<RocksEventLog> log_;
  std::unique_ptr<RocksStore> secrets_;
  std::unique_ptr<Identity> identity_;
  std::unique_ptr<RocksStore> views_;
  std::unique_ptr<Runtime> runtime_;
  std::unique_ptr<Queries> queries_;  // owns the projections that runtime_ feeds
  std::unique_ptr<ActivityRecorder> recorder_;
  std::unique_ptr<LiveFeed> live_;
  std::unique_ptr<FeedPictures> pictures_;
  std::unique_ptr<DiskReserve> disk_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Withdrawals> withdrawals_;
  std::unique_ptr<Timer> maintenance_;
  std::unique_ptr<Timer> picture_sweeps_;
  std::unique_ptr<Timer> disk_looks_;

  std::atomic<bool> closing_ = false;
  std::atomic<uint64_t> maintenance_failures_ = 0;
  std::mutex backup_mutex_;      // held by the one backup there may be
  std::mutex checkpoint_mutex_;  // a log makes one copy at a time
  RefusedSignUps refused_sign_ups_;
};

absl::Status EmbeddedDailyfeed::OpenEverything() {
  ASSIGN_OR_RETURN(directory_, DataDirectory::Open(options_.data_directory));

  RocksLogOptions log_options = options_.log;
  log_options.time_zone = options_.time_zone;
  absl::StatusOr<std::unique_ptr<RocksEventLog>> log =
      OpenRocksEventLog(directory_->log(), log_options);
  if (!log.ok()) return About("the event log in " + directory_->log(), log.status());
  log_ = *std::move(log);

  const std::string secrets_name = "the secrets in " + directory_->secrets();
  RocksStoreOptions secrets_options = options_.secrets;
  secrets_options.sync_every_write = true;
  absl::StatusOr<std::unique_ptr<RocksStore>> secrets =
      OpenRocksStore(directory_->secrets(), secrets_options);
  if (!secrets.ok()) return About(secrets_name, secrets.status());
  secrets_ = *std::move(secrets);
  IdentityOptions identity_options = options_.identity;
  identity_options.idempotency_retention = options_.engine.idempotency_retention;
  if (log_->Head() > 0) identity_options.create_if_missing = false;
  ASSIGN_OR_RETURN(identity_options.past, LastRecordedAt(*log_));
  absl::StatusOr<std::unique_ptr<Identity>> identity =
      Identity::Open(secrets_.get(), identity_options);
  if (!identity.ok()) return About(secrets_name, identity.status());
  identity_ = *std::move(identity);

  absl::StatusOr<std::unique_ptr<RocksStore>> views =
      OpenRocksStore(directory_->views(), options_.views);
  if (!views.ok()) {
    return About(fmt::format("the read models in {} (when that directory is moved away they are "
                             "rebuilt from the log)",
                             directory_->views()),
                 views.status());
  }
  views_ = *std::move(views);

  runtime_ = Runtime::Create(views_.get(), log_.get(), options_.runtime);
  queries_ =
      std::make_unique<Queries>(runtime_.get(), identity_.get(), options_.caches,
                                RankingOptions{.view_weight = options_.popularity.view_weight,
                                               .like_weight = options_.popularity.like_weight,
                                               .zone = zone_.zone()},
                                clock_, options_.search);
  RETURN_IF_ERROR(About("catching up with the log", runtime_->Start()));
  const PictureOptions& pictures = options_.pictures;
  IdSource* const ids = options_.engine.ids != nullptr ? options_.engine.ids : &SystemIds();
  absl::StatusOr<std::unique_ptr<FeedPictures>> opened_pictures =
      FeedPictures::Open(pictures_directory(), pictures, ids, queries_.get(), *identity_);
  if (!opened_pictures.ok()) return About("the pictures", opened_pictures.status());
  pictures_ = *std::move(opened_pictures);
  disk_ =
      std::make_unique<DiskReserve>(options_.disk, options_.data_directory, pictures_directory());
  recorder_ = std::make_unique<ActivityRecorder>(
      queries_.get(), std::bind_front(&EmbeddedDailyfeed::ToEngine, this));
  live_ = std::make_unique<LiveFeed>(runtime_.get(), log_.get(), queries_.get(), options_.live);
  ASSIGN_OR_RETURN(engine_, Engine::Start(log_.get(), live_.get(), zone_, options_.engine));
  const Withdrawals::Parts parts = {queries_.get(), engine_.get(), identity_.get(),
                                    options_.withdrawals_unerased_max};
  withdrawals_ = std::make_unique<Withdrawals>(parts);
  withdrawals_->SetPictureEraser([this](const std::vector<std::string>& hashes) {
    return pictures_->library().Erase(hashes);
  });
  // What was promised when a former process died, before anybody reads.
  RETURN_IF_ERROR(FinishRestore(*log_, *queries_, engine_.get(), identity_.get()));
  withdrawals_->ReleaseAll();
  withdrawals_->Start();
  maintenance_ = std::make_unique<Timer>();
  maintenance_->Every(options_.maintenance_interval, [this] { Maintain(); });
  picture_sweeps_ = std::make_unique<Timer>();
  picture_sweeps_->Every(pictures.sweep_interval, [this] {
    if (closing_) return;  // the timer's last call: closing does not wait for a sweep
    if (!SweepPictures({.grace = options_.pictures.sweep_grace}).ok()) ++maintenance_failures_;
  });
  disk_looks_ = std::make_unique<Timer>();
  disk_looks_->Every(options_.disk.check_interval, [this] { disk_->Look(); });
  return absl::OkStatus();
}

void EmbeddedDailyfeed::Close() {
  // No more commands, then no more events, then what they are written to.
  closing_ = true;
  // Withdrawals first: they end with commands.
  if (withdrawals_ != nullptr) withdrawals_->Stop();
  if (engine_ != nullptr) engine_->Stop();
  maintenance_ = nullptr;
  picture_sweeps_ = nullptr;
  disk_looks_ = nullptr;
  withdrawals_ = nullptr;
  engine_ = nullptr;
  if (runtime_ != nullptr) runtime_->Stop();
  live_ = nullptr;
  recorder_ = nullptr;
  runtime_ = nullptr;
  disk_ = nullptr;
  pictures_ = nullptr;
  queries_ = nullptr;
  views_ = nullptr;
  identity_ = nullptr;
  secrets_ = nullptr;
  log_ = nullptr;
  directory_ = nullptr;
}

absl::Status EmbeddedDailyfeed::CheckAvailable(const Registration& registration) const {
  std::string ignored;
  ASSIGN_OR_RETURN(
      const bool email_taken,
      log_->GetDecisionRow(EmailDigestKey(identity_->EmailDigest(registration.email)), &ignored));
  if (email_taken) return MakeError(ErrorCode::kMemberAlreadyExists);
  ASSIGN_OR_RETURN(const bool handle_taken,
                   log_->GetDecisionRow(HandleKey(registration.handle), &ignored));
  if (handle_taken) return MakeError(ErrorCode::kMemberHandleAlreadyExists);
  return absl::OkStatus();
}

absl::StatusOr<MemberId> EmbeddedDailyfeed::SignUp(const Registration& registration) {
  const std::vector<Violation> violations = CheckRegistration(registration);
  if (!violations.empty()) return MakeViolations(violations);
  RETURN_IF_ERROR(CheckAvailable(registration));
  ASSIGN_OR_RETURN(dailyfeed::SignUp command, PrepareSignUp(registration));
  ASSIGN_OR_RETURN(const CommandResult result, Execute(0, std::move(command)));
  return result.subject_id;
}

absl::StatusOr<dailyfeed::SignUp> EmbeddedDailyfeed::PrepareSignUp(
    const Registration& registration) {
  const std::vector<Violation> violations = CheckRegistration(registration);
  if (!violations.empty()) return MakeViolations(violations);
  RETURN_IF_ERROR(disk_->CheckCommand());
  absl::StatusOr<std::string> hash = identity_->HashPassword(registration.password);
  if (!hash.ok()) return Unavailable(hash.status());
  absl::StatusOr<std::string> subject_id = identity_->CreateSubject(*hash);
  if (!subject_id.ok()) return Unavailable(subject_id.status());
  absl::StatusOr<std::string> sealed =
      identity_->Seal(*subject_id, ToProfile(registration).SerializeAsString());
  if (!sealed.ok()) {
    // It belongs to nobody; a row that stays behind harms nobody.
    identity_->DestroySubject(*subject_id).IgnoreError();
    return Unavailable(sealed.status());
  }
  dailyfeed::SignUp command;
  command.handle = registration.handle;
  command.email_digest = identity_->EmailDigest(registration.email);
  command.subject_id = *std::move(subject_id);
  command.sealed_profile = *std::move(sealed);
  command.privacy_level =
      registration.privacy_level.empty() ? std::string("PUBLIC") : registration.privacy_level;
  return command;
}

absl::Status EmbeddedDailyfeed::UpdateProfile(MemberId member, const ProfileChanges& changes) {
  ASSIGN_OR_RETURN(dailyfeed::UpdateProfile command, PrepareUpdateProfile(member, changes));
  return Execute(member, std::move(command)).status();
}

absl::StatusOr<dailyfeed::UpdateProfile> EmbeddedDailyfeed::PrepareUpdateProfile(
    MemberId member, const ProfileChanges& changes) {
  const std::vector<Violation> violations = CheckProfileChanges(changes);
  if (!violations.empty()) return MakeViolations(violations);
  dailyfeed::UpdateProfile command;
  ASSIGN_OR_RETURN(command.sealed_changes,
                   SealFor(member, ToSealedChanges(changes).SerializeAsString()));
  command.privacy_level = changes.privacy_level;
  return command;
}

absl::StatusOr<std::string> EmbeddedDailyfeed::SubjectOf(MemberId member) const {
  ASSIGN_OR_RETURN(std::optional<MemberRow> row, ReadMember(Rows(), member));
  if (!row || row->lifecycle != MemberLifecycle::kLive) return ActorIsGone();
  return std::move(row->subject_id);
}

absl::StatusOr<std::string> EmbeddedDailyfeed::SealFor(MemberId member,
                                                       std::string_view clear) const {
  ASSIGN_OR_RETURN(const std::string subject_id, SubjectOf(member));
  absl::StatusOr<std::string> sealed = identity_->Seal(subject_id, clear);
  // The member withdraws just now.
  if (absl::IsNotFound(sealed.status())) return ActorIsGone();
  if (!sealed.ok()) return Unavailable(sealed.status());
  return sealed;
}

absl::StatusOr<std::optional<std::string>> EmbeddedDailyfeed::UnsealFor(
    MemberId member, std::string_view sealed) const {
  const absl::StatusOr<std::string> subject_id = SubjectOf(member);
  if (subject_id.ok()) return identity_->Unseal(*subject_id, sealed);
  if (ErrorCodeOf(subject_id.status()) != ErrorCode::kMemberNotFound) return subject_id.status();
  return std::optional<std::string>();
}

void EmbeddedDailyfeed::SubmitWithdrawal(Submission submission, Completion done) {
  if (absl::Status room = disk_->CheckCommand(); !room.ok()) return done(std::move(room));
  if (withdrawals_->waiting() >= options_.withdrawals_waiting_max) {
    return done(MakeErrorAs(absl::StatusCode::kResourceExhausted, ErrorCode::kServiceUnavailable,
                            "too many withdrawals at once"));
  }
  const MemberId member = submission.actor;
  engine_->Submit(std::move(submission), [this, member, done = std::move(done)](
                                             absl::StatusOr<CommandResult> result) mutable {
    if (!result.ok()) return done(std::move(result));
    withdrawals_->Add(member, [result = *std::move(result),
                               done = std::move(done)](const absl::Status& released) mutable {
      if (released.ok()) {
        done(std::move(result));
      } else {
        done(Unavailable(released));
      }
    });
  });
}

absl::StatusOr<CommandResult> EmbeddedDailyfeed::Execute(MemberId actor, Command command) {
  if (std::holds_alternative<WithdrawMember>(command)) {
    std::promise<absl::StatusOr<CommandResult>> answer;
    Withdraw(actor, [&answer](absl::StatusOr<CommandResult> result) {
      answer.set_value(std::move(result));
    });
    return answer.get_future().get();
  }
  std::optional<RefusedSignUps::Subject> subject;
  if (const auto* sign_up = std::get_if<dailyfeed::SignUp>(&command)) {
    subject = {sign_up->subject_id, sign_up->email_digest};
  }
  const FeedPictures::Effect pictures = pictures_->Before(command, actor);
  const absl::Status room = disk_->CheckCommand();
  absl::StatusOr<CommandResult> result =
      room.ok() ? engine_->Execute({.command = std::move(command), .actor = actor})
                : absl::StatusOr<CommandResult>(room);
  pictures_->After(pictures, &result);
  if (subject) refused_sign_ups_.OnAnswered(*std::move(subject), result);
  return result;
}

void EmbeddedDailyfeed::Submit(Submission submission, Completion done) {
  if (std::holds_alternative<WithdrawMember>(submission.command)) {
    return SubmitWithdrawal(std::move(submission), std::move(done));
  }
  if (std::holds_alternative<AddPicture>(submission.command) ||
      std::holds_alternative<dailyfeed::DeletePictures>(submission.command)) {
    done = [this, effect = pictures_->Before(submission.command, submission.actor),
            done = std::move(done)](absl::StatusOr<CommandResult> result) mutable {
      pictures_->After(effect, &result);
      done(std::move(result));
    };
  }
  const auto* sign_up = std::get_if<dailyfeed::SignUp>(&submission.command);
  if (sign_up == nullptr) return ToEngine(std::move(submission), std::move(done));
  RefusedSignUps::Subject subject{sign_up->subject_id, sign_up->email_digest};
  ToEngine(std::move(submission), [this, subject = std::move(subject), done = std::move(done)](
                                      absl::StatusOr<CommandResult> result) mutable {
    refused_sign_ups_.OnAnswered(std::move(subject), result);
    done(std::move(result));
  });
}

void EmbeddedDailyfeed::ToEngine(Submission submission, Completion done) {
  if (absl::Status room = disk_->CheckCommand(); !room.ok()) return done(std::move(room));
  engine_->Submit(std::move(submission), std::move(done));
}

void EmbeddedDailyfeed::Maintain() {
  const absl::Status maintained = identity_->Maintain();
  const absl::Status destroyed = refused_sign_ups_.DestroyAll(*log_, identity_.get());
  withdrawals_->Wake();
  const absl::Status settled = pictures_->library().Settle();
  if (!maintained.ok() || !destroyed.ok() || !settled.ok()) ++maintenance_failures_;
}

absl::StatusOr<PictureSweep> EmbeddedDailyfeed::SweepPictures(const PictureSweepOptions& options) {
  // A picture that the read models do not know yet, or could not take in, would
  // look like none.
  RETURN_IF_ERROR(CanSweep());
  return pictures_->library().Sweep(options);
}

absl::StatusOr<BackupReport> EmbeddedDailyfeed::Backup(const BackupOptions& options) {
  std::unique_lock only(backup_mutex_, std::try_to_lock);
  if (!only.owns_lock()) return absl::FailedPreconditionError("another backup is being made");
  return WriteBackup(
      {.head = log_->Head(),
       .pictures = pictures_directory(),
       .copy_log = [this](const std::string& to) { return CheckpointLog(to); },
       .copy_secrets = [this](const std::string& to) { return secrets_->CheckpointTo(to); }},
      options);
}

absl::Status EmbeddedDailyfeed::CanSweep() const {
  RETURN_IF_ERROR(log_->WriteStatus());
  RETURN_IF_ERROR(runtime_->Health());
  for (const ProjectionStatus& projection : runtime_->Status()) {
    if (projection.parked_keys == 0) continue;
    return absl::FailedPreconditionError(
        fmt::format("the read models lack events: {} keys of {} are parked", projection.parked_keys,
                    projection.name));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<MemberAccount>> EmbeddedDailyfeed::AccountOf(
    std::string_view email) const {
  return LookUpMemberByEmailDigest(Rows(), identity_->EmailDigest(email));
}

absl::StatusOr<MemberId> EmbeddedDailyfeed::CheckPasswordOf(
    const std::optional<MemberAccount>& account, std::string_view password) const {
  // Nobody has the empty subject; asking for it costs as much as any other.
  const absl::StatusOr<bool> fits =
      identity_->VerifyPassword(account ? account->subject_id : "", password);
  if (!fits.ok()) return Unavailable(fits.status());
  if (!account || !*fits) return MakeError(ErrorCode::kMemberPasswordInvalid);
  return account->member_id;
}

absl::StatusOr<MemberId> EmbeddedDailyfeed::CheckPassword(std::string_view email,
                                                          std::string_view password) {
  ASSIGN_OR_RETURN(const std::optional<MemberAccount> account, AccountOf(email));
  return CheckPasswordOf(account, password);
}

absl::StatusOr<LoggedIn> EmbeddedDailyfeed::LogIn(std::string_view email, std::string_view password,
                                                  std::string_view user_agent,
                                                  std::string_view peer_address,
                                                  const SessionRequest* request) {
  for (int attempt = 0; attempt < kLoginAttemptsMax; ++attempt) {
    ASSIGN_OR_RETURN(const std::optional<MemberAccount> account, AccountOf(email));
    uint64_t epoch = 0;
    if (account) {
      // A withdrawal ends the sessions behind its event: of whoever is still there
      // after the epoch was read, the epoch tells when they go.
      epoch = identity_->SessionEpoch(account->member_id);
      ASSIGN_OR_RETURN(const std::optional<MemberAccount> still, AccountOf(email));
      if (!still || still->member_id != account->member_id) continue;
    }
    ASSIGN_OR_RETURN(const MemberId member, CheckPasswordOf(account, password));
    absl::StatusOr<IssuedTokens> tokens =
        identity_->OpenSession(member, user_agent, peer_address, epoch, request);
    if (tokens.ok()) {
      // Nobody is kept out because their hash could not be renewed: the next
      // login tries it again.
      identity_->RenewPasswordHash(member, account->subject_id, password, epoch)
          .status()
          .IgnoreError();
      recorder_->RecordSession(member, v1::ACTIVITY_TYPE_MEMBER_LOGIN, request);
      return LoggedIn{member, *std::move(tokens)};
    }
    if (IsKeyReused(tokens.status())) return tokens.status();
    if (!absl::IsAborted(tokens.status())) return Unavailable(tokens.status());
  }
  return Unavailable(absl::AbortedError("the sessions of the member end faster than they open"));
}

absl::Status EmbeddedDailyfeed::LogOut(MemberId member, std::string_view session_id,
                                       std::string_view refresh_token) {
  RETURN_IF_ERROR(identity_->LogOut(member, session_id, refresh_token));
  recorder_->RecordSession(member, v1::ACTIVITY_TYPE_MEMBER_LOGOUT, nullptr);
  return absl::OkStatus();
}

absl::Status EmbeddedDailyfeed::LogOutEverywhere(MemberId member) {
  RETURN_IF_ERROR(identity_->RevokeMember(member));
  recorder_->RecordSession(member, v1::ACTIVITY_TYPE_MEMBER_LOGOUT, nullptr);
  return absl::OkStatus();
}

absl::Status EmbeddedDailyfeed::ChangePassword(MemberId member, std::string_view current,
                                               std::string_view new_password,
                                               const SessionRequest* request) {
  const std::vector<Violation> violations = ValidatePasswordChange(current, new_password);
  if (!violations.empty()) return MakeViolations(violations);
  std::string hash;
  for (int attempt = 0; attempt < kLoginAttemptsMax; ++attempt) {
    // Before the member is looked up: a withdrawal or another change since then
    // shows in it, and nothing is written for somebody who is gone.
    const uint64_t epoch = identity_->SessionEpoch(member);
    ASSIGN_OR_RETURN(const std::string subject_id, SubjectOf(member));
    const absl::Status checked =
        CheckPasswordOf(MemberAccount{member, subject_id}, current).status();
    if (!checked.ok()) {
      const absl::StatusOr<bool> repeated = identity_->HasReplacedPassword(member, request);
      if (IsKeyReused(repeated.status())) return repeated.status();
      return repeated.ok() && *repeated ? absl::OkStatus() : checked;
    }
    if (hash.empty()) {
      absl::StatusOr<std::string> made = identity_->HashPassword(new_password);
      if (!made.ok()) return Unavailable(made.status());
      hash = *std::move(made);
    }
    const absl::Status replaced =
        identity_->ReplacePassword(member, subject_id, hash, epoch, request);
    if (replaced.ok() || IsKeyReused(replaced)) return replaced;
    if (!absl::IsAborted(replaced)) return Unavailable(replaced);
  }
  return Unavailable(absl::AbortedError("the sessions of the member end all the time"));
}

DailyfeedStats EmbeddedDailyfeed::stats() const {
  DailyfeedStats stats;
  stats.views_dropped = recorder_->views_dropped();
  stats.activities_dropped = recorder_->activities_dropped();
  stats.orphans_destroyed = refused_sign_ups_.destroyed();
  stats.search = queries_->Search();
  if (live_ != nullptr) stats.live = live_->stats();
  stats.maintenance_failures = maintenance_failures_.load(std::memory_order_relaxed);
  const WithdrawalStats withdrawals = withdrawals_->stats();
  stats.withdrawals_waiting = withdrawals.waiting;
  stats.withdrawals_unerased = withdrawals.unerased;
  stats.withdrawals_completed = withdrawals.completed;
  stats.withdrawal_failures = withdrawals.failures;
  stats.pictures = pictures_->library().stats();
  stats.log_bytes = log_->StorageBytes();
  stats.views_bytes = views_->StorageBytes();
  stats.secrets_bytes = secrets_->StorageBytes();
  stats.pictures_bytes = pictures_->library().Usage().bytes;
  stats.disk_free_bytes = disk_->free_bytes();
  stats.orphans_waiting = refused_sign_ups_.waiting();
  return stats;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Dailyfeed>> Dailyfeed::Open(const Options& options) {
  RETURN_IF_ERROR(CheckOptions(options));
  ASSIGN_OR_RETURN(DayZone zone, DayZone::Load(options.time_zone));
  auto feed = std::make_unique<EmbeddedDailyfeed>(options, std::move(zone));
  RETURN_IF_ERROR(feed->OpenEverything());
  return feed;
}

}  // namespace dailyfeed
