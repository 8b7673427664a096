#include <sqlite3.h>

#include <agent/host/rpm_database.hpp>

namespace agent {

namespace {

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
};
struct FinishStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;
using Statement = std::unique_ptr<sqlite3_stmt, FinishStatement>;

std::string uri_of(const Path& file, const char* options) {
  std::string uri = "file:";
  for (const char c : file.string())
    if (c == '?' || c == '#' || c == '%') {
      constexpr const char* hex = "0123456789ABCDEF";
      uri += '%';
      uri += hex[static_cast<unsigned char>(c) >> 4];
      uri += hex[static_cast<unsigned char>(c) & 15];
    } else {
      uri += c;
    }
  return uri + "?" + options;
}

// A log that holds something means that a transaction is under way, or was cut off: then the main file alone is old.
// Without one nothing but the file counts, and SQLite need not make its own files beside it.
Database open(const Path& file) {
  std::error_code none;
  const Path log = file.string() + "-wal";
  const bool logged = std::filesystem::exists(log, none) && std::filesystem::file_size(log, none) > 0;
  sqlite3* raw = nullptr;
  const std::string uri = uri_of(file, logged ? "mode=ro" : "immutable=1");
  const int rc = sqlite3_open_v2(uri.c_str(), &raw, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, nullptr);
  Database database(raw);
  if (rc != SQLITE_OK) return nullptr;
  sqlite3_busy_timeout(database.get(), 2000);
  return database;
}

class SqliteRpm : public RpmDatabase {
 public:
  explicit SqliteRpm(Database database) : database_(std::move(database)) {}

  bool readable() const {
    const Statement statement = prepare("SELECT count(*) FROM Packages");
    return statement && sqlite3_step(statement.get()) == SQLITE_ROW;
  }
  std::vector<RpmHeader> named(const std::string& name) const override {
    return headers("SELECT blob FROM Packages WHERE hnum IN (SELECT hnum FROM Name WHERE key = ?1) ORDER BY hnum",
                   name);
  }
  std::vector<RpmHeader> providing(const std::string& capability) const override {
    return headers(
        "SELECT blob FROM Packages WHERE hnum IN (SELECT hnum FROM Providename WHERE key = ?1) ORDER BY hnum",
        capability);
  }
  Strings names() const override { return texts("SELECT DISTINCT key FROM Name ORDER BY key"); }
  Strings repeated() const override {
    return texts("SELECT key FROM Name GROUP BY key HAVING count(DISTINCT hnum) > 1 ORDER BY key");
  }

 private:
  Statement prepare(const char* sql) const {
    sqlite3_stmt* raw = nullptr;
    sqlite3_prepare_v2(database_.get(), sql, -1, &raw, nullptr);
    return Statement(raw);
  }
  Statement must_prepare(const char* sql) const {
    Statement statement = prepare(sql);
    if (!statement) fail();
    return statement;
  }
  [[noreturn]] void fail() const {
    throw Error(std::string("the rpm database cannot be read: ") + sqlite3_errmsg(database_.get()))
        .hint("'rpm --verifydb' says what is wrong with it, 'rpm --rebuilddb' makes it anew");
  }
  std::vector<RpmHeader> headers(const char* sql, const std::string& key) const {
    const Statement statement = must_prepare(sql);
    // The keys are text in some versions of rpm and bytes in others; SQLite holds the two apart.
    std::vector<RpmHeader> found = bound(statement.get(), key, true);
    if (found.empty()) found = bound(statement.get(), key, false);
    return found;
  }
  std::vector<RpmHeader> bound(sqlite3_stmt* statement, const std::string& key, bool text) const {
    sqlite3_reset(statement);
    const int size = static_cast<int>(key.size());
    if (text)
      sqlite3_bind_text(statement, 1, key.data(), size, SQLITE_STATIC);
    else
      sqlite3_bind_blob(statement, 1, key.data(), size, SQLITE_STATIC);
    std::vector<RpmHeader> found;
    int rc = SQLITE_ROW;
    while ((rc = sqlite3_step(statement)) == SQLITE_ROW) {
      const auto* data = static_cast<const char*>(sqlite3_column_blob(statement, 0));
      const auto length = static_cast<std::size_t>(sqlite3_column_bytes(statement, 0));
      if (auto header = parse_rpm_header(std::string_view(data, data ? length : 0)))
        found.push_back(std::move(*header));
    }
    if (rc != SQLITE_DONE) fail();
    return found;
  }
  Strings texts(const char* sql) const {
    const Statement statement = must_prepare(sql);
    Strings found;
    int rc = SQLITE_ROW;
    while ((rc = sqlite3_step(statement.get())) == SQLITE_ROW) {
      const auto* data = static_cast<const char*>(sqlite3_column_blob(statement.get(), 0));
      const auto length = static_cast<std::size_t>(sqlite3_column_bytes(statement.get(), 0));
      if (data) found.emplace_back(data, length);
    }
    if (rc != SQLITE_DONE) fail();
    return found;
  }

  Database database_;
};

}  // namespace

Path rpm_sqlite_file(const Path& root) {
  std::error_code none;
  for (const char* path : {"usr/lib/sysimage/rpm/rpmdb.sqlite", "var/lib/rpm/rpmdb.sqlite"})
    if (std::filesystem::exists(root / path, none)) return root / path;
  return {};
}

std::unique_ptr<RpmDatabase> open_rpm_sqlite(const Path& root) {
  const Path file = rpm_sqlite_file(root);
  if (file.empty()) return nullptr;
  Database database = open(file);
  if (!database) return nullptr;
  auto rpm = std::make_unique<SqliteRpm>(std::move(database));
  return rpm->readable() ? std::move(rpm) : nullptr;
}

}  // namespace agent
