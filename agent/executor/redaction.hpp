#pragma once

#include <string>

#include <agent/sdk/error.hpp>
#include <agent/sdk/plan.hpp>
#include <agent/sdk/spec.hpp>
#include <agent/wire/event.hpp>

namespace agent::executor {

/// Takes secrets out of what is about to be shown (reliability R22): every place where one of them stands in a text
/// becomes "********".
class Redaction {
 public:
  /// All that the secret arguments of a call hold.
  void add_secrets(const Map& args, const Spec& spec);
  void add(const Value& secret);
  bool empty() const { return secrets_.empty(); }
  const Strings& secrets() const { return secrets_; }

  std::string text(std::string text) const;
  Value value(const Value& value) const;
  void apply(event::TaskResult& result) const;

 private:
  Strings secrets_;
};

/// What stands for the subject of a change that `no_log` hides.
constexpr std::string_view hidden_subject = "(hidden by no_log)";

/// `value` with other reasons wherever it is unknown: those of a task with `no_log` name what it would have done.
Value with_reasons(const Value& value, const Strings& reasons);

/// What is shown of a task with `no_log`: that something is hidden, and how it ended.
void censor(event::TaskResult& result);

}  // namespace agent::executor
