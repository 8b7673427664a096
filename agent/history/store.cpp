#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <agent/history/statement.hpp>
#include <agent/history/store.hpp>

namespace agent::history {
namespace {

constexpr int format = 1;
// Of some twenty runs: reading it takes less than a millisecond, working it in waits for the disk.
constexpr std::uintmax_t most_log = std::uintmax_t{512} << 10;
constexpr const char* columns =
    "number, run, started, ended, is_check, playbooks, verdict, hosts, ok, changed, unreachable, failed, skipped, "
    "rescued, ignored, unknown";

std::string select(const char* rest) {
  std::string sql = "SELECT ";
  sql.append(columns).append(" ").append(rest);
  return sql;
}

// Only its owner may read what it says of machines. Already open for others: that is the owner's decision.
void make_file(const Path& file) {
  std::error_code error;
  const bool is_new = std::filesystem::create_directories(file.parent_path(), error);
  if (is_new) ::chmod(file.parent_path().c_str(), 0700);
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) throw Error("the history cannot be written to '" + file.string() + "': " + std::strerror(errno));
  ::close(descriptor);
}

// Of a fleet's run there are hundreds of thousands.
Bytes bytes_of(const std::vector<Said>& events) {
  return to_cbor(events.size(), [&](std::size_t i) {
    return Value(List{report::seconds_of(events[i].first), to_value(events[i].second)});
  });
}

std::vector<Said> events_from(const Value& value) {
  std::vector<Said> out;
  for (const auto& one : value.list())
    out.emplace_back(report::time_of(one.list().at(0).real()), event_from(one.list().at(1)));
  return out;
}

Run run_from(const Statement& row) {
  const auto count = [&](int column) { return static_cast<int>(row.integer(column)); };
  Run run;
  run.number = row.integer(0);
  run.name = row.text(1);
  run.started = report::time_of(row.real(2));
  run.ended = report::time_of(row.real(3));
  run.check = row.integer(4) != 0;
  run.playbooks = row.text(5);
  run.verdict = row.text(6);
  run.hosts = count(7);
  run.counts = {count(8), count(9), count(10), count(11), count(12), count(13), count(14), count(15)};
  return run;
}

/// "last-2" is 2 before the last; nothing for what is no such word.
std::optional<std::int64_t> before_last(const std::string& what) {
  if (what == "last") return 0;
  if (!what.starts_with("last-")) return std::nullopt;
  std::int64_t number = 0;
  const char* end = what.data() + what.size();
  const auto [at, error] = std::from_chars(what.data() + 5, end, number);
  if (error != std::errc() || at != end) return std::nullopt;
  return number;
}

}  // namespace

void Store::Close::operator()(sqlite3* database) const {
  sqlite3_close(database);
}

Store::Store(const Path& file, Use use) : file_(file) {
  const bool writes = use == Use::writing;
  std::error_code error;
  const bool is_there = std::filesystem::exists(file, error);
  if (writes && !is_there) make_file(file);
  sqlite3* raw = nullptr;
  // To read, a database in memory is as good as a file that is not there.
  const int code = writes || is_there ? sqlite3_open_v2(file.c_str(), &raw, SQLITE_OPEN_READWRITE, nullptr)
                                      : sqlite3_open_v2(":memory:", &raw, SQLITE_OPEN_READWRITE, nullptr);
  database_.reset(raw);
  if (code != SQLITE_OK) throw failure("opened");
  sqlite3_busy_timeout(raw, 10'000);
  make_tables();
}

Store::~Store() = default;

Error Store::failure(const std::string& doing) const {
  return Error("the history '" + file_.string() + "' cannot be " + doing + ": " + sqlite3_errmsg(database_.get()));
}

void Store::execute(const char* sql) const {
  char* message = nullptr;
  if (sqlite3_exec(database_.get(), sql, nullptr, nullptr, &message) == SQLITE_OK) return;
  sqlite3_free(message);
  throw failure("used");
}

std::int64_t Store::version() const {
  Statement version(database_.get(), "PRAGMA user_version");
  return version.step() ? version.integer(0) : 0;
}

// With a write-ahead log a run's end waits for no disk: after a loss of power the last runs may be missing, and the
// file is whole. The log is kept when the program ends, and worked in when it has grown.
void Store::make_tables() const {
  sqlite3_db_config(database_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  execute("PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0");
  const std::int64_t found = version();
  if (found == format) return;
  if (found > format)
    throw Error("the history '" + file_.string() + "' was written by a newer agent")
        .hint("use that one, or --no-history");
  execute(
      "PRAGMA journal_mode = WAL;"
      "BEGIN IMMEDIATE;"
      "CREATE TABLE IF NOT EXISTS runs("
      "  number INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT UNIQUE, started REAL, ended REAL, is_check INTEGER,"
      "  playbooks TEXT, verdict TEXT, hosts INTEGER, ok INTEGER, changed INTEGER, unreachable INTEGER, failed INTEGER,"
      "  skipped INTEGER, rescued INTEGER, ignored INTEGER, unknown INTEGER, size INTEGER, events BLOB);"
      "PRAGMA user_version = 1;"
      "COMMIT");
}

std::int64_t Store::add(const WholeRun& run, const Retention& retention) {
  const Run& about = run.about;
  const Bytes events = bytes_of(run.events);
  execute("BEGIN IMMEDIATE");
  try {
    std::optional<std::int64_t> kept;
    Statement same(database_.get(), "SELECT number FROM runs WHERE run = ?");
    if (same.bind(about.name).step()) kept = same.integer(0);
    Statement insert(
        database_.get(),
        "INSERT OR REPLACE INTO runs(number, run, started, ended, is_check, playbooks, verdict, hosts, ok, changed, "
        "unreachable, failed, skipped, rescued, ignored, unknown, size, events) "
        "VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
    kept ? insert.bind(*kept) : insert.skip();
    insert.bind(about.name).bind(report::seconds_of(about.started)).bind(report::seconds_of(about.ended));
    insert.bind(std::int64_t{about.check}).bind(about.playbooks).bind(about.verdict).bind(std::int64_t{about.hosts});
    for (const int count : {about.counts.ok, about.counts.changed, about.counts.unreachable, about.counts.failed,
                            about.counts.skipped, about.counts.rescued, about.counts.ignored, about.counts.unknown})
      insert.bind(std::int64_t{count});
    insert.bind(static_cast<std::int64_t>(events.size())).bind(events);
    insert.step();
    const std::int64_t number = sqlite3_last_insert_rowid(database_.get());
    drop_old(retention);
    execute("COMMIT");
    work_in_log();
    return number;
  } catch (...) {
    sqlite3_exec(database_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
    throw;
  }
}

// SQLite forgets with the last program that uses the file how much of the log is worked in, and would never begin it
// anew.
void Store::work_in_log() const {
  std::error_code error;
  const auto size = std::filesystem::file_size(file_.string() + "-wal", error);
  if (!error && size > most_log) execute("PRAGMA wal_checkpoint(TRUNCATE)");
}

void Store::drop_old(const Retention& retention) const {
  std::int64_t runs = 0, bytes = 0, oldest_kept = 0;
  Statement sizes(database_.get(), "SELECT number, size FROM runs ORDER BY number DESC");
  while (sizes.step()) {
    bytes += sizes.integer(1);
    // The newest stays, however large it is.
    if (++runs > 1 && (runs > retention.runs || bytes > retention.bytes)) break;
    oldest_kept = sizes.integer(0);
  }
  Statement(database_.get(), "DELETE FROM runs WHERE number < ?").bind(oldest_kept).step();
}

std::vector<Run> Store::list(int most) const {
  const std::string sql = select("FROM runs ORDER BY number DESC LIMIT ?");
  Statement rows(database_.get(), sql.c_str());
  rows.bind(std::int64_t{most});
  std::vector<Run> out;
  while (rows.step()) out.push_back(run_from(rows));
  return out;
}

WholeRun Store::find(const std::string& what) const {
  const auto back = before_last(what);
  const std::string sql = select(back ? ", events FROM runs ORDER BY number DESC LIMIT 1 OFFSET ?"
                                      : ", events FROM runs WHERE run = ? OR number = ?");
  Statement row(database_.get(), sql.c_str());
  if (back)
    row.bind(*back);
  else
    row.bind(what).bind(what);
  if (!row.step())
    throw Error("the history has no run '" + what + "'")
        .hint("'agent history' lists them; 'last' is the newest, 'last-1' the one before it");
  return {run_from(row), events_from(row.cbor(16))};
}

}  // namespace agent::history
