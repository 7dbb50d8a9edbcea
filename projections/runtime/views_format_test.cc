// The bytes of the read-model store, as docs/reference/views-format.md shows
// them. A change here is a new format version.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/ports/memory_event_log.h"
#include "core/ports/memory_store.h"
#include "projections/runtime/runtime.h"
#include "projections/runtime/runtime_testing.h"

namespace dailyfeed {
namespace {

// Printable ASCII as it is, everything else as \xNN.
std::string Escaped(std::string_view bytes) {
  std::string text;
  for (char c : bytes) {
    if (c >= ' ' && c <= '~' && c != '\\') {
      text += c;
    } else {
      text += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
  return text;
}

TEST(ViewsFormatTest, TheStoreHasTheDocumentedBytes) {
  MemoryEventLog log;
  MemoryStore store;
  EventMaker events(&log);
  LikesProjection likes;
  auto runtime = Runtime::Create(&store, &log, {});
  runtime->Register(&likes);
  ASSERT_TRUE(runtime->Start().ok());
  likes.Refuse(9);
  ASSERT_TRUE(Commit(*runtime, {events.Like(1, 2), events.Like(9, 2)}).ok());
  ASSERT_TRUE(runtime->BuildGeneration("likes").ok());
  ASSERT_TRUE(runtime->Activate("likes", 2).ok());

  std::vector<std::string> rows;
  for (auto it = store.NewIterator({}); it->Valid(); it->Next()) {
    rows.push_back(Escaped(it->key()) + " = " + Escaped(it->value()));
  }
  EXPECT_THAT(
      rows,
      ::testing::ElementsAre(
          R"(\x00\x00\x00\x00C\x00\x00\x01\x00 = \x08\x02\x12\x100000000200000000)",
          R"(\x00\x00\x00\x00C\x00\x00\x01\x01 = \x08\x02\x12\x100000000200000000)",
          R"(\x00\x00\x00\x00E\x00\x00\x01\x00\x00\x00\x00\x06post/9\x00\x00\x00\x00\x00\x00\x00\x02 = )",
          R"(\x00\x00\x00\x00E\x00\x00\x01\x01\x00\x00\x00\x06post/9\x00\x00\x00\x00\x00\x00\x00\x02 = )",
          R"(\x00\x00\x00\x00K\x00\x00\x01\x00post/9 = \x0a#INVALID_ARGUMENT: post 9 is refused)",
          R"(\x00\x00\x00\x00K\x00\x00\x01\x01post/9 = \x0a#INVALID_ARGUMENT: post 9 is refused)",
          R"(\x00\x00\x00\x00Plikes = \x08\x03\x12\x09\x08\x02\x10\x81\x02\x18\x01 \x03\x12\x09\x08\x01\x10\x80\x02\x18\x01 \x04)",
          R"(\x00\x00\x00\x00S = \x08\x01\x10\x82\x02 \x01)", R"(\x00\x00\x01\x00c/00000001 = 1)",
          R"(\x00\x00\x01\x00e/00000001/00000002 = 1)",
          R"(\x00\x00\x01\x00h/00000001 = 11400714819323198485)",
          R"(\x00\x00\x01\x00s/00000001 = 9323198485)", R"(\x00\x00\x01\x01c/00000001 = 1)",
          R"(\x00\x00\x01\x01e/00000001/00000002 = 1)",
          R"(\x00\x00\x01\x01h/00000001 = 11400714819323198485)",
          R"(\x00\x00\x01\x01s/00000001 = 9323198485)"));
}

}  // namespace
}  // namespace dailyfeed
