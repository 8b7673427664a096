#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include <agent/sdk/value.hpp>

#include "script.hpp"
#include "words.hpp"

namespace agent::bashrc_env {

/// A line that this module wrote, or a part of a person's line.
struct Mark {
  enum class Kind { none, value, guard, added };
  Kind kind = Kind::none;
  std::string name;
  std::string entry;  ///< guard: as it stands between double quotes
  Strings added;      ///< added: the entries, as they were asked for
  bool appends = false;
};

/// What one statement does to one variable.
struct Effect {
  std::size_t statement = 0;
  std::optional<std::string> before, after;  ///< values; nothing: not set, or not known
  bool known = true;
};

/// What a script's sure statements make of variables. Statements that may or may not run are passed over.
class Simulation {
 public:
  /// `inherited` is what the shell starts with.
  explicit Simulation(Lookup inherited) : inherited_(std::move(inherited)) {}

  /// Runs the statements of one script, up to its `stop`.
  void run(std::string_view text, const Script& script);

  std::optional<std::string> value(const std::string& name) const;
  /// Children see it.
  bool is_exported(const std::string& name) const { return exported_.contains(name); }
  /// The value is what the sure statements say; false: one of them cannot be known without running something.
  bool is_known(const std::string& name) const { return !unknown_.contains(name); }
  /// The last sure assignment to `name` in the script that was run last.
  const Effect* last(const std::string& name) const;
  Lookup lookup() const;
  void mark_exported(const std::string& name) { exported_.insert(name); }

 private:
  void run_statement(std::string_view text, const Statement& statement, std::size_t index);
  void run_guard(const Mark& mark, std::size_t index);
  void assign(std::string_view word, const Assignment& to, std::size_t index);
  void declare(std::string_view word, bool exports, std::size_t index);
  void set(const std::string& name, std::optional<std::string> value, std::size_t index);

  Lookup inherited_;
  std::map<std::string, std::optional<std::string>> values_;
  std::set<std::string> exported_, unknown_;
  std::map<std::string, Effect> last_;
};

/// Whether this module wrote the statement, and what.
Mark mark_of(std::string_view text, const Statement& statement);

/// "a:b" as its parts; empty text has none.
Strings list_of(std::string_view text);

}  // namespace agent::bashrc_env
