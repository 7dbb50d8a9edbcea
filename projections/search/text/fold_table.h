// What Fold knows of each code point, and which pairs compose. Read from ICU
// once a process.
//
// Threads: from any.
#ifndef DAILYFEED_PROJECTIONS_SEARCH_TEXT_FOLD_TABLE_H_
#define DAILYFEED_PROJECTIONS_SEARCH_TEXT_FOLD_TABLE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace dailyfeed::search {

enum class FoldKind : uint8_t {
  // Starts a new piece of text: normalization leaves it alone, nothing before
  // it composes with it, and the same holds for what it folds to.
  kPlain = 0,
  // The same, but it is itself composed, so marks behind it may have to go
  // between its parts.
  kComposed,
  // A conjoining vowel or final of Hangul: composes by arithmetic.
  kHangulPart,
  // A combining mark that has no case and does not decompose.
  kMark,
  // Everything else: left to ICU with its surroundings.
  kRare,
};

class FoldTable {
 public:
  // One code point. Four bytes, so that the whole table of written scripts
  // stays in the cache of a core.
  class Entry {
   public:
    constexpr Entry() = default;
    static constexpr Entry Folding(FoldKind kind, int32_t distance) {
      return Entry(static_cast<int32_t>(kind) | distance * 8);
    }
    static constexpr Entry Mark(uint8_t combining_class) {
      return Entry(static_cast<int32_t>(FoldKind::kMark) | combining_class * 8);
    }
    FoldKind kind() const { return static_cast<FoldKind>(bits_ & 7); }
    // Of kPlain and kComposed: from the code point to what it folds to.
    int32_t distance() const { return bits_ >> 3; }
    // Of kMark: 1-254.
    int combining_class() const { return bits_ >> 3; }
    bool operator==(const Entry&) const = default;

   private:
    explicit constexpr Entry(int32_t bits) : bits_(bits) {}
    int32_t bits_ = 0;  // kPlain, folds to itself
  };

  static const FoldTable& Get();

  // `c` is at most U+10FFFF.
  Entry operator[](char32_t c) const {
    return entries_[size_t{block_of_[c / kBlock]} * kBlock + c % kBlock];
  }

  // The primary composite of a starter and a combining mark; 0: none.
  char32_t Compose(char32_t starter, char32_t mark) const;

 private:
  static constexpr size_t kBlock = 128;
  static constexpr size_t kPairSlots = 4096;  // a quarter of them taken

  struct Pair {
    char32_t starter = 0;
    char32_t mark = 0;
    char32_t composite = 0;  // 0: a free slot
  };

  FoldTable();
  void Set(char32_t c, Entry entry);
  void AddPair(Pair pair);
  static size_t SlotOf(char32_t starter, char32_t mark);

  std::array<uint16_t, 0x110000 / kBlock> block_of_{};
  std::vector<Entry> entries_;  // block 0: everything folds to itself
  std::vector<Pair> pairs_;     // open addressing
  size_t pair_count_ = 0;
};

}  // namespace dailyfeed::search

#endif  // DAILYFEED_PROJECTIONS_SEARCH_TEXT_FOLD_TABLE_H_
