#pragma once

#include <optional>
#include <string>

#include <agent/sdk/host.hpp>
#include <agent/sdk/module.hpp>
#include <agent/sdk/spec.hpp>

namespace agent {

/// What the arguments of `command`, `shell`, `raw` and `script` have in common.
struct CommandOptions {
  std::optional<std::string> chdir, creates, removes, input;
  bool input_ends_in_newline = true, strip_empty_ends = true;
};

/// Adds chdir, creates and removes to the Spec of a module whose `Want` derives from `CommandOptions`.
template <class Want>
SpecOf<Want> with_command_options(SpecOf<Want> spec) {
  using Text = std::optional<std::string> Want::*;
  return std::move(spec)
      .optional("chdir", static_cast<Text>(&Want::chdir), "directory to run it in")
      .as(Type::path)
      .optional("creates", static_cast<Text>(&Want::creates), "file or pattern; where it exists, nothing is run")
      .as(Type::path)
      .optional("removes", static_cast<Text>(&Want::removes),
                "file or pattern; where it does not exist, nothing is run")
      .as(Type::path);
}

/// Adds the standard input's arguments and what becomes of the output.
template <class Want>
SpecOf<Want> with_input_options(SpecOf<Want> spec) {
  using Flag = bool Want::*;
  return std::move(spec)
      .optional("stdin", static_cast<std::optional<std::string> Want::*>(&Want::input), "text for its standard input")
      .optional("stdin_add_newline", static_cast<Flag>(&Want::input_ends_in_newline), "end that text with a newline")
      .optional("strip_empty_ends", static_cast<Flag>(&Want::strip_empty_ends),
                "drop the newlines at the end of stdout and stderr");
}

/// Adds what all of them register.
template <class Want>
SpecOf<Want> with_command_results(SpecOf<Want> spec) {
  return std::move(spec)
      .returns("rc", "integer", "exit code")
      .returns("stdout", "text", "what it wrote to standard output")
      .returns("stdout_lines", "list", "the same in lines")
      .returns("stderr", "text", "what it wrote to standard error")
      .returns("stderr_lines", "list", "the same in lines");
}

/// The directory a command is run in: `chdir`, which must exist, or nothing.
std::optional<Path> working_directory(const CommandOptions& options, const Host& host);

/// Why `creates` or `removes` say that there is nothing to do: "/x", "exists".
struct SkipReason {
  std::string path, why;
};
std::optional<SkipReason> reason_to_skip(const CommandOptions& options, const Host& host);

/// The step that runs `argv` once, each time it is asked for. `line` is what a person sees.
Step command_step(Strings argv, const std::string& line, const CommandOptions& options, const Host& host);

/// A module whose work is to run one command. `check` plans a `command_step`; this runs it and registers rc, stdout,
/// stderr and their lines, and fails where the exit code is not 0.
class CommandModule : public Module {
 public:
  Outcome apply(const Plan& plan, Host& host) const override;

 protected:
  /// The plan of a command that `options` may turn away; `shown` is what `cmd` registers (null: nothing).
  static Plan plan_command(Strings argv, const std::string& line, Value shown, const CommandOptions& options,
                           const Host& host);
};

}  // namespace agent
