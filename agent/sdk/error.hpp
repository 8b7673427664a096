#pragma once

#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <agent/sdk/value.hpp>
#include <agent/sdk/where.hpp>

namespace agent {

/// What went wrong, for a person: what was found, what was expected, and the way out.
///
///     throw Error("package has no argument 'nmae'").at(value.where()).hint("did you mean 'name'?");
///
/// Messages are lower case, quote names, and end without a full stop.
class Error : public std::exception {
 public:
  explicit Error(std::string message);

  /// Where the mistake stands. The first caller wins: the innermost place is the exact one.
  Error& at(const Where& where) &;
  Error&& at(const Where& where) &&;
  /// How many characters the mistake is long, for the line of carets.
  Error&& spanning(int width) &&;
  /// What to do about it. Several hints are several lines.
  Error& hint(std::string text) &;
  Error&& hint(std::string text) &&;
  /// What was being done, innermost first: "while running task 'web server'".
  Error& during(std::string what, const Where& where = {}) &;
  /// Which argument of the module it is about ("name", "name[2]"): the engine knows where that one stands.
  Error&& about(std::string argument) &&;
  /// What `register` sees of the failure beside `msg` (rc, stdout, ...).
  Error&& with(Map result) &&;
  Error& with(Map result) &;

  struct Trail {
    std::string what;
    Where where;
  };

  const std::string& message() const { return message_; }
  const Where& where() const { return where_; }
  int width() const { return width_; }
  const Strings& hints() const { return hints_; }
  const std::vector<Trail>& trail() const { return trail_; }
  const std::string& argument() const { return argument_; }
  const Map& result() const { return result_; }
  /// The message alone.
  const char* what() const noexcept override { return message_.c_str(); }

  /// Data and back, for the way across a process or library boundary.
  Value to_value() const;
  static Error from_value(const Value& value);

 private:
  std::string message_;
  Where where_;
  int width_ = 1;
  Strings hints_;
  std::vector<Trail> trail_;
  std::string argument_;
  Map result_;
};

/// Thrown by a check that would need to know what a change that was not made would bring. Not a failure: in check mode
/// the task's outcome is `unknown`, with these reasons.
class Unknown : public std::exception {
 public:
  explicit Unknown(std::string reason) : reasons_{std::move(reason)} {}
  explicit Unknown(Strings reasons) : reasons_(std::move(reasons)) {}
  const Strings& reasons() const { return reasons_; }
  const char* what() const noexcept override { return reasons_.front().c_str(); }

 private:
  Strings reasons_;
};

/// The candidates nearest to `word` by edit distance, nearest first, at most `most`; empty when none is near.
Strings nearest(std::string_view word, const Strings& candidates, std::size_t most = 1);
/// "did you mean 'name'?", or nothing when no candidate is near.
std::optional<std::string> did_you_mean(std::string_view word, const Strings& candidates);

}  // namespace agent
