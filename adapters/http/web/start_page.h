// The page at "/" and "/demo-ui.html": one file without anything from outside.
#ifndef DAILYFEED_ADAPTERS_HTTP_WEB_START_PAGE_H_
#define DAILYFEED_ADAPTERS_HTTP_WEB_START_PAGE_H_

#include <string_view>

namespace dailyfeed::http {

inline constexpr std::string_view kStartPagePattern = "/";

// The text of start_page.html. `[/*sample logins*/]` in it stands for a JSON
// array of {email, password, name}.
extern const std::string_view kStartPage;

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_WEB_START_PAGE_H_
