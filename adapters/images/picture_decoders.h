// Processes that decode pictures, so that the bytes of strangers meet decoders
// outside of the process that has the data.
//
//   PictureDecoders decoders(options);   // options.decoder_program is set
//   ASSIGN_OR_RETURN(const ProcessedPicture picture, decoders.Process(file));
//
//   int main() { return RunPictureDecoder(); }   // what the program does
//
// A decoder is a child process that stays for many pictures. It may use
// memory_bytes_max and decode_timeout for one of them, has no file and no socket
// but the one it answers on, and cannot open any. When it dies, or takes too
// long and is killed, one picture is refused and the next one gets a new process.
//
// Threads: everything from any thread; a process works on one picture at a time.
#ifndef DAILYFEED_ADAPTERS_IMAGES_PICTURE_DECODERS_H_
#define DAILYFEED_ADAPTERS_IMAGES_PICTURE_DECODERS_H_

#include <sys/types.h>

#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "adapters/files/files.h"
#include "adapters/images/picture_processor.h"

namespace dailyfeed {

class PictureDecoders {
 public:
  explicit PictureDecoders(const PictureProcessorOptions& options) : options_(options) {}
  // Ends the processes.
  ~PictureDecoders() { Stop(); }
  PictureDecoders(const PictureDecoders&) = delete;
  PictureDecoders& operator=(const PictureDecoders&) = delete;

  // As PictureProcessor::Process, and
  //   kThumbnailProcessFail    the time or the memory is used up
  //   kCorruptedImage          the decoder crashed
  //   kServiceUnavailable      Stop was called
  absl::StatusOr<ProcessedPicture> Process(std::string_view file);

  // Starts a process and has it decode a picture. INTERNAL.
  absl::Status WarmUp();

  // Kills every process; the pictures in work and all later ones are refused.
  void Stop();

 private:
  struct Decoder {
    pid_t pid = 0;
    FileDescriptor socket;
    int pictures = 0;  // it has worked on
  };
  using Decoders = std::list<Decoder>;

  // An idle process or a new one, moved to busy_.
  absl::StatusOr<Decoders::iterator> Take();
  absl::StatusOr<Decoder> Spawn() const;
  void GiveBack(Decoders::iterator decoder);
  // Kills and reaps it. What to say of a picture it was working on.
  absl::Status End(Decoders::iterator decoder, const absl::Status& failure);
  absl::StatusOr<ProcessedPicture> Ask(const Decoder& decoder, std::string_view file) const;

  const PictureProcessorOptions options_;
  std::mutex mutex_;
  bool stopped_ = false;
  Decoders idle_;
  Decoders busy_;  // each is used by the thread that took it
};

// The decoder's side: reads pictures from standard input, a socket, and answers
// there until it is closed. The exit code of the process.
int RunPictureDecoder();

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_IMAGES_PICTURE_DECODERS_H_
