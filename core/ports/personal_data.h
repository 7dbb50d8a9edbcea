// Personal fields, sealed with a key per member that lives outside the log.
#ifndef DAILYFEED_CORE_PORTS_PERSONAL_DATA_H_
#define DAILYFEED_CORE_PORTS_PERSONAL_DATA_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace dailyfeed {

// Threads: from any.
class PersonalDataReader {
 public:
  virtual ~PersonalDataReader() = default;
  // The clear text; nullopt when the key was destroyed: the person is gone.
  // DATA_LOSS when the key exists but does not fit.
  virtual absl::StatusOr<std::optional<std::string>> Unseal(std::string_view subject_id,
                                                            std::string_view sealed) const = 0;
};

}  // namespace dailyfeed

#endif  // DAILYFEED_CORE_PORTS_PERSONAL_DATA_H_
