#include "adapters/identity/tokens/jwt.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

#include "absl/functional/function_ref.h"
#include "adapters/crypto/base64url.h"

namespace dailyfeed {
namespace {

constexpr std::string_view kAlgorithm = "HS256";
constexpr size_t kSignatureLength = 43;  // 32 bytes
constexpr size_t kFieldsMax = 16;
constexpr size_t kIntegerDigitsMax = 18;  // any of them fits an int64_t

// A value of a flat JSON object: a text without escapes or an integer.
struct Scalar {
  bool is_text = false;
  std::string_view text;  // of a number: its digits
};

bool ParseInteger(const Scalar& value, int64_t* out) {
  if (value.is_text) return false;
  const char* end = value.text.data() + value.text.size();
  return std::from_chars(value.text.data(), end, *out).ptr == end;
}

// Reads {"name":scalar,...}. Strict on purpose: no escapes (so that no name
// can be spelled in two ways), no control characters, no nesting, no fractions.
class FlatObjectScanner {
 public:
  using Visitor = absl::FunctionRef<bool(std::string_view name, const Scalar& value)>;

  explicit FlatObjectScanner(std::string_view text) : rest_(text) {}

  // False when the text is not such an object, a name is repeated, or `visit`
  // refuses a field.
  bool Scan(Visitor visit) {
    if (!Take('{')) return false;
    if (Take('}')) return AtEnd();
    do {
      std::string_view name;
      Scalar value;
      if (!Text(&name) || !IsNew(name) || !Take(':') || !Value(&value)) return false;
      if (!visit(name, value)) return false;
    } while (Take(','));
    return Take('}') && AtEnd();
  }

 private:
  void SkipSpace() {
    const size_t first = rest_.find_first_not_of(" \t\r\n");
    rest_.remove_prefix(first == std::string_view::npos ? rest_.size() : first);
  }
  bool Take(char c) {
    SkipSpace();
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool AtEnd() {
    SkipSpace();
    return rest_.empty();
  }
  bool Text(std::string_view* out) {
    if (!Take('"')) return false;
    for (size_t i = 0; i < rest_.size(); ++i) {
      const unsigned char c = static_cast<unsigned char>(rest_[i]);
      if (c == '"') {
        *out = rest_.substr(0, i);
        rest_.remove_prefix(i + 1);
        return true;
      }
      if (c == '\\' || c < 0x20 || c > 0x7e) return false;
    }
    return false;
  }
  bool Value(Scalar* out) {
    SkipSpace();
    if (!rest_.empty() && rest_.front() == '"') {
      out->is_text = true;
      return Text(&out->text);
    }
    size_t digits = 0;
    while (digits < rest_.size() && rest_[digits] >= '0' && rest_[digits] <= '9') ++digits;
    if (digits == 0 || digits > kIntegerDigitsMax) return false;
    if (digits > 1 && rest_.front() == '0') return false;
    out->is_text = false;
    out->text = rest_.substr(0, digits);
    rest_.remove_prefix(digits);
    return true;
  }
  bool IsNew(std::string_view name) {
    for (size_t i = 0; i < fields_; ++i) {
      if (names_[i] == name) return false;
    }
    if (fields_ == names_.size()) return false;
    names_[fields_++] = name;
    return true;
  }

  std::string_view rest_;
  std::array<std::string_view, kFieldsMax> names_;
  size_t fields_ = 0;
};

}  // namespace

std::optional<Jwt> Jwt::Split(std::string_view token) {
  if (token.size() > kJwtLengthMax) return std::nullopt;
  const size_t first = token.find('.');
  if (first == std::string_view::npos) return std::nullopt;
  const size_t second = token.find('.', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  Jwt jwt;
  jwt.header = token.substr(0, first);
  jwt.payload = token.substr(first + 1, second - first - 1);
  jwt.signed_part = token.substr(0, second);
  const std::string_view signature = token.substr(second + 1);
  if (jwt.header.empty() || jwt.payload.empty()) return std::nullopt;
  if (signature.size() != kSignatureLength) return std::nullopt;
  // A second dot in the signature is not of the alphabet.
  if (!Base64UrlDecode(signature, jwt.signature.data(), jwt.signature.size())) return std::nullopt;
  return jwt;
}

std::optional<std::string> ParseJwtHeader(std::string_view header) {
  std::array<char, kJwtLengthMax> buffer;
  const std::optional<size_t> size = Base64UrlDecode(header, buffer.data(), buffer.size());
  if (!size) return std::nullopt;
  std::string_view algorithm;
  std::string_view kid;
  const auto visit = [&](std::string_view name, const Scalar& value) {
    if (name == "alg") {
      algorithm = value.text;
      return value.is_text;
    }
    if (name == "kid") {
      kid = value.text;
      return value.is_text;
    }
    return name != "crit";  // extensions a verifier must know: we know none
  };
  if (!FlatObjectScanner({buffer.data(), *size}).Scan(visit)) return std::nullopt;
  if (algorithm != kAlgorithm || kid.empty()) return std::nullopt;
  return std::string(kid);
}

std::optional<JwtClaims> ParseJwtClaims(std::string_view payload) {
  std::array<char, kJwtLengthMax> buffer;
  const std::optional<size_t> size = Base64UrlDecode(payload, buffer.data(), buffer.size());
  if (!size) return std::nullopt;
  JwtClaims claims;
  std::string_view subject;
  std::string_view member;
  bool has_issued = false;
  bool has_expires = false;
  const auto visit = [&](std::string_view name, const Scalar& value) {
    if (name == "jti") {
      return value.is_text && claims.token_id.Assign(value.text);
    }
    if (name == "sid") {
      return value.is_text && claims.session_id.Assign(value.text);
    }
    if (name == "sub") {
      subject = value.text;
      return value.is_text;
    }
    if (name == "id") {
      int64_t id = 0;
      if (!ParseInteger(value, &id) || id == 0 || static_cast<uint64_t>(id) > kMaxId) return false;
      claims.member = static_cast<MemberId>(id);
      member = value.text;
      return true;
    }
    if (name == "iat") return has_issued = ParseInteger(value, &claims.issued_at);
    if (name == "exp") return has_expires = ParseInteger(value, &claims.expires_at);
    return true;
  };
  if (!FlatObjectScanner({buffer.data(), *size}).Scan(visit)) return std::nullopt;
  const bool complete = !claims.token_id.empty() && !claims.session_id.empty() &&
                        claims.member != 0 && subject == member && has_issued && has_expires;
  if (!complete) return std::nullopt;
  return claims;
}

std::string MakeJwtHeader(std::string_view kid) {
  return Base64UrlEncode(fmt::format(R"({{"alg":"{}","typ":"JWT","kid":"{}"}})", kAlgorithm, kid));
}

std::string SignJwt(std::string_view header, const JwtClaims& claims, const HmacSha256& key) {
  const std::string payload = fmt::format(
      R"({{"jti":"{}","sub":"{}","id":{},"iat":{},"exp":{},"sid":"{}"}})", claims.token_id.text(),
      claims.member, claims.member, claims.issued_at, claims.expires_at, claims.session_id.text());
  std::string token = fmt::format("{}.{}", header, Base64UrlEncode(payload));
  const Sha256Digest signature = key.Sign(token);
  token += '.';
  token += Base64UrlEncode({signature.data(), signature.size()});
  return token;
}

}  // namespace dailyfeed
