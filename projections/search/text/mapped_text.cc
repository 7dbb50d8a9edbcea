#include "projections/search/text/mapped_text.h"

#include <utility>

#include "core/base/check.h"
#include "core/base/text.h"
#include "projections/search/text/code_points.h"
#include "projections/search/text/fold.h"
#include "projections/search/text/fold_table.h"
#include "projections/search/text/loosen.h"

namespace dailyfeed::search {
namespace {

class Mapper {
 public:
  explicit Mapper(std::string_view content) : content_(content) {
    mapped_.spaced.reserve(content.size() + 2);
    mapped_.origins.reserve(content.size() + 2);
  }

  MappedText Run() {
    Append(U' ', {0, 0});
    std::string_view rest = content_;
    while (!rest.empty()) {
      const size_t begin = content_.size() - rest.size();
      char32_t c = NextCodePoint(&rest);
      if (c == kMalformed) c = kReplacement;
      if (cluster_.code_points > 0 && StartsPiece(c) && !JoinsTheOneBefore(c, cluster_.last)) {
        AppendCluster(begin);
        cluster_ = {.begin = begin};
      }
      cluster_.units += Utf16Units(c);
      cluster_.last = c;
      ++cluster_.code_points;
    }
    AppendCluster(content_.size());
    if (mapped_.spaced.back() != U' ') Append(U' ', {at_, at_});
    DAILYFEED_CHECK(mapped_.spaced.size() == mapped_.origins.size());
    return std::move(mapped_);
  }

 private:
  struct Cluster {
    size_t begin = 0;  // in bytes
    size_t units = 0;
    size_t code_points = 0;
    char32_t last = 0;
  };

  // Of the cluster that ends before byte `end`.
  void AppendCluster(size_t end) {
    const MappedText::Origin origin{at_, at_ + cluster_.units};
    at_ += cluster_.units;
    const FoldTable::Entry entry = table_[cluster_.last];
    if (cluster_.code_points == 1 && entry.kind() <= FoldKind::kComposed) {
      // Nearly every cluster: one code point, and one lookup says what it folds to.
      const auto folded =
          static_cast<char32_t>(static_cast<int32_t>(cluster_.last) + entry.distance());
      if (!IsLoosened(folded)) return Append(folded, origin);
    }
    const std::string loose = Loosen(Fold(content_.substr(cluster_.begin, end - cluster_.begin)));
    std::string_view rest = loose;
    while (!rest.empty()) Append(NextCodePoint(&rest), origin);
  }

  void Append(char32_t c, MappedText::Origin origin) {
    if (IsWhiteSpace(c)) c = U' ';
    if (c == U' ' && !mapped_.spaced.empty() && mapped_.spaced.back() == U' ') {
      mapped_.origins.back().to = origin.to;  // the run goes on
      return;
    }
    mapped_.spaced.push_back(c);
    mapped_.origins.push_back(origin);
  }

  const std::string_view content_;
  const FoldTable& table_ = FoldTable::Get();
  Cluster cluster_;  // the one being read
  size_t at_ = 0;    // units of the content before it
  MappedText mapped_;
};

}  // namespace

MappedText MapText(std::string_view content) { return Mapper(content).Run(); }

}  // namespace dailyfeed::search
