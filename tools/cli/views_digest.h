// The lines of `views digest`, which `views verify --against=FILE` reads again.
//
//   output.Write(DigestLine("posts", position, digest));
//   ASSIGN_OR_RETURN(const std::vector<StoredDigest> stored, ReadDigests(file));
#ifndef DAILYFEED_TOOLS_CLI_VIEWS_DIGEST_H_
#define DAILYFEED_TOOLS_CLI_VIEWS_DIGEST_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "core/domain/types.h"
#include "projections/verify/digest.h"

namespace dailyfeed::cli {

// One line, JSON, with the digest of every range that has rows: "b.3f" is the range
// 3f of the rows whose keys begin with "b".
std::string DigestLine(std::string_view projection, Position position, const RowDigest& digest);

struct StoredDigest {
  std::string projection;
  Position position = 0;
  uint64_t rows = 0;
  std::string digest;
  std::map<std::string, std::string> ranges;
};
std::map<std::string, std::string> RangesOf(const RowDigest& digest);

// Of a file of such lines. NOT_FOUND: there is none. INVALID_ARGUMENT names the line.
absl::StatusOr<std::vector<StoredDigest>> ReadDigests(const std::string& path);

// The names of the word of a command: all of them, or the one that is said.
// INVALID_ARGUMENT: there is no such projection.
absl::StatusOr<std::vector<std::string>> ProjectionsOf(const std::vector<std::string>& all,
                                                       const std::string& word);

}  // namespace dailyfeed::cli

#endif  // DAILYFEED_TOOLS_CLI_VIEWS_DIGEST_H_
