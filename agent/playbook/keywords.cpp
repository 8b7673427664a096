#include <algorithm>
#include <initializer_list>

#include <agent/playbook/keywords.hpp>

namespace agent::keywords {
namespace {

Strings joined(std::initializer_list<Strings> parts) {
  Strings all;
  for (const Strings& part : parts) all.insert(all.end(), part.begin(), part.end());
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

/// What a play, a role, a block and a task all take.
const Strings shared = {"any_errors_fatal",
                        "become",
                        "become_exe",
                        "become_flags",
                        "become_method",
                        "become_user",
                        "check_mode",
                        "collections",
                        "connection",
                        "debugger",
                        "diff",
                        "environment",
                        "ignore_errors",
                        "ignore_unreachable",
                        "module_defaults",
                        "name",
                        "no_log",
                        "port",
                        "remote_user",
                        "run_once",
                        "tags",
                        "throttle",
                        "timeout",
                        "vars"};
const Strings delegation = {"delegate_facts", "delegate_to"};

}  // namespace

const Strings& of_play() {
  static const Strings words =
      joined({shared,
              {"fact_path", "force_handlers", "gather_facts", "gather_subset", "gather_timeout", "handlers", "hosts",
               "max_fail_percentage", "order", "post_tasks", "pre_tasks", "roles", "serial", "strategy", "tasks",
               "user", "validate_argspec", "vars_files", "vars_prompt"}});
  return words;
}

const Strings& of_block() {
  static const Strings words = joined({shared, delegation, {"always", "block", "notify", "rescue", "when"}});
  return words;
}

const Strings& of_task() {
  static const Strings words =
      joined({shared,
              delegation,
              {"action", "args", "async", "changed_when", "delay", "failed_when", "local_action", "loop",
               "loop_control", "notify", "poll", "register", "retries", "until", "when"}});
  return words;
}

const Strings& of_handler() {
  static const Strings words = joined({of_task(), {"listen"}});
  return words;
}

const Strings& of_role() {
  static const Strings words = joined({shared, delegation, {"role", "when"}});
  return words;
}

const Strings& of_import_playbook() {
  static const Strings words = {"ansible.builtin.import_playbook", "import_playbook", "name", "tags", "vars", "when"};
  return words;
}

const Strings& of_loop_control() {
  static const Strings words = {"break_when", "extended", "extended_allitems", "index_var", "label",
                                "loop_var",   "pause"};
  return words;
}

bool has(const Strings& sorted, std::string_view word) {
  return std::binary_search(sorted.begin(), sorted.end(), word, std::less<>());
}

}  // namespace agent::keywords
