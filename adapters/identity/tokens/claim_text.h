// A short text held in place: the ids in an access token, which is read for
// every request and must not cost an allocation.
//
//   ClaimText text;
//   if (!text.Assign(claim)) return std::nullopt;  // too long to be ours
//   revocations.Contains(text);
//
// Threads: a value.
#ifndef DAILYFEED_ADAPTERS_IDENTITY_TOKENS_CLAIM_TEXT_H_
#define DAILYFEED_ADAPTERS_IDENTITY_TOKENS_CLAIM_TEXT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <ostream>
#include <string_view>

namespace dailyfeed {

class ClaimText {
 public:
  static constexpr size_t kLengthMax = 63;  // ours are UUIDs: 36

  ClaimText() = default;
  // Empty when the text is too long.
  explicit ClaimText(std::string_view text) { Assign(text); }

  // False, and nothing changes, when the text is too long.
  bool Assign(std::string_view text) {
    if (text.size() > kLengthMax) return false;
    if (!text.empty()) std::memcpy(bytes_.data(), text.data(), text.size());
    size_ = static_cast<uint8_t>(text.size());
    return true;
  }

  std::string_view text() const { return {bytes_.data(), size_}; }
  operator std::string_view() const { return text(); }
  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }

  friend bool operator==(const ClaimText& a, const ClaimText& b) { return a.text() == b.text(); }
  friend bool operator==(const ClaimText& a, std::string_view b) { return a.text() == b; }
  friend std::ostream& operator<<(std::ostream& out, const ClaimText& text) {
    return out << text.text();
  }

 private:
  std::array<char, kLengthMax> bytes_{};
  uint8_t size_ = 0;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_ADAPTERS_IDENTITY_TOKENS_CLAIM_TEXT_H_
