#include "projections/verify/digest.h"

#include <memory>

#include "core/base/status_macros.h"
#include "core/ports/store.h"
#include "projections/runtime/units.h"

namespace dailyfeed {

RangeOfRow RangeOf(std::string_view key) {
  constexpr int kTopByte = 56;
  return {.tag = key.empty() ? uint8_t{0} : static_cast<uint8_t>(key.front()),
          .range = static_cast<uint8_t>(HashOfRow(key, {}).high >> kTopByte)};
}

void RowDigest::Add(std::string_view key, std::string_view content) {
  const RowHash hash = HashOfRow(key, content);
  sum.Add(hash);
  const RangeOfRow range = RangeOf(key);
  ranges[range.tag][range.range].Add(hash);
  bytes += key.size() + content.size();
}

absl::Status VisitContent(const HeldMoment::Rows& rows,
                          absl::FunctionRef<bool(std::string_view, std::string_view)> visit) {
  const UnitLaw* const law = rows.folds == nullptr ? nullptr : rows.folds->units();
  if (law != nullptr) return law->VisitContent(*rows.reader, {}, visit);
  const std::unique_ptr<StoreIterator> at = rows.reader->NewIterator({});
  for (; at->Valid(); at->Next()) {
    if (!visit(at->key(), at->value())) break;
  }
  return at->status();
}

absl::StatusOr<RowDigest> DigestOf(const HeldMoment::Rows& rows) {
  RowDigest digest;
  RETURN_IF_ERROR(VisitContent(rows, [&](std::string_view key, std::string_view content) {
    digest.Add(key, content);
    return true;
  }));
  return digest;
}

}  // namespace dailyfeed
