#pragma once

#include <memory>
#include <optional>

#include <agent/history/run.hpp>
#include <agent/sdk/plan.hpp>

struct sqlite3;

namespace agent::history {

/// What is kept at most; the oldest go first.
struct Retention {
  int runs = 500;
  std::int64_t bytes = 512LL * 1024 * 1024;
};

/// The runs of the past, in one SQLite file. Several programs may use it at the same time. The door to SQLite, beside
/// agent/host's for rpm.
class Store {
 public:
  enum class Use { reading, writing };
  /// Writing makes the file and its folder, for its owner alone. Throws Error when it cannot be opened; for reading
  /// one that is not there is an empty one.
  Store(const Path& file, Use use);
  ~Store();

  /// Keeps a run, in place of what was kept of it under its name and number, and drops what is more than `retention`,
  /// in one transaction. Returns its number.
  std::int64_t add(const WholeRun& run, const Retention& retention = {});
  /// The newest first.
  std::vector<Run> list(int most) const;
  /// The run of that number or name; "last" is the newest, "last-2" the second before it. Throws Error where there is
  /// none.
  WholeRun find(const std::string& what) const;

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  void execute(const char* sql) const;
  std::int64_t version() const;
  void make_tables() const;
  void work_in_log() const;
  void drop_old(const Retention& retention) const;
  Error failure(const std::string& doing) const;

  Path file_;
  std::unique_ptr<sqlite3, Close> database_;
};

}  // namespace agent::history
