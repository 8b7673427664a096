#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <agent/playbook/playbook.hpp>
#include <agent/playbook/problem.hpp>
#include <agent/yaml/yaml.hpp>

namespace agent {

/// One file, read: its text, and what it says.
struct SourceFile {
  Path path;
  std::string text;
  yaml::Document document;
  std::vector<std::uint32_t> lines;  ///< where each line begins

  /// The text from the beginning of a line (counted from 1) to the end of the file.
  std::string_view from_line(int line) const;
};

/// A file on its way into the model: it knows where keys stand, and where mistakes go. A mistake is noted and reading
/// goes on, so that all of them are found.
class Reading {
 public:
  Reading(const SourceFile& file, Problems& problems) : file_(file), problems_(problems) {}

  const SourceFile& file() const { return file_; }
  Path directory() const { return file_.path.parent_path(); }
  Problems& problems() const { return problems_; }

  Where key(const Map& map, std::string_view name) const;
  void error(std::string_view rule, Error error) const { problems_.error(rule, std::move(error)); }
  /// "a task has no keyword 'nmae'", at the key, with the nearest of `known`.
  void unknown_keyword(std::string_view what, const Map& map, const std::string& name, const Strings& known) const;
  /// "'tags' takes a list or text, not a mapping", at the value.
  void wrong_kind(std::string_view keyword, std::string_view expected, const Value& found) const;

  // Each notes a mistake and returns nothing when the value is of another kind; null is nothing without a mistake.
  std::optional<Value> boolean(std::string_view keyword, const Value& value) const;
  std::optional<Value> number(std::string_view keyword, const Value& value) const;
  std::optional<Value> text(std::string_view keyword, const Value& value) const;
  std::optional<std::string> name(std::string_view keyword, const Value& value) const;  ///< of a variable
  const Map* map(std::string_view keyword, const Value& value) const;
  /// One value or a list of them.
  std::vector<Value> several(std::string_view keyword, const Value& value) const;

 private:
  const SourceFile& file_;
  Problems& problems_;
};

/// Whether there is a `{{`, `{%` or `{#` in a text that may be rendered.
bool has_braces(const Value& value);
/// Whether `name` can name a variable.
bool is_variable_name(std::string_view name);
/// A scalar as text, as Python prints it; nothing for other kinds.
std::optional<std::string> scalar_text(const Value& value);

}  // namespace agent
