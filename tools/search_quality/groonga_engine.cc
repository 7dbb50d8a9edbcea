#include <dlfcn.h>
#include <fmt/format.h>
#include <groonga.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <span>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "core/base/status_macros.h"
#include "tools/search_quality/engine.h"
#include "tools/search_quality/peer_query.h"

namespace dailyfeed::search_quality {
namespace {

constexpr size_t kPostsPerLoad = 10'000;

// Opened here: linked, it would be a burden of every subcommand.
#define DAILYFEED_GROONGA_FUNCTIONS(X) \
  X(grn_init)                          \
  X(grn_ctx_open)                      \
  X(grn_ctx_close)                     \
  X(grn_db_create)                     \
  X(grn_obj_close)                     \
  X(grn_ctx_send)                      \
  X(grn_ctx_recv)

struct Groonga {
#define DAILYFEED_DECLARE(name) decltype(&::name) name = nullptr;
  DAILYFEED_GROONGA_FUNCTIONS(DAILYFEED_DECLARE)
#undef DAILYFEED_DECLARE
  bool ready = false;
};

Groonga Load() {
  Groonga groonga;
  void* const library = ::dlopen("libgroonga.so.0", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return groonga;
  bool found = true;
#define DAILYFEED_RESOLVE(name)                                                \
  groonga.name = reinterpret_cast<decltype(&::name)>(::dlsym(library, #name)); \
  found = found && groonga.name != nullptr;
  DAILYFEED_GROONGA_FUNCTIONS(DAILYFEED_RESOLVE)
#undef DAILYFEED_RESOLVE
  groonga.ready = found && groonga.grn_init() == GRN_SUCCESS;
  return groonga;
}

const Groonga& TheGroonga() {
  static const Groonga& groonga = *new Groonga(Load());
  return groonga;
}

struct CloseContext {
  void operator()(grn_ctx* context) const { TheGroonga().grn_ctx_close(context); }
};
using Context = std::unique_ptr<grn_ctx, CloseContext>;

std::string PercentEncoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c))) {
      encoded += c;
    } else {
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

using Arguments = std::vector<std::pair<std::string_view, std::string>>;

// A command as its HTTP server takes it: no character needs another escape.
std::string CommandOf(std::string_view name, const Arguments& arguments) {
  return fmt::format(
      "/d/{}?{}", name, absl::StrJoin(arguments, "&", [](std::string* out, const auto& argument) {
        *out += fmt::format("{}={}", argument.first, PercentEncoded(argument.second));
      }));
}

// A phrase of the query syntax: no character in it has a meaning.
std::string Phrase(const std::string& text) {
  return fmt::format("\"{}\"", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}}));
}

std::string QueryOf(const PeerQuery& query) {
  std::vector<std::string> parts;
  for (const std::string& text : query.required) parts.push_back(Phrase(text));
  for (const std::string& text : query.excluded) parts.push_back("-" + Phrase(text));
  const std::string all = absl::StrJoin(parts, " ");
  // The whole keyword adds its own score to the texts that have it.
  return query.whole.empty() ? all : fmt::format("({}) OR {}", all, Phrase(query.whole));
}

std::string FilterOf(const PeerQuery& query) {
  std::vector<std::string> conditions;
  if (!query.author.empty()) conditions.push_back("author == " + Phrase(query.author));
  if (!query.since.empty()) conditions.push_back("day >= " + Phrase(query.since));
  if (!query.until.empty()) conditions.push_back("day <= " + Phrase(query.until));
  return absl::StrJoin(conditions, " && ");
}

std::string JsonOf(std::span<const JudgedPost> posts) {
  boost::json::array rows;
  for (const JudgedPost& post : posts) {
    rows.push_back(
        {{"_key", post.id}, {"text", post.text}, {"author", post.author}, {"day", post.day}});
  }
  return boost::json::serialize(rows);
}

// [[[hits], [columns...], [id], [id], ...]]
absl::StatusOr<FirstHits> HitsOf(std::string_view output) {
  constexpr size_t kHead = 2;
  boost::system::error_code error;
  const boost::json::value value =
      boost::json::parse(boost::json::string_view(output.data(), output.size()), error);
  if (error || !value.is_array() || value.get_array().empty() || !value.get_array()[0].is_array() ||
      value.get_array()[0].get_array().size() < kHead) {
    return absl::InternalError(fmt::format("Groonga answers {}", output.substr(0, 100)));
  }
  const boost::json::array& rows = value.get_array()[0].get_array();
  FirstHits hits = {.total = rows[0].at(0).to_number<uint64_t>()};
  for (size_t i = kHead; i < rows.size(); ++i) {
    hits.ids.push_back(rows[i].at(0).to_number<JudgedId>());
  }
  return hits;
}

class GroongaEngine final : public Peer {
 public:
  GroongaEngine(const GroongaSetting& setting, Context context)
      : setting_(setting), context_(std::move(context)) {}
  ~GroongaEngine() override {
    if (database_ != nullptr) TheGroonga().grn_obj_close(context_.get(), database_);
  }

  std::string_view name() const override { return setting_.name; }

  absl::Status Fill(const std::string& path, const std::vector<JudgedPost>& posts) {
    database_ = TheGroonga().grn_db_create(context_.get(), path.c_str(), nullptr);
    if (database_ == nullptr) return absl::InternalError("Groonga cannot make a database: " + path);
    const std::string tokenizer(setting_.tokenizer), normalizer(setting_.normalizer);
    const std::vector<std::string> commands = {
        CommandOf("table_create",
                  {{"name", "Posts"}, {"flags", "TABLE_HASH_KEY"}, {"key_type", "UInt64"}}),
        Column("text", "Text"),
        Column("author", "ShortText"),
        Column("day", "ShortText"),
        CommandOf("table_create", {{"name", "Terms"},
                                   {"flags", "TABLE_PAT_KEY"},
                                   {"key_type", "ShortText"},
                                   {"default_tokenizer", tokenizer},
                                   {"normalizer", normalizer}}),
        CommandOf("column_create", {{"table", "Terms"},
                                    {"name", "posts_text"},
                                    {"flags", "COLUMN_INDEX|WITH_POSITION"},
                                    {"type", "Posts"},
                                    {"source", "text"}}),
    };
    for (const std::string& command : commands) RETURN_IF_ERROR(Send(command).status());
    for (std::span<const JudgedPost> rest(posts); !rest.empty();) {
      const auto load = rest.first(std::min(rest.size(), kPostsPerLoad));
      RETURN_IF_ERROR(
          Send(CommandOf("load", {{"table", "Posts"}, {"values", JsonOf(load)}})).status());
      rest = rest.subspan(load.size());
    }
    return absl::OkStatus();
  }

  absl::StatusOr<FirstHits> AskFirst(const JudgedQuery& query, size_t size) override {
    const PeerQuery parts = PeerQueryOf(query);
    // Its cache knows commands and not databases, so another setting would
    // answer for this one.
    ASSIGN_OR_RETURN(const std::string output,
                     Send(CommandOf("select", {{"table", "Posts"},
                                               {"match_columns", "text"},
                                               {"query", QueryOf(parts)},
                                               {"filter", FilterOf(parts)},
                                               {"output_columns", "_key"},
                                               {"sort_keys", "-_score,-_key"},
                                               {"limit", fmt::format("{}", size)},
                                               {"cache", "no"}})));
    return HitsOf(output);
  }

 private:
  static std::string Column(std::string_view name, std::string_view type) {
    return CommandOf("column_create", {{"table", "Posts"},
                                       {"name", std::string(name)},
                                       {"flags", "COLUMN_SCALAR"},
                                       {"type", std::string(type)}});
  }

  absl::StatusOr<std::string> Send(const std::string& command) {
    TheGroonga().grn_ctx_send(context_.get(), command.data(),
                              static_cast<unsigned int>(command.size()), 0);
    std::string output;
    int flags = GRN_CTX_MORE;
    while ((flags & GRN_CTX_MORE) != 0) {
      char* bytes = nullptr;
      unsigned int size = 0;
      flags = 0;
      TheGroonga().grn_ctx_recv(context_.get(), &bytes, &size, &flags);
      output.append(bytes, size);
    }
    if (context_->rc != GRN_SUCCESS) {
      return absl::InternalError(
          fmt::format("Groonga refuses {}: {}", command.substr(0, 100), context_->errbuf));
    }
    return output;
  }

  const GroongaSetting setting_;
  const Context context_;
  grn_obj* database_ = nullptr;
};

}  // namespace

const std::vector<GroongaSetting>& GroongaSettings() {
  constexpr std::string_view kBigrams = "TokenBigramSplitSymbolAlphaDigit";
  constexpr std::string_view kWithoutBlanks = "TokenBigramIgnoreBlankSplitSymbolAlphaDigit";
  constexpr std::string_view kLooseBlanks =
      "TokenNgram('loose_blank', true, 'unify_alphabet', false, 'unify_symbol', false, "
      "'unify_digit', false)";
  constexpr std::string_view kAuto = "NormalizerAuto";
  constexpr std::string_view kNewest = "NormalizerNFKC150('unify_kana', true)";
  static const std::vector<GroongaSetting>& settings = *new std::vector<GroongaSetting>({
      {"Groonga bigrams", kBigrams, kAuto},
      {"Groonga bigrams, blanks ignored", kWithoutBlanks, kAuto},
      {"Groonga bigrams, blanks loose", kLooseBlanks, kNewest},
      {"Groonga bigrams, Latin words", "TokenBigram", kAuto},
  });
  return settings;
}

absl::StatusOr<std::unique_ptr<Peer>> OpenGroonga(const std::vector<JudgedPost>& posts,
                                                  const GroongaSetting& setting,
                                                  const std::string& directory) {
  if (!TheGroonga().ready) {
    return absl::NotFoundError("Groonga is not installed (apt-get install libgroonga0)");
  }
  Context context(TheGroonga().grn_ctx_open(0));
  if (context == nullptr) return absl::InternalError("Groonga has no memory for a context");
  auto engine = std::make_unique<GroongaEngine>(setting, std::move(context));
  RETURN_IF_ERROR(engine->Fill(directory + "/groonga", posts));
  return engine;
}

}  // namespace dailyfeed::search_quality
