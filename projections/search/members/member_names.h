// The names of all live members in the form that a search compares (loose_name.h),
// in memory, as of one moment.
//
//   MemberNames names;
//   names = names.With({{{.id = 7, .text = NamesText("Kim_7", "Kim Minji", "")}}});
//   names.TextOf(7);   // "kim_7\nkim minji\n\n"
//
// The texts of the members of a chunk stand one behind the other, so a search
// runs over bytes and not over objects: about 60 bytes for a member, and 24 beside
// them. What nobody may find any more (a former name, a member who withdrew) is
// in no version from then on.
//
// Immutable: a change makes another version, which shares the chunks of the
// members that stayed. Threads: from any.
#ifndef DAILYFEED_PROJECTIONS_SEARCH_MEMBERS_MEMBER_NAMES_H_
#define DAILYFEED_PROJECTIONS_SEARCH_MEMBERS_MEMBER_NAMES_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/domain/types.h"
#include "projections/search/members/chunk_map.h"

namespace dailyfeed::search {

// Handle, member name, display name.
inline constexpr size_t kNames = 3;
// Ends each name. White space in a name is a space, so no name and no term of a
// query has it.
inline constexpr char kNameEnd = '\n';

// The three as one text.
std::string NamesText(std::string_view handle, std::string_view member_name,
                      std::string_view display_name);
// The other way; what is missing is empty.
std::array<std::string_view, kNames> SplitNames(std::string_view text);

class MemberNames {
 public:
  struct Change {
    MemberId id = 0;
    std::optional<std::string> text;  // of NamesText; nullopt: no live member
  };
  struct Chunk {
    std::vector<MemberId> ids;
    std::vector<uint32_t> ends;  // of the text of each
    // The first code point of each name of each; 0: the name is empty.
    std::vector<std::array<char32_t, kNames>> heads;
    std::string texts;

    std::string_view TextAt(size_t i) const {
      const size_t begin = i == 0 ? 0 : ends[i - 1];
      return std::string_view(texts).substr(begin, ends[i] - begin);
    }
    void Reserve(size_t members, size_t text_bytes);
    void Add(MemberId id, std::string_view text);
    size_t Bytes() const;
  };

  // `changes` in the order of the ids, each once.
  MemberNames With(std::span<const Change> changes) const;

  // In the order of the ids.
  std::span<const ChunkMap<Chunk>::Slot> chunks() const { return chunks_.slots(); }
  // nullopt: no live member. Valid as long as this.
  std::optional<std::string_view> TextOf(MemberId id) const;

  uint64_t members() const { return members_; }
  size_t Bytes() const { return chunks_.Bytes() + bytes_; }

 private:
  static constexpr uint64_t kChunkMembers = 512;

  ChunkMap<Chunk> chunks_;
  uint64_t members_ = 0;
  size_t bytes_ = 0;  // of the chunks
};

}  // namespace dailyfeed::search

#endif  // DAILYFEED_PROJECTIONS_SEARCH_MEMBERS_MEMBER_NAMES_H_
