#include <dlfcn.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <string>
#include <utility>

#include "absl/strings/str_replace.h"
#include "core/base/status_macros.h"
#include "tools/search_quality/engine.h"
#include "tools/search_quality/peer_query.h"

namespace dailyfeed::search_quality {
namespace {

// Trigrams answer terms of three characters and more.
constexpr size_t kTrigram = 3;

constexpr char kTable[] =
    "CREATE VIRTUAL TABLE posts USING fts5(text, author UNINDEXED, day UNINDEXED, "
    "tokenize = 'trigram case_sensitive 0')";

// Opened here: linked, it would be a burden of every subcommand.
#define DAILYFEED_SQLITE_FUNCTIONS(X) \
  X(sqlite3_open_v2)                  \
  X(sqlite3_close)                    \
  X(sqlite3_errmsg)                   \
  X(sqlite3_prepare_v2)               \
  X(sqlite3_bind_text)                \
  X(sqlite3_bind_int64)               \
  X(sqlite3_step)                     \
  X(sqlite3_column_int64)             \
  X(sqlite3_finalize)

struct Sqlite {
#define DAILYFEED_DECLARE(name) decltype(&::name) name = nullptr;
  DAILYFEED_SQLITE_FUNCTIONS(DAILYFEED_DECLARE)
#undef DAILYFEED_DECLARE
  bool ready = false;
};

Sqlite Load() {
  Sqlite sqlite;
  void* const library = ::dlopen("libsqlite3.so.0", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return sqlite;
  sqlite.ready = true;
#define DAILYFEED_RESOLVE(name)                                               \
  sqlite.name = reinterpret_cast<decltype(&::name)>(::dlsym(library, #name)); \
  sqlite.ready = sqlite.ready && sqlite.name != nullptr;
  DAILYFEED_SQLITE_FUNCTIONS(DAILYFEED_RESOLVE)
#undef DAILYFEED_RESOLVE
  return sqlite;
}

const Sqlite& TheSqlite() {
  static const Sqlite& sqlite = *new Sqlite(Load());
  return sqlite;
}

struct Close {
  void operator()(sqlite3* database) const { TheSqlite().sqlite3_close(database); }
};
using Database = std::unique_ptr<sqlite3, Close>;

struct Finalize {
  void operator()(sqlite3_stmt* statement) const { TheSqlite().sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

size_t Characters(std::string_view utf8) {
  size_t count = 0;
  for (const char byte : utf8) count += (static_cast<unsigned char>(byte) & 0xC0) != 0x80 ? 1 : 0;
  return count;
}

// A term as FTS5's query language writes it.
std::string Quoted(const std::string& text) {
  return fmt::format("\"{}\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}));
}

// A term as LIKE writes it, with `\` as the escape character.
std::string Like(const std::string& text) {
  return fmt::format("%{}%",
                     absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"%", "\\%"}, {"_", "\\_"}}));
}

// A statement and what its question marks stand for.
struct Select {
  std::string where;
  std::vector<std::string> values;
  bool ranked = false;  // it has a MATCH, so there is a rank

  void Require(std::string_view condition, std::string value) {
    where += where.empty() ? " WHERE " : " AND ";
    where += condition;
    values.push_back(std::move(value));
  }
  std::string FirstSql(size_t size) const {
    return fmt::format("SELECT rowid FROM posts{} ORDER BY {}rowid DESC LIMIT {}", where,
                       ranked ? "rank, " : "", size);
  }
  std::string CountSql() const { return "SELECT count(*) FROM posts" + where; }
};

// All terms that trigrams can answer, as one MATCH; the others as LIKE.
Select SelectOf(const PeerQuery& query) {
  Select select;
  std::string match;
  std::vector<std::string> short_terms;
  for (const std::string& text : query.required) {
    if (Characters(text) < kTrigram) {
      short_terms.push_back(text);
    } else {
      match += (match.empty() ? "" : " AND ") + Quoted(text);
    }
  }
  // The whole keyword adds its own score to the texts that have it.
  if (!match.empty() && !query.whole.empty()) {
    match = fmt::format("({}) OR {}", match, Quoted(query.whole));
  }
  if (!match.empty()) select.Require("posts MATCH ?", match);
  select.ranked = !match.empty();
  for (const std::string& text : short_terms) {
    select.Require("text LIKE ? ESCAPE '\\'", Like(text));
  }
  for (const std::string& text : query.excluded) {
    select.Require("text NOT LIKE ? ESCAPE '\\'", Like(text));
  }
  if (!query.author.empty()) select.Require("author = ?", query.author);
  if (!query.since.empty()) select.Require("day >= ?", query.since);
  if (!query.until.empty()) select.Require("day <= ?", query.until);
  return select;
}

class SqliteEngine final : public Peer {
 public:
  explicit SqliteEngine(Database database) : database_(std::move(database)) {}

  std::string_view name() const override { return "SQLite FTS5 trigram"; }

  absl::Status Fill(const std::vector<JudgedPost>& posts) {
    ASSIGN_OR_RETURN(const Statement create, Prepare(kTable, {}));
    RETURN_IF_ERROR(Finish(create.get()));
    ASSIGN_OR_RETURN(const Statement begin, Prepare("BEGIN", {}));
    RETURN_IF_ERROR(Finish(begin.get()));
    for (const JudgedPost& post : posts) {
      ASSIGN_OR_RETURN(const Statement insert,
                       Prepare("INSERT INTO posts (text, author, day, rowid) VALUES (?, ?, ?, ?)",
                               {post.text, post.author, post.day}));
      TheSqlite().sqlite3_bind_int64(insert.get(), 4, static_cast<sqlite3_int64>(post.id));
      RETURN_IF_ERROR(Finish(insert.get()));
    }
    ASSIGN_OR_RETURN(const Statement commit, Prepare("COMMIT", {}));
    return Finish(commit.get());
  }

  absl::StatusOr<FirstHits> AskFirst(const JudgedQuery& query, size_t size) override {
    const Select select = SelectOf(PeerQueryOf(query));
    FirstHits hits;
    ASSIGN_OR_RETURN(hits.ids, Numbers(select.FirstSql(size), select.values));
    hits.total = hits.ids.size();
    if (hits.total < size) return hits;
    ASSIGN_OR_RETURN(const std::vector<JudgedId> count, Numbers(select.CountSql(), select.values));
    if (count.size() != 1) return Failed(query.query);
    hits.total = count.front();
    return hits;
  }

 private:
  // The first column of all rows.
  absl::StatusOr<std::vector<JudgedId>> Numbers(const std::string& sql,
                                                const std::vector<std::string>& values) const {
    ASSIGN_OR_RETURN(const Statement statement, Prepare(sql, values));
    std::vector<JudgedId> numbers;
    int code = SQLITE_ROW;
    while ((code = TheSqlite().sqlite3_step(statement.get())) == SQLITE_ROW) {
      numbers.push_back(
          static_cast<JudgedId>(TheSqlite().sqlite3_column_int64(statement.get(), 0)));
    }
    if (code != SQLITE_DONE) return Failed(sql);
    return numbers;
  }
  absl::Status Failed(std::string_view what) const {
    return absl::InternalError(
        fmt::format("SQLite: {}: {}", what, TheSqlite().sqlite3_errmsg(database_.get())));
  }
  // With copies of the texts in place of the question marks.
  absl::StatusOr<Statement> Prepare(const std::string& sql,
                                    const std::vector<std::string>& values) const {
    sqlite3_stmt* raw = nullptr;
    if (TheSqlite().sqlite3_prepare_v2(database_.get(), sql.c_str(), -1, &raw, nullptr) !=
        SQLITE_OK) {
      return Failed(sql);
    }
    Statement statement(raw);
    for (size_t i = 0; i < values.size(); ++i) {
      TheSqlite().sqlite3_bind_text(raw, static_cast<int>(i) + 1, values[i].data(),
                                    static_cast<int>(values[i].size()), SQLITE_TRANSIENT);
    }
    return statement;
  }
  absl::Status Finish(sqlite3_stmt* statement) const {
    if (TheSqlite().sqlite3_step(statement) != SQLITE_DONE) return Failed("writing the posts");
    return absl::OkStatus();
  }

  const Database database_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Peer>> OpenSqlite(const std::vector<JudgedPost>& posts) {
  if (!TheSqlite().ready) {
    return absl::NotFoundError("SQLite is not installed (apt-get install libsqlite3-0)");
  }
  sqlite3* raw = nullptr;
  const int opened = TheSqlite().sqlite3_open_v2(
      ":memory:", &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  Database database(raw);
  if (opened != SQLITE_OK) return absl::InternalError("SQLite cannot open a database in memory");
  auto engine = std::make_unique<SqliteEngine>(std::move(database));
  RETURN_IF_ERROR(engine->Fill(posts));
  return engine;
}

}  // namespace dailyfeed::search_quality
