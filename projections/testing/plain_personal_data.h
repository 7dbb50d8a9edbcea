// Personal data that is not sealed at all: the sealed bytes are the clear text.
#ifndef DAILYFEED_PROJECTIONS_TESTING_PLAIN_PERSONAL_DATA_H_
#define DAILYFEED_PROJECTIONS_TESTING_PLAIN_PERSONAL_DATA_H_

#include <optional>
#include <set>
#include <string>

#include "core/ports/personal_data.h"

namespace dailyfeed::testing {

class PlainPersonalData final : public PersonalDataReader {
 public:
  absl::StatusOr<std::optional<std::string>> Unseal(std::string_view subject_id,
                                                    std::string_view sealed) const override {
    if (gone.contains(std::string(subject_id))) return std::nullopt;
    return std::string(sealed);
  }

  std::set<std::string> gone;  // subjects whose key was destroyed
};

}  // namespace dailyfeed::testing

#endif  // DAILYFEED_PROJECTIONS_TESTING_PLAIN_PERSONAL_DATA_H_
