#pragma once

#include <optional>
#include <string>
#include <vector>

#include <agent/playbook/loader.hpp>
#include <agent/sdk/error.hpp>
#include <agent/sdk/plan.hpp>
#include <agent/sdk/value.hpp>
#include <agent/wire/event.hpp>

namespace agent::executor {

/// Tasks that an include brings in, to be walked by whoever walks the play.
struct Inclusion {
  std::string shown;                 ///< the file or role, as the report names it
  std::optional<std::string> label;  ///< of the loop's item
  Items items;
  Items handlers;
  std::vector<RolePtr> visible_roles;  ///< whose variables stay visible (`public`)
};

/// How a task, or one item of its loop, ended: what `register` gets, and what is shown.
struct TaskOutcome {
  Status status = Status::ok;
  /// What `register` gets. Always with `changed` and `failed`; an unknown value when nothing of it is known.
  Value result;
  std::vector<Change> changes;
  Strings notes;
  Strings reasons;
  std::optional<Error> error;
  std::string output;
  /// Facts and variables that the task leaves behind, by where they go.
  Map facts, variables, included_variables;
  std::string delegate;
  bool is_shown = false;  ///< the result is what the task is for
  /// It would have made a change that was not approved: the run ends here, and nothing may take that back.
  bool is_refused = false;
  /// In a check: it was really run, on a machine that lacks what earlier tasks would have changed; a sentence.
  std::string assumption;
  std::vector<Inclusion> inclusions;

  bool is_failure() const { return status == Status::failed || status == Status::unreachable; }
  bool is_change() const { return status == Status::changed || status == Status::would_change; }
};

}  // namespace agent::executor
