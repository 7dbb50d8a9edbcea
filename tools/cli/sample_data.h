// Sample data for `seed` and `serve --seed-sample-data`.
#ifndef DAILYFEED_TOOLS_CLI_SAMPLE_DATA_H_
#define DAILYFEED_TOOLS_CLI_SAMPLE_DATA_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "adapters/embedded/dailyfeed.h"

namespace dailyfeed::cli {

// Where the logins of the sample members stand.
std::string SampleLoginsPath(const std::string& data_directory);

// Fills the empty feed and writes the logins; progress on stderr.
absl::Status AddSampleData(Dailyfeed& feed, uint64_t sample_seed);

}  // namespace dailyfeed::cli

#endif  // DAILYFEED_TOOLS_CLI_SAMPLE_DATA_H_
