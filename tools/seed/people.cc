#include "tools/seed/people.h"

#include "core/base/check.h"
#include "tools/seed/texts.h"

namespace dailyfeed::seed {
namespace {

Person PersonOf(std::string_view block) {
  const std::vector<std::string_view> lines = Split(block, "\n");
  DAILYFEED_CHECK(lines.size() == 7);
  return {.name = lines[0],
          .handle = lines[1],
          .display_name = lines[2],
          .bio = lines[3],
          .location = lines[4],
          .language = lines[5],
          .topics = Split(lines[6], " ")};
}

}  // namespace

const std::vector<Person>& People() {
  static const auto* const kPeople = [] {
    std::string_view text = kPeopleText;
    while (text.ends_with('\n')) text.remove_suffix(1);
    auto* people = new std::vector<Person>;
    for (const std::string_view block : Split(text, "\n\n")) {
      if (!block.starts_with('#')) people->push_back(PersonOf(block));
    }
    return people;
  }();
  return *kPeople;
}

}  // namespace dailyfeed::seed
