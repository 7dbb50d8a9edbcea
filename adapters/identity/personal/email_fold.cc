#include "adapters/identity/personal/email_fold.h"

#include <unicode/normalizer2.h>
#include <unicode/unistr.h>
#include <unicode/ustring.h>

namespace dailyfeed {
namespace {

std::optional<icu::UnicodeString> FromUtf8(std::string_view text) {
  if (text.empty()) return icu::UnicodeString();
  // UTF-16 never has more units than UTF-8 has bytes.
  icu::UnicodeString result;
  const int32_t capacity = static_cast<int32_t>(text.size());
  char16_t* buffer = result.getBuffer(capacity);
  if (buffer == nullptr) return std::nullopt;
  int32_t length = 0;
  UErrorCode error = U_ZERO_ERROR;
  u_strFromUTF8(buffer, capacity, &length, text.data(), capacity, &error);
  result.releaseBuffer(U_SUCCESS(error) ? length : 0);
  if (U_FAILURE(error)) return std::nullopt;
  return result;
}

}  // namespace

std::optional<std::string> FoldEmail(std::string_view email) {
  std::optional<icu::UnicodeString> text = FromUtf8(email);
  if (!text) return std::nullopt;
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* nfd = icu::Normalizer2::getNFDInstance(error);
  const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(error);
  if (U_FAILURE(error)) return std::nullopt;
  icu::UnicodeString folded = nfd->normalize(*text, error);
  folded.foldCase(U_FOLD_CASE_DEFAULT);
  const icu::UnicodeString composed = nfc->normalize(folded, error);
  if (U_FAILURE(error)) return std::nullopt;
  std::string result;
  composed.toUTF8String(result);
  return result;
}

}  // namespace dailyfeed
