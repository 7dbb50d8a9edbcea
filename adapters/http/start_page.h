// The start page: the state of the system, the API to try in the browser, the
// sample logins. One HTML document that needs nothing from elsewhere.
#ifndef DAILYFEED_ADAPTERS_HTTP_START_PAGE_H_
#define DAILYFEED_ADAPTERS_HTTP_START_PAGE_H_

#include <string>

namespace dailyfeed::http {

// `sample_logins_file`: JSON as ApiOptions::sample_logins_file says; empty or
// missing: no sample logins.
std::string StartPage(const std::string& sample_logins_file);

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_START_PAGE_H_
