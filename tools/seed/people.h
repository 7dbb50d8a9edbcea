// The fifty members of the sample community.
#ifndef DAILYFEED_TOOLS_SEED_PEOPLE_H_
#define DAILYFEED_TOOLS_SEED_PEOPLE_H_

#include <string_view>
#include <vector>

namespace dailyfeed::seed {

// people.txt, which says itself how it is read.
extern const std::string_view kPeopleText;

struct Person {
  std::string_view name;
  std::string_view handle;  // the e-mail is <handle>@sample.dailyfeed.example
  std::string_view display_name;
  std::string_view bio;
  std::string_view location;
  std::string_view language;  // "ko" or "en": what they write in
  std::vector<std::string_view> topics;
};

// The most followed first.
const std::vector<Person>& People();

}  // namespace dailyfeed::seed

#endif  // DAILYFEED_TOOLS_SEED_PEOPLE_H_
