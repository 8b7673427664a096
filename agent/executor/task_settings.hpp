#pragma once

#include <optional>
#include <string>

#include <agent/executor/variable_view.hpp>
#include <agent/wire/task.hpp>

namespace agent::executor {

/// Reads what a task, its blocks, roles and play say beside the module: rendered, the nearest first.
class TaskSettings {
 public:
  TaskSettings(const World& world, const VariableView& view) : world_(world), view_(view) {}

  /// A yes-or-no keyword; `otherwise` when nobody says it. Throws Error for what is neither, Unknown for what is not
  /// known.
  bool flag(std::optional<Value> Settings::*member, bool otherwise) const;
  /// A keyword that is text; nothing when nobody says it, or its template is `omit`.
  std::optional<std::string> text(std::optional<Value> Settings::*member) const;
  std::optional<double> number(std::optional<Value> Settings::*member) const;

  bool check_mode() const;
  /// `environment:` of the play, then of what is inside it, laid over each other.
  Environment environment() const;
  /// As whom, seen from `target`: the task's own host, or the one it is delegated to.
  Identity identity(const VariableView& target) const;
  std::string connection(const VariableView& target) const;
  /// How `target` is reached.
  Login login(const VariableView& target) const;

 private:
  void add_environment(Environment& out, const Value& value) const;

  const World& world_;
  const VariableView& view_;
};

/// "yes", true, 1, "off" ... as people write them; nothing for what is neither.
std::optional<bool> as_flag(const Value& value);
/// Text for people and environments: text as it is, True, 3, 1.5; JSON for the rest.
std::string as_text(const Value& value);
/// A number, or text that is one.
std::optional<double> as_number(const Value& value);

}  // namespace agent::executor
