#include "projections/search/text/fold.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <cstdint>
#include <cstring>
#include <utility>

#include "core/base/check.h"
#include "core/base/text.h"
#include "projections/search/text/code_points.h"
#include "projections/search/text/fold_table.h"
#include "projections/search/text/hangul.h"

namespace dailyfeed::search {
namespace {

constexpr uint64_t kEveryByte = 0x0101010101010101;

bool IsAscii(uint64_t eight_bytes) { return (eight_bytes & (kEveryByte * 0x80)) == 0; }

// Eight bytes of ASCII at once: A-Z get bit 0x20. Adding 0x80 - 'A' sets the
// high bit of every byte from 'A' on, adding 0x7F - 'Z' of every byte behind 'Z'.
uint64_t LowerAscii(uint64_t eight_bytes) {
  const uint64_t from_a = eight_bytes + kEveryByte * (0x80 - 'A');
  const uint64_t behind_z = eight_bytes + kEveryByte * (0x7F - 'Z');
  return eight_bytes | ((from_a ^ behind_z) & (kEveryByte * 0x80)) >> 2;
}

bool IsContinuation(unsigned char byte) { return (byte & 0xC0) == 0x80; }

// One pass over a text. The output grows piece by piece; a piece is a starter
// and what composes with it. A piece that is too rare for the table is taken
// back and made by ICU.
class Folder {
 public:
  explicit Folder(std::string_view in) : in_(in), table_(FoldTable::Get()) {
    out_.resize(in.size() + in.size() / 8 + kRoom);
  }

  std::string Run() {
    while (at_ < in_.size()) {
      if (CopyAscii()) continue;
      const size_t begin = at_;
      const char32_t c = Next();
      const FoldTable::Entry entry = table_[c];
      if (entry.kind() <= FoldKind::kComposed) {
        BeginPiece(c, begin, entry);
      } else if (entry.kind() == FoldKind::kHangulPart) {
        AddHangulPart(c, begin);
      } else if (entry.kind() != FoldKind::kMark || !AddMark(c, entry.combining_class())) {
        FoldPieceByIcu();
      }
    }
    out_.resize(size_);
    return std::move(out_);
  }

 private:
  static constexpr size_t kRoom = 16;  // the output always has it before a write

  // The last piece. `starter` is as NFC has it, before it is folded.
  struct Piece {
    size_t in = 0;   // where it begins
    size_t out = 0;  // where its folded form begins
    char32_t starter = 0;
    bool composed = false;    // the starter as written; marks may go into it
    bool has_marks = false;   // behind the starter in the output
    int combining_class = 0;  // of the last mark that was read
  };

  void MakeRoom(size_t bytes = kRoom) {
    if (out_.size() - size_ < bytes) out_.resize(out_.size() * 2 + bytes);
  }

  // Takes eight bytes when all are ASCII.
  bool CopyAscii() {
    uint64_t word;
    if (in_.size() - at_ < sizeof(word)) return false;
    std::memcpy(&word, in_.data() + at_, sizeof(word));
    if (!IsAscii(word)) return false;
    MakeRoom();
    const uint64_t lower = LowerAscii(word);
    std::memcpy(out_.data() + size_, &lower, sizeof(lower));
    at_ += sizeof(word);
    size_ += sizeof(word);
    piece_ = {.in = at_ - 1, .out = size_ - 1, .starter = static_cast<unsigned char>(in_[at_ - 1])};
    return true;
  }

  // Takes one code point. Sequences of three bytes, which is what most of a
  // Korean text consists of, are decoded here.
  char32_t Next() {
    const auto byte = [&](size_t i) { return static_cast<unsigned char>(in_[at_ + i]); };
    const unsigned char first = byte(0);
    if (first < 0x80) {
      ++at_;
      return first;
    }
    // E0 has overlong forms, ED with a second byte from A0 on surrogates.
    if (first > 0xE0 && first < 0xF0 && in_.size() - at_ >= 3 && IsContinuation(byte(1)) &&
        IsContinuation(byte(2)) && (first != 0xED || byte(1) < 0xA0)) {
      const char32_t c = (first & 0xFu) << 12 | (byte(1) & 0x3Fu) << 6 | (byte(2) & 0x3Fu);
      at_ += 3;
      return c;
    }
    std::string_view rest = in_.substr(at_);
    const char32_t c = NextCodePoint(&rest);
    at_ = in_.size() - rest.size();
    return c == kMalformed ? kReplacement : c;
  }

  void Put(char32_t c) {
    MakeRoom();
    char* const out = out_.data() + size_;
    const auto tail = [c](int shift) { return static_cast<char>(0x80 | ((c >> shift) & 0x3F)); };
    if (c < 0x80) {
      out[0] = static_cast<char>(c);
      size_ += 1;
    } else if (c < 0x800) {
      out[0] = static_cast<char>(0xC0 | c >> 6);
      out[1] = tail(0);
      size_ += 2;
    } else if (c < 0x10000) {
      out[0] = static_cast<char>(0xE0 | c >> 12);
      out[1] = tail(6);
      out[2] = tail(0);
      size_ += 3;
    } else {
      out[0] = static_cast<char>(0xF0 | c >> 18);
      out[1] = tail(12);
      out[2] = tail(6);
      out[3] = tail(0);
      size_ += 4;
    }
  }

  void BeginPiece(char32_t c, size_t begin, FoldTable::Entry entry) {
    piece_ = {
        .in = begin, .out = size_, .starter = c, .composed = entry.kind() == FoldKind::kComposed};
    Put(static_cast<char32_t>(static_cast<int32_t>(c) + entry.distance()));
  }

  // Conjoining letters: an initial and a vowel, a syllable and a final.
  void AddHangulPart(char32_t c, size_t begin) {
    const char32_t starter = piece_.starter;
    const bool adjacent = !piece_.has_marks && piece_.combining_class == 0;
    char32_t syllable = 0;
    if (adjacent && c <= kLastVowel && starter >= kFirstInitial && starter <= kLastInitial) {
      syllable = ComposeSyllable({.initial = static_cast<int>(starter - kFirstInitial),
                                  .vowel = static_cast<int>(c - kFirstVowel)});
    } else if (adjacent && c > kBeforeFirstFinal && IsSyllable(starter) && !HasFinal(starter)) {
      syllable = starter + (c - kBeforeFirstFinal);
    }
    if (syllable == 0) {
      BeginPiece(c, begin, {});
      return;
    }
    size_ = piece_.out;
    piece_.starter = syllable;
    Put(syllable);
  }

  // False when the mark must be looked at by ICU: it may go into the middle of
  // its piece, or folding the starter may make it compose after all.
  bool AddMark(char32_t mark, int combining_class) {
    if (piece_.starter == 0 || piece_.composed || combining_class < piece_.combining_class) {
      return false;
    }
    const bool blocked = piece_.has_marks && combining_class == piece_.combining_class;
    const char32_t composite = blocked ? 0 : table_.Compose(piece_.starter, mark);
    if (composite != 0) {
      const FoldTable::Entry entry = table_[composite];
      if (piece_.has_marks || entry.kind() > FoldKind::kComposed) return false;
      size_ = piece_.out;
      Put(static_cast<char32_t>(static_cast<int32_t>(composite) + entry.distance()));
      piece_.starter = composite;
    } else {
      if (table_[piece_.starter].distance() != 0) return false;
      Put(mark);
      piece_.has_marks = true;
    }
    piece_.combining_class = combining_class;
    return true;
  }

  // Takes the last piece back and gives ICU everything from its begin up to
  // text that is plain again: a plain code point behind a plain one. What comes
  // next starts a new piece and does not depend on this one.
  void FoldPieceByIcu() {
    bool last_is_plain = false;
    size_t end = at_;
    while (at_ < in_.size()) {
      const bool plain = table_[Next()].kind() <= FoldKind::kComposed;
      if (plain && last_is_plain) break;
      last_is_plain = plain;
      end = at_;
    }
    at_ = end;
    const std::string folded = FoldByIcu(in_.substr(piece_.in, end - piece_.in));
    size_ = piece_.out;
    MakeRoom(folded.size() + kRoom);
    std::memcpy(out_.data() + size_, folded.data(), folded.size());
    size_ += folded.size();
    piece_ = {.in = at_, .out = size_};
  }

  const std::string_view in_;
  const FoldTable& table_;
  size_t at_ = 0;    // in in_
  size_t size_ = 0;  // how much of out_ is text
  std::string out_;
  Piece piece_;
};

const icu::Normalizer2& Nfc() {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* const nfc = icu::Normalizer2::getNFCInstance(error);
  DAILYFEED_CHECK(U_SUCCESS(error));
  return *nfc;
}

icu::UnicodeString ToUtf16(std::string_view utf8) {
  icu::UnicodeString text(static_cast<int32_t>(utf8.size()), 0, 0);  // only the capacity
  while (!utf8.empty()) {
    const char32_t c = NextCodePoint(&utf8);
    text.append(static_cast<UChar32>(c == kMalformed ? kReplacement : c));
  }
  return text;
}

icu::UnicodeString FoldCodePoints(const icu::UnicodeString& text) {
  icu::UnicodeString folded(text.length(), 0, 0);
  for (int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
    folded.append(u_foldCase(text.char32At(i), U_FOLD_CASE_DEFAULT));
  }
  return folded;
}

}  // namespace

std::string Fold(std::string_view utf8) { return Folder(utf8).Run(); }

std::string FoldByIcu(std::string_view utf8) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::UnicodeString composed = Nfc().normalize(ToUtf16(utf8), error);
  const icu::UnicodeString folded = Nfc().normalize(FoldCodePoints(composed), error);
  DAILYFEED_CHECK(U_SUCCESS(error));  // it fails without memory only
  std::string result;
  folded.toUTF8String(result);
  return result;
}

bool StartsPiece(char32_t c) {
  const FoldTable& table = FoldTable::Get();
  const FoldKind kind = table[c].kind();
  if (kind != FoldKind::kRare) return kind <= FoldKind::kComposed;
  // What it becomes must start a piece too, because N composes twice.
  if (!Nfc().hasBoundaryBefore(static_cast<UChar32>(c))) return false;
  std::string folded = Fold(Utf8({&c, 1}));
  return table[CodePoints(folded).front()].kind() <= FoldKind::kComposed;
}

std::string_view UnicodeVersion() {
  // Of the library that runs, not of the headers it was compiled with.
  static const std::string* const version = [] {
    UVersionInfo numbers;
    u_getUnicodeVersion(numbers);
    return new std::string(std::to_string(numbers[0]) + "." + std::to_string(numbers[1]));
  }();
  return *version;
}

}  // namespace dailyfeed::search
