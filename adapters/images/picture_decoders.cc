#include "adapters/images/picture_decoders.h"

#include <errno.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <new>
#include <type_traits>
#include <utility>

#include "core/base/status_macros.h"
#include "core/domain/errors.h"

namespace dailyfeed {
namespace {

constexpr int kCannotWork = 1;  // exit codes of a decoder
constexpr int kOutOfMemory = 3;
// Against memory that libraries lose with every picture.
constexpr int kPicturesMax = 1000;
constexpr size_t kMessageBytesMax = 1000;
constexpr unsigned kAlarmSeconds = 5;  // behind the deadline of the process that asks

// Both sides are one program, so their structs agree.
struct Question {
  uint64_t file_bytes;  // follow it
  uint64_t file_bytes_max;
  uint64_t pixels_max;
  uint64_t memory_bytes_max;
  uint32_t side_pixels_max;
  uint32_t box_pixels;
  uint32_t thumbnail_pixels;
  uint32_t threads;
  uint32_t seconds_max;
};
struct Answer {
  uint32_t error;  // 0, or an ErrorCode + 1
  uint32_t message_bytes;
  struct Png {
    uint32_t width, height, bytes;
  } picture, thumbnail;
  // The message, the picture and the thumbnail follow.
};
static_assert(std::is_trivially_copyable_v<Question> && std::is_trivially_copyable_v<Answer>);

// 24 bits, one pixel.
constexpr std::string_view kTinyPicture(
    "BM\x3a\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\1\0\0\0\1\0\0\0\1\0\x18\0"
    "\0\0\0\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\xff\xff\xff\0",
    58);

absl::Status WaitFor(int socket, short events, absl::Time deadline) {
  for (;;) {
    const absl::Duration left = deadline - absl::Now();
    if (left <= absl::ZeroDuration()) return absl::DeadlineExceededError("");
    pollfd poll = {.fd = socket, .events = events, .revents = 0};
    const int64_t ms = std::min<int64_t>(absl::ToInt64Milliseconds(left) + 1, 1000);
    const int ready = ::poll(&poll, 1, static_cast<int>(ms));
    if (ready > 0) return absl::OkStatus();
    if (ready < 0 && errno != EINTR) return absl::UnavailableError("poll");
  }
}

absl::Status Send(int socket, std::string_view bytes, absl::Time deadline) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<size_t>(sent));
    } else if (errno == EAGAIN) {
      RETURN_IF_ERROR(WaitFor(socket, POLLOUT, deadline));
    } else if (errno != EINTR) {
      return absl::UnavailableError("the decoder ended");
    }
  }
  return absl::OkStatus();
}

absl::Status Receive(int socket, char* bytes, size_t size, absl::Time deadline) {
  while (size > 0) {
    const ssize_t got = ::recv(socket, bytes, size, MSG_DONTWAIT);
    if (got > 0) {
      bytes += got;
      size -= static_cast<size_t>(got);
    } else if (got < 0 && errno == EAGAIN) {
      RETURN_IF_ERROR(WaitFor(socket, POLLIN, deadline));
    } else if (got == 0 || errno != EINTR) {
      return absl::UnavailableError("the decoder ended");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReceiveText(int socket, size_t size, absl::Time deadline) {
  std::string text(size, '\0');
  RETURN_IF_ERROR(Receive(socket, text.data(), size, deadline));
  return text;
}

template <typename T>
std::string_view BytesOf(const T& pod) {
  return {reinterpret_cast<const char*>(&pod), sizeof(pod)};
}

bool IsErrorOfPictures(uint32_t error) {
  for (const ErrorCode code :
       {ErrorCode::kEmptyImageFile, ErrorCode::kFileTooSmall, ErrorCode::kPayloadTooLarge,
        ErrorCode::kInvalidImageSignature, ErrorCode::kThumbnailProcessFail,
        ErrorCode::kCorruptedImage, ErrorCode::kImageProcessingFail}) {
    if (error == static_cast<uint32_t>(code) + 1) return true;
  }
  return false;
}

absl::Status Stopped() {
  return MakeErrorAs(absl::StatusCode::kUnavailable, ErrorCode::kServiceUnavailable,
                     "pictures are not worked on any more");
}

// --- The decoder's side -----------------------------------------------------

bool ReadAll(char* bytes, size_t size) {
  while (size > 0) {
    const ssize_t got = ::read(STDIN_FILENO, bytes, size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    bytes += got;
    size -= static_cast<size_t>(got);
  }
  return true;
}

bool WriteAllTo(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(STDIN_FILENO, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

void Limit(int resource, rlim_t value) {
  const rlimit limit = {.rlim_cur = value, .rlim_max = value};
  // As far as the system lets us: a limit that is lower already stays.
  static_cast<void>(::setrlimit(static_cast<__rlimit_resource>(resource), &limit));
}

// What no picture needs. Every library is loaded and every file of ours is open.
void GiveUpRights(uint64_t memory_bytes_max) {
  Limit(RLIMIT_CORE, 0);
  Limit(RLIMIT_FSIZE, 0);
  Limit(RLIMIT_NOFILE, 0);
  static_cast<void>(::prctl(PR_SET_DUMPABLE, 0));
  static_cast<void>(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  Limit(RLIMIT_DATA, memory_bytes_max);
#else
  static_cast<void>(memory_bytes_max);  // their shadow memory is far larger
#endif
}

PictureProcessorOptions OptionsOf(const Question& question) {
  PictureProcessorOptions options;
  options.file_bytes_max = question.file_bytes_max;
  options.pixels_max = question.pixels_max;
  options.side_pixels_max = question.side_pixels_max;
  options.box_pixels = question.box_pixels;
  options.thumbnail_pixels = question.thumbnail_pixels;
  options.threads = static_cast<int>(question.threads);
  return options;
}

bool Say(const absl::StatusOr<ProcessedPicture>& picture) {
  Answer answer = {};
  if (picture.ok()) {
    const auto describe = [](const StoredPng& png) {
      return Answer::Png{png.width, png.height, static_cast<uint32_t>(png.png.size())};
    };
    answer.picture = describe(picture->picture);
    answer.thumbnail = describe(picture->thumbnail);
    return WriteAllTo(BytesOf(answer)) && WriteAllTo(picture->picture.png) &&
           WriteAllTo(picture->thumbnail.png);
  }
  const ErrorCode code = ErrorCodeOf(picture.status()).value_or(ErrorCode::kImageProcessingFail);
  const absl::string_view words = picture.status().message();
  std::string_view message(words.data(), words.size());
  // MakeError puts the name of the code in front again.
  if (message.starts_with(ErrorCodeName(code))) message.remove_prefix(ErrorCodeName(code).size());
  if (message.starts_with(": ")) message.remove_prefix(2);
  message = message.substr(0, kMessageBytesMax);
  answer.error = static_cast<uint32_t>(code) + 1;
  answer.message_bytes = static_cast<uint32_t>(message.size());
  return WriteAllTo(BytesOf(answer)) && WriteAllTo(message);
}

}  // namespace

absl::StatusOr<ProcessedPicture> PictureDecoders::Process(std::string_view file) {
  const absl::StatusOr<Decoders::iterator> decoder = Take();
  if (ErrorCodeOf(decoder.status()).has_value()) return decoder.status();
  if (!decoder.ok()) {
    return MakeError(ErrorCode::kImageProcessingFail, std::string(decoder.status().message()));
  }
  absl::StatusOr<ProcessedPicture> picture = Ask(**decoder, file);
  const bool answered = picture.ok() || ErrorCodeOf(picture.status()).has_value();
  if (!answered) return End(*decoder, picture.status());
  GiveBack(*decoder);
  return picture;
}

absl::Status PictureDecoders::WarmUp() {
  const absl::StatusOr<ProcessedPicture> picture = Process(kTinyPicture);
  if (picture.ok()) return absl::OkStatus();
  return absl::InternalError(picture.status().message());
}

void PictureDecoders::Stop() {
  Decoders idle;
  {
    std::lock_guard lock(mutex_);
    stopped_ = true;
    idle.swap(idle_);
    // Reaped by the threads that wait for them.
    for (const Decoder& decoder : busy_) ::kill(decoder.pid, SIGKILL);
  }
  for (const Decoder& decoder : idle) {
    ::kill(decoder.pid, SIGKILL);
    while (::waitpid(decoder.pid, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
}

absl::StatusOr<PictureDecoders::Decoders::iterator> PictureDecoders::Take() {
  Decoders dead, taken;
  {
    std::lock_guard lock(mutex_);
    if (stopped_) return Stopped();
    while (!idle_.empty() && taken.empty()) {
      // An idle decoder has nothing to say: something to read is its end.
      char byte = 0;
      const ssize_t got = ::recv(idle_.front().socket.number(), &byte, 1, MSG_DONTWAIT);
      Decoders& to = got < 0 && errno == EAGAIN ? taken : dead;
      to.splice(to.end(), idle_, idle_.begin());
    }
    busy_.splice(busy_.begin(), dead);
    while (dead.empty() && !taken.empty()) {
      busy_.splice(busy_.begin(), taken);
      return busy_.begin();
    }
  }
  ASSIGN_OR_RETURN(Decoder decoder, Spawn());
  std::lock_guard lock(mutex_);
  busy_.push_front(std::move(decoder));
  if (stopped_) ::kill(busy_.front().pid, SIGKILL);
  return busy_.begin();
}

absl::StatusOr<PictureDecoders::Decoder> PictureDecoders::Spawn() const {
  std::array<int, 2> sockets;
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets.data()) != 0) {
    return FileError(errno, "make a socket for", options_.decoder_program);
  }
  Decoder decoder;
  decoder.socket = FileDescriptor(sockets[0]);
  const FileDescriptor theirs(sockets[1]);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, theirs.number(), STDIN_FILENO);
  for (const int output : {STDOUT_FILENO, STDERR_FILENO}) {
    posix_spawn_file_actions_addopen(&actions, output, "/dev/null", O_WRONLY, 0);
  }
  posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  // The end of a server is the server's to bring about: signals for the whole
  // group of processes would cut the pictures it still answers.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t blocked;
  sigemptyset(&blocked);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&blocked, signal);
  posix_spawnattr_setsigmask(&attributes, &blocked);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  std::string program = options_.decoder_program, subcommand = "decode-picture";
  // Where libvips looks for its modules: nowhere. They are the loaders of PDF,
  // HEIF and ImageMagick, which no upload may reach.
  std::string environment = "VIPSHOME=/nonexistent";
  char* const arguments[] = {program.data(), subcommand.data(), nullptr};
  char* const variables[] = {environment.data(), nullptr};
  const int error =
      ::posix_spawn(&decoder.pid, program.c_str(), &actions, &attributes, arguments, variables);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return FileError(error, "run", program);
  return decoder;
}

void PictureDecoders::GiveBack(Decoders::iterator decoder) {
  if (++decoder->pictures >= kPicturesMax) return static_cast<void>(End(decoder, {}));
  std::lock_guard lock(mutex_);
  // Stop has killed it: the next Take, or nobody, would find it dead.
  Decoders& to = stopped_ ? busy_ : idle_;
  to.splice(to.begin(), busy_, decoder);
}

absl::Status PictureDecoders::End(Decoders::iterator decoder, const absl::Status& failure) {
  // Of a process that died already the status stays what it was.
  ::kill(decoder->pid, SIGKILL);
  int status = 0;
  {
    // Stop must not kill a process of another program that gets the number.
    std::lock_guard lock(mutex_);
    while (::waitpid(decoder->pid, &status, 0) < 0 && errno == EINTR) {
    }
    busy_.erase(decoder);
    if (stopped_) return Stopped();
  }
  if (absl::IsDeadlineExceeded(failure)) {
    return MakeError(ErrorCode::kThumbnailProcessFail,
                     fmt::format("decoding takes longer than {}",
                                 absl::FormatDuration(options_.decode_timeout)));
  }
  const int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  // Libraries abort when they get no memory, and the system kills.
  const bool memory = signal == SIGABRT || signal == SIGTRAP || signal == SIGKILL ||
                      (WIFEXITED(status) && WEXITSTATUS(status) == kOutOfMemory);
  if (memory) {
    return MakeError(
        ErrorCode::kThumbnailProcessFail,
        fmt::format("decoding takes more than {} bytes of memory", options_.memory_bytes_max));
  }
  if (signal != 0) {
    return MakeError(ErrorCode::kCorruptedImage,
                     fmt::format("the decoder ended by signal {}", signal));
  }
  return MakeError(ErrorCode::kImageProcessingFail,
                   fmt::format("the decoder ended with code {}", WEXITSTATUS(status)));
}

absl::StatusOr<ProcessedPicture> PictureDecoders::Ask(const Decoder& decoder,
                                                      std::string_view file) const {
  const absl::Time deadline = absl::Now() + options_.decode_timeout;
  const auto seconds = static_cast<uint32_t>(
      absl::ToInt64Seconds(absl::Ceil(options_.decode_timeout, absl::Seconds(1))));
  const Question question = {.file_bytes = file.size(),
                             .file_bytes_max = options_.file_bytes_max,
                             .pixels_max = options_.pixels_max,
                             .memory_bytes_max = options_.memory_bytes_max,
                             .side_pixels_max = options_.side_pixels_max,
                             .box_pixels = options_.box_pixels,
                             .thumbnail_pixels = options_.thumbnail_pixels,
                             .threads = static_cast<uint32_t>(options_.threads),
                             .seconds_max = seconds + kAlarmSeconds};
  const int socket = decoder.socket.number();
  RETURN_IF_ERROR(Send(socket, BytesOf(question), deadline));
  RETURN_IF_ERROR(Send(socket, file, deadline));
  Answer answer = {};
  RETURN_IF_ERROR(Receive(socket, reinterpret_cast<char*>(&answer), sizeof(answer), deadline));
  // The decoder has read a stranger's bytes, so its word is a stranger's too.
  const uint64_t side = std::max(options_.box_pixels, options_.thumbnail_pixels);
  const uint64_t png_bytes_max = side * side * 5 + (64u << 10);
  if (answer.message_bytes > kMessageBytesMax || answer.picture.bytes > png_bytes_max ||
      answer.thumbnail.bytes > png_bytes_max) {
    return absl::UnavailableError("the decoder makes no sense");
  }
  ASSIGN_OR_RETURN(const std::string message, ReceiveText(socket, answer.message_bytes, deadline));
  if (answer.error != 0) {
    if (!IsErrorOfPictures(answer.error)) return absl::UnavailableError("an unknown error");
    return MakeError(static_cast<ErrorCode>(answer.error - 1), message);
  }
  ProcessedPicture picture;
  const auto receive = [&](const Answer::Png& described, StoredPng* png) -> absl::Status {
    png->width = described.width;
    png->height = described.height;
    ASSIGN_OR_RETURN(png->png, ReceiveText(socket, described.bytes, deadline));
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(receive(answer.picture, &picture.picture));
  RETURN_IF_ERROR(receive(answer.thumbnail, &picture.thumbnail));
  return picture;
}

int RunPictureDecoder() {
  bool limited = false;
  std::string file;
  Question question;
  while (ReadAll(reinterpret_cast<char*>(&question), sizeof(question))) {
    ::alarm(question.seconds_max);
    const PictureProcessor processor(OptionsOf(question));
    try {
      if (!std::exchange(limited, true)) {
        if (!processor.WarmUp().ok() || !processor.Process(kTinyPicture).ok()) return kCannotWork;
        GiveUpRights(question.memory_bytes_max);
      }
      file.resize(question.file_bytes);
      if (!ReadAll(file.data(), file.size())) return kCannotWork;
      if (!Say(processor.Process(file))) return kCannotWork;
    } catch (const std::bad_alloc&) {
      return kOutOfMemory;
    }
    ::alarm(0);
  }
  return 0;
}

}  // namespace dailyfeed
