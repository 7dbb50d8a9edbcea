#include "projections/search/text/fold_table.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include "core/base/check.h"
#include "projections/search/text/hangul.h"

namespace dailyfeed::search {
namespace {

const icu::Normalizer2& Nfc() {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(error);
  DAILYFEED_CHECK(U_SUCCESS(error));
  return *nfc;
}

bool IsHangulPart(char32_t c) {
  return (c >= kFirstVowel && c <= kLastVowel) || (c > kBeforeFirstFinal && c <= kLastFinal);
}

int32_t QuickCheck(UChar32 c) { return u_getIntPropertyValue(c, UCHAR_NFC_QUICK_CHECK); }

// Normalization leaves it alone and it composes with nothing before it.
bool StartsPiece(UChar32 c) { return QuickCheck(c) == UNORM_YES && u_getCombiningClass(c) == 0; }

FoldTable::Entry EntryOf(UChar32 c) {
  if (IsHangulPart(static_cast<char32_t>(c))) {
    return FoldTable::Entry::Folding(FoldKind::kHangulPart, 0);
  }
  const UChar32 folded = u_foldCase(c, U_FOLD_CASE_DEFAULT);
  const uint8_t combining_class = u_getCombiningClass(c);
  if (combining_class != 0 && QuickCheck(c) != UNORM_NO && folded == c) {
    return FoldTable::Entry::Mark(combining_class);
  }
  if (!StartsPiece(c) || !StartsPiece(folded)) {
    return FoldTable::Entry::Folding(FoldKind::kRare, 0);
  }
  icu::UnicodeString decomposition;
  const bool composed = Nfc().getRawDecomposition(c, decomposition) != 0;
  return FoldTable::Entry::Folding(composed ? FoldKind::kComposed : FoldKind::kPlain, folded - c);
}

// Calls visit(c) for every assigned code point but those that can be nothing
// except plain: Hangul syllables, which are composed by arithmetic alone and
// before no mark, private use, surrogates.
template <typename Visit>
void VisitAssigned(Visit visit) {
  UCharEnumTypeRange* const range = [](const void* context, UChar32 begin, UChar32 end,
                                       UCharCategory category) -> UBool {
    const bool of_interest = category != U_UNASSIGNED && category != U_PRIVATE_USE_CHAR &&
                             category != U_SURROGATE &&
                             static_cast<char32_t>(begin) != kFirstSyllable;
    for (UChar32 c = begin; of_interest && c < end; ++c) (*static_cast<const Visit*>(context))(c);
    return true;
  };
  u_enumCharTypes(range, &visit);
}

}  // namespace

const FoldTable& FoldTable::Get() {
  static const FoldTable* const table = new FoldTable;
  return *table;
}

FoldTable::FoldTable() : entries_(kBlock), pairs_(kPairSlots) {
  const icu::Normalizer2& nfc = Nfc();
  VisitAssigned([&](UChar32 c) {
    Set(static_cast<char32_t>(c), EntryOf(c));
    icu::UnicodeString parts;
    if (!nfc.getRawDecomposition(c, parts) || parts.countChar32() != 2) return;
    const UChar32 starter = parts.char32At(0);
    const UChar32 mark = parts.char32At(parts.moveIndex32(0, 1));
    if (nfc.composePair(starter, mark) != c || u_getCombiningClass(mark) == 0) return;
    AddPair(
        {static_cast<char32_t>(starter), static_cast<char32_t>(mark), static_cast<char32_t>(c)});
  });
}

void FoldTable::Set(char32_t c, Entry entry) {
  if (entry == Entry()) return;
  uint16_t& block = block_of_[c / kBlock];
  if (block == 0) {
    block = static_cast<uint16_t>(entries_.size() / kBlock);
    entries_.resize(entries_.size() + kBlock);
  }
  entries_[size_t{block} * kBlock + c % kBlock] = entry;
}

size_t FoldTable::SlotOf(char32_t starter, char32_t mark) {
  return (starter * 0x9E3779B1u ^ mark * 0x85EBCA77u) >> 7 & (kPairSlots - 1);
}

void FoldTable::AddPair(Pair pair) {
  DAILYFEED_CHECK(++pair_count_ <= kPairSlots / 2);
  size_t slot = SlotOf(pair.starter, pair.mark);
  while (pairs_[slot].composite != 0) slot = (slot + 1) % kPairSlots;
  pairs_[slot] = pair;
}

char32_t FoldTable::Compose(char32_t starter, char32_t mark) const {
  size_t slot = SlotOf(starter, mark);
  while (pairs_[slot].composite != 0) {
    if (pairs_[slot].starter == starter && pairs_[slot].mark == mark) return pairs_[slot].composite;
    slot = (slot + 1) % kPairSlots;
  }
  return 0;
}

}  // namespace dailyfeed::search
