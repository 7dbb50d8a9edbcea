#include "adapters/images/picture_decoders.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "adapters/images/test_pictures.h"
#include "core/domain/errors.h"

namespace dailyfeed {
namespace {

namespace fs = std::filesystem;

PictureProcessorOptions Here(PictureProcessorOptions options = {}) {
  options.decoder_program.clear();
  return options;
}

PictureProcessorOptions InProcesses(PictureProcessorOptions options = {}) {
  options.decoder_program =
      std::string(std::getenv("TEST_SRCDIR")) + "/dailyfeed/adapters/images/picture_decoder";
  options.decode_timeout = absl::Minutes(10);  // of a machine that has other work
  return options;
}

std::optional<ErrorCode> ErrorOf(const absl::StatusOr<ProcessedPicture>& processed) {
  return processed.ok() ? std::nullopt : ErrorCodeOf(processed.status());
}

// A decoder that does what a test says, in the shell.
PictureProcessorOptions Script(const std::string& commands) {
  const fs::path path =
      fs::path(testing::TempDir()) /
      (std::string(testing::UnitTest::GetInstance()->current_test_info()->name()) + ".sh");
  fs::remove(path);
  std::ofstream(path) << "#!/bin/sh\n" << commands << "\n";
  EXPECT_EQ(::chmod(path.c_str(), 0700), 0);
  PictureProcessorOptions options = InProcesses();
  options.decoder_program = path;
  return options;
}

TEST(PictureDecodersTest, APictureComesOutAsInThisProcess) {
  const Raster raster = Corners(700, 500);
  const std::string files[] = {
      EncodeJpeg(raster, {.orientation = 6, .profile = "p3"}),
      EncodeJpeg(raster, {.cmyk = true}),
      EncodePng(raster, {.alpha = true, .profile = "srgb"}),
      EncodePng(raster, {.progressive = true, .sixteen_bits = true}),
      EncodeGif({raster, raster}),
      EncodeBmp(raster),
      EncodeWebp({raster, raster}, {.alpha = true}),
      EncodeWebp({raster}, {.lossless = true}),
      "",
      "no picture",
      EncodePng(raster).substr(0, 500),
      EncodeHugePng(50'001, 5),
  };
  const PictureProcessor here(Here()), there(InProcesses());
  EXPECT_TRUE(there.WarmUp().ok()) << there.WarmUp();
  for (const std::string& file : files) {
    const auto expected = here.Process(file), processed = there.Process(file);
    ASSERT_EQ(processed.status(), expected.status());
    if (!expected.ok()) continue;
    EXPECT_EQ(processed->picture.png, expected->picture.png);
    EXPECT_EQ(processed->picture.width, expected->picture.width);
    EXPECT_EQ(processed->picture.height, expected->picture.height);
    EXPECT_EQ(processed->thumbnail.png, expected->thumbnail.png);
  }
}

TEST(PictureDecodersTest, ManyThreadsAtOnce) {
  PictureDecoders decoders(InProcesses());
  const std::string file = EncodeJpeg(Corners(1200, 900)), cut = file.substr(0, 3000);
  const std::string expected = decoders.Process(file)->picture.png;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 5; ++round) {
        const auto made = decoders.Process(file);
        ASSERT_TRUE(made.ok()) << made.status();
        EXPECT_EQ(made->picture.png, expected);
        EXPECT_EQ(ErrorOf(decoders.Process(cut)), ErrorCode::kCorruptedImage);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
// The most that any child of this process had resident since it runs its
// program: ru_maxrss would count what it was forked from, too.
uint64_t PeakMemoryOfChildren() {
  uint64_t most = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::ifstream status(entry.path() / "status");
    std::string line;
    int parent = 0;
    uint64_t kib = 0;
    while (std::getline(status, line)) {
      std::sscanf(line.c_str(), "PPid: %d", &parent);
      if (parent == ::getpid() && std::sscanf(line.c_str(), "VmHWM: %lu kB", &kib) == 1) {
        most = std::max(most, kib << 10);
      }
    }
  }
  return most;
}

// Whatever the shape and the format, within the bounds that are the default.
TEST(PictureDecodersTest, NoPictureTakesMoreMemoryThanTheBound) {
  const PictureProcessorOptions options = InProcesses();
  PictureDecoders decoders(options);
  Raster wide = Plain(16'000, 3'000, kRed), tall = Plain(3'000, 16'000, kRed);
  const std::string files[] = {
      EncodeHugePng(50'000, 1'000, HugePng::kPaletteWithAlpha),
      EncodeHugePng(1'000, 50'000, HugePng::kPaletteWithAlpha),
      EncodeHugePng(50'000, 1'000, HugePng::kInterlaced16Bit),
      EncodeHugePng(7'000, 7'000, HugePng::kInterlaced16Bit),
      EncodeJpeg(wide, {.progressive = true}),
      EncodeJpeg(tall, {.cmyk = true}),
      EncodeGifPart(Plain(60, 50, kRed), 9, 9, 50'000, 1'000),
      EncodeWebp({wide}, {.alpha = true, .lossless = true}),
  };
  uint64_t most = 0;
  for (const std::string& file : files) {
    const auto processed = decoders.Process(file);
    EXPECT_TRUE(processed.ok()) << processed.status();
    most = std::max(most, PeakMemoryOfChildren());
  }
  EXPECT_GT(most, 0u);
  EXPECT_LE(most, options.memory_bytes_max);
  RecordProperty("peak_mib", std::to_string(most >> 20));
}

TEST(PictureDecodersTest, APictureThatNeedsMoreMemoryIsRefusedAndTheNextIsNot) {
  PictureProcessorOptions options = InProcesses();
  options.memory_bytes_max = 150u << 20;
  PictureDecoders decoders(options);
  // 8 bytes for each of 36 million pixels.
  const auto refused = decoders.Process(EncodeHugePng(6'000, 6'000, HugePng::kInterlaced16Bit));
  EXPECT_TRUE(ErrorOf(refused) == ErrorCode::kThumbnailProcessFail ||
              ErrorOf(refused) == ErrorCode::kCorruptedImage)
      << refused.status();
  EXPECT_EQ(ErrorOf(decoders.Process(EncodePng(Corners(90, 70)))), std::nullopt);
}
#endif

TEST(PictureDecodersTest, APictureThatTakesTooLongIsRefused) {
  PictureProcessorOptions options = Script("exec sleep 1000");
  options.decode_timeout = absl::Milliseconds(20);
  PictureDecoders decoders(options);
  const auto refused = decoders.Process(EncodePng(Corners(9, 9)));
  EXPECT_EQ(ErrorOf(refused), ErrorCode::kThumbnailProcessFail) << refused.status();
  EXPECT_NE(refused.status().message().find("20ms"), absl::string_view::npos) << refused.status();
}

TEST(PictureDecodersTest, WhatKillsADecoderIsAnErrorOfThePicture) {
  const struct {
    const char* commands;
    ErrorCode error;
  } cases[] = {
      {"kill -SEGV $$", ErrorCode::kCorruptedImage},
      {"kill -ABRT $$", ErrorCode::kThumbnailProcessFail},
      {"kill -KILL $$", ErrorCode::kThumbnailProcessFail},
      {"exit 3", ErrorCode::kThumbnailProcessFail},
      {"exit 1", ErrorCode::kImageProcessingFail},
  };
  for (const auto& c : cases) {
    PictureDecoders decoders(Script(c.commands));
    const auto refused = decoders.Process(EncodePng(Corners(9, 9)));
    EXPECT_EQ(ErrorOf(refused), c.error) << c.commands << ": " << refused.status();
    EXPECT_FALSE(decoders.WarmUp().ok());
  }
}

TEST(PictureDecodersTest, NobodyBelievesADecoder) {
  // An error that is none, and a picture of 4 GB.
  for (const char* answer : {R"(\377\377\377\377)", R"(\0\0\0\0)"}) {
    std::string bytes;
    for (int i = 0; i < 4; ++i) bytes += answer;
    PictureDecoders decoders(Script("printf '" + bytes + bytes + "' >&0; exec sleep 1000"));
    PictureProcessorOptions options;
    const auto refused = decoders.Process(EncodePng(Corners(9, 9)));
    // All zero is a picture of no bytes: the decoder's word, and harmless.
    EXPECT_EQ(refused.ok(), answer[1] == '0') << refused.status();
  }
}

TEST(PictureDecodersTest, AProgramThatIsNotThereIsAnErrorOfOurs) {
  PictureProcessorOptions options;
  options.decoder_program = "/nonexistent/decoder";
  PictureDecoders decoders(options);
  EXPECT_EQ(ErrorOf(decoders.Process(EncodePng(Corners(9, 9)))), ErrorCode::kImageProcessingFail);
}

TEST(PictureDecodersTest, ADecoderThatDiedWhileItWaitedIsReplaced) {
  PictureDecoders decoders(InProcesses());
  const std::string file = EncodePng(Corners(90, 70));
  ASSERT_EQ(ErrorOf(decoders.Process(file)), std::nullopt);
  // The only child: whatever its number is.
  for (const auto& entry : fs::directory_iterator("/proc/self/task")) {
    std::ifstream children(entry.path() / "children");
    for (pid_t pid = 0; children >> pid;) {
      EXPECT_EQ(::kill(pid, SIGKILL), 0);
      siginfo_t ended;  // it is dead, and not reaped
      EXPECT_EQ(::waitid(P_PID, static_cast<id_t>(pid), &ended, WEXITED | WNOWAIT), 0);
    }
  }
  EXPECT_EQ(ErrorOf(decoders.Process(file)), std::nullopt);
}

TEST(PictureDecodersTest, StopWaitsForNoPicture) {
  const fs::path started = fs::path(testing::TempDir()) / "started";
  fs::remove(started);
  PictureDecoders decoders(Script("echo $$ > " + started.string() + "; exec sleep 1000"));
  std::thread uploader([&] {
    EXPECT_EQ(ErrorOf(decoders.Process(EncodePng(Corners(9, 9)))), ErrorCode::kServiceUnavailable);
  });
  pid_t pid = 0;
  while (!(std::ifstream(started) >> pid)) std::this_thread::yield();
  decoders.Stop();
  uploader.join();
  EXPECT_EQ(::kill(pid, 0), -1) << "the process is gone";
  EXPECT_EQ(ErrorOf(decoders.Process(EncodePng(Corners(9, 9)))), ErrorCode::kServiceUnavailable);
}

}  // namespace
}  // namespace dailyfeed
