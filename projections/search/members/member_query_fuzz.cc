// Any bytes as a query for members and as the names of one: refused with a
// violation, or found exactly when the plain way finds it. Parts of an input are
// divided by bytes 0: the query, then three names.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/check.h"
#include "core/base/text.h"
#include "core/domain/errors.h"
#include "projections/search/members/loose_name.h"
#include "projections/search/members/member_names.h"
#include "projections/search/members/member_query.h"
#include "projections/search/members/member_search.h"
#include "projections/search/text/code_points.h"
#include "projections/search/text/hangul.h"

namespace dailyfeed::search {
namespace {

// The term, and of syllables the term with a space at each place.
std::vector<std::u32string> FormsOf(const std::u32string& term) {
  std::vector<std::u32string> forms = {term};
  if (!std::all_of(term.begin(), term.end(), IsSyllable)) return forms;
  for (size_t i = 1; i < term.size(); ++i) {
    forms.push_back(term.substr(0, i) + U' ' + term.substr(i));
  }
  return forms;
}

bool Has(const std::u32string& name, const std::u32string& term) {
  const std::vector<std::u32string> forms = FormsOf(term);
  return std::any_of(forms.begin(), forms.end(), [&](const std::u32string& form) {
    return name.find(form) != std::u32string::npos;
  });
}

bool PlainlyMatches(const MemberQuery& query, const std::array<std::string, kNames>& names) {
  return std::all_of(query.terms().begin(), query.terms().end(), [&](const NameTerm& term) {
    return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
      return Has(CodePoints(name), CodePoints(term.text()));
    });
  });
}

void Run(std::string_view input) {
  const auto take = [&input] {
    const std::string_view part = input.substr(0, input.find('\0'));
    input.remove_prefix(std::min(input.size(), part.size() + 1));
    return part;
  };
  const std::string_view q = take();
  const std::array<std::string_view, kNames> raw = {take(), take(), take()};
  std::array<std::string, kNames> names;
  for (size_t i = 0; i < kNames; ++i) {
    names[i] = LooseName(raw[i]);
    DAILYFEED_CHECK(IsValidUtf8(names[i]));
    DAILYFEED_CHECK(LooseName(names[i]) == names[i]);
    DAILYFEED_CHECK(names[i].find(kNameEnd) == std::string::npos);
  }
  const std::string text = NamesText(raw[0], raw[1], raw[2]);
  for (size_t i = 0; i < kNames; ++i) DAILYFEED_CHECK(SplitNames(text)[i] == names[i]);
  const auto query = ParseMemberQuery(q);
  if (!query.ok()) return DAILYFEED_CHECK(ViolationsOf(query.status()).size() == 1);
  const bool matches = query->Matches(text);
  DAILYFEED_CHECK(matches == PlainlyMatches(*query, names));
  // A scan, with somebody before and somebody behind.
  const std::vector<MemberNames::Change> members = {{.id = 1, .text = NamesText("a", "b", "c")},
                                                    {.id = 2, .text = text},
                                                    {.id = 3, .text = text}};
  const FoundMembers found = FindMembers(MemberNames().With(members), {}, *query, 0, 3);
  const auto has = [&](MemberId id) {
    return std::find(found.ids.begin(), found.ids.end(), id) != found.ids.end();
  };
  DAILYFEED_CHECK(has(2) == matches && has(3) == matches);
}

}  // namespace
}  // namespace dailyfeed::search

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  dailyfeed::search::Run({reinterpret_cast<const char*>(data), size});
  return 0;
}
