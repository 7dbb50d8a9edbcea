#include "adapters/http/server/response_head.h"

#include <algorithm>
#include <boost/beast/http/status.hpp>

#include "fmt/format.h"

namespace dailyfeed::http {
namespace {

void AppendNumber(uint64_t number, std::string* out) {
  const fmt::format_int digits(number);
  out->append(digits.data(), digits.size());
}

bool IsControl(char c) { return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == '\x7f'; }

void AppendHeader(std::string_view name, std::string_view value, std::string* out) {
  out->append(name);
  out->append(": ");
  const size_t begin = out->size();
  out->append(value);
  std::replace_if(out->begin() + static_cast<ptrdiff_t>(begin), out->end(), IsControl, ' ');
  out->append("\r\n");
}

void AppendStatusLine(int status, std::string* out) {
  if (status == 200) {
    out->append("HTTP/1.1 200 OK\r\n");
    return;
  }
  const auto reason = boost::beast::http::obsolete_reason(
      boost::beast::http::int_to_status(static_cast<unsigned>(status)));
  out->append("HTTP/1.1 ");
  AppendNumber(static_cast<uint64_t>(status), out);
  out->push_back(' ');
  out->append(reason.data(), reason.size());
  out->append("\r\n");
}

void AppendFraming(const HttpResponse& response, BodyFraming framing, std::string* out) {
  switch (framing) {
    case BodyFraming::kLength:
      out->append("Content-Length: ");
      AppendNumber(response.body.size(), out);
      out->append("\r\n");
      return;
    case BodyFraming::kChunks:
      out->append("Transfer-Encoding: chunked\r\n");
      return;
    case BodyFraming::kUntilClose:
      return;
  }
}

}  // namespace

std::string_view DateLine::At(std::time_t now) {
  if (now == made_for_) return line_;
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  char text[64];
  // Not strftime's %a and %b: those follow the locale of the host program.
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto end = fmt::format_to_n(
      text, sizeof(text), "Date: {}, {:02} {} {:04} {:02}:{:02}:{:02} GMT\r\n", kDays[utc.tm_wday],
      utc.tm_mday, kMonths[utc.tm_mon], utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
  line_.assign(text, end.size);
  made_for_ = now;
  return line_;
}

bool IsBodyless(int status) { return status / 100 == 1 || status == 204 || status == 304; }

void AppendResponseHead(const HttpResponse& response, std::string_view date_line,
                        ConnectionHeader connection, BodyFraming framing, std::string* out) {
  AppendStatusLine(response.status, out);
  out->append(date_line);
  if (!IsBodyless(response.status)) {
    if (!response.content_type.empty()) AppendHeader("Content-Type", response.content_type, out);
    AppendFraming(response, framing, out);
  }
  if (connection == ConnectionHeader::kClose) out->append("Connection: close\r\n");
  if (connection == ConnectionHeader::kKeepAlive) out->append("Connection: keep-alive\r\n");
  out->append(response.header_lines);
  for (const auto& [name, value] : response.headers) AppendHeader(name, value, out);
  out->append("\r\n");
}

}  // namespace dailyfeed::http
