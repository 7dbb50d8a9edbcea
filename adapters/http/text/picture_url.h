// The picture that a URL or a path of a client means.
//
//   PictureIdOfUrl("/api/proxy/images/view/3b241101-e2bb-4255-8caf-4136c566a962.png?thumbnail=1")
//
// Pure. Threads: from any.
#ifndef DAILYFEED_ADAPTERS_HTTP_TEXT_PICTURE_URL_H_
#define DAILYFEED_ADAPTERS_HTTP_TEXT_PICTURE_URL_H_

#include <optional>
#include <string>
#include <string_view>

namespace dailyfeed::http {

// The 16 bytes of the id: the last segment of the path without query and
// extension (contract 7.8). nullopt when that is not a UUID.
std::optional<std::string> PictureIdOfUrl(std::string_view url);

// 16 bytes from "3b241101-e2bb-4255-8caf-4136c566a962", digits in any case.
std::optional<std::string> ParseUuid(std::string_view text);
// The reverse, in lower case. `id` has 16 bytes.
std::string FormatUuid(std::string_view id);

}  // namespace dailyfeed::http

#endif  // DAILYFEED_ADAPTERS_HTTP_TEXT_PICTURE_URL_H_
