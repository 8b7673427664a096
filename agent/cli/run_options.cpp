#include <agent/cli/extra_vars.hpp>
#include <agent/cli/reports.hpp>
#include <agent/cli/run_options.hpp>
#include <agent/sdk/text.hpp>

namespace agent::cli {
namespace {

Strings split(const Strings& given) {
  Strings out;
  for (const auto& text : given)
    for (std::size_t at = 0; at <= text.size();) {
      const auto end = std::min(text.find(',', at), text.size());
      auto first = text.find_first_not_of(' ', at);
      auto last = end;
      while (last > at && text[last - 1] == ' ') --last;
      if (first != std::string::npos && first < last) out.push_back(text.substr(first, last - first));
      at = end + 1;
    }
  return out;
}

CLI::Option* one_at_a_time(CLI::Option* option) {
  return option->allow_extra_args(false);
}

}  // namespace

void RunOptions::add_to(CLI::App& c) {
  c.add_option("playbook", playbooks, "the playbooks, one after another")->required()->type_name("PLAYBOOK...");
  one_at_a_time(c.add_option("-i,--inventory", inventories, "inventory file, directory, script or 'host,host,'"));
  c.add_option("-l,--limit", limit,
               "only these hosts of the inventory; @FILE: those named in it; @failed: those of the last run");
  one_at_a_time(c.add_option("-t,--tags", tags, "only tasks with one of these tags"));
  one_at_a_time(c.add_option("--skip-tags", skip_tags, "no task with one of these tags"));
  one_at_a_time(c.add_option("-e,--extra-vars", extra_vars, "variables: name=value, JSON, YAML or @file"));
  c.add_flag("-C,--check", check, "change nothing: say what would be");
  c.add_option("--wall", wall, "in a check: the weakest wall that is good enough (docs/check-mode.md)")
      ->check(CLI::IsMember({"full", "landlock", "none"}));
  c.add_flag("--strict", strict, "in a check: what was observed before predicted changes is unknown, and not assumed");
  c.add_flag("-D,--diff", diff, "show how texts change, JSON, YAML and INI key by key");
  c.add_option("--diff-lines", diff_lines, "of a change shown by --diff; 0: all")->capture_default_str();
  c.add_option_function<std::size_t>(
       "-f,--forks", [this](std::size_t n) { forks = n, forks_given = true; }, "hosts at the same time")
      ->capture_default_str()
      ->check(CLI::Range(1, 10'000));
  c.add_flag("-b,--become", become, "run tasks as another user (root)");
  c.add_option("--become-user", become_user, "who to become");
  c.add_option("--become-method", become_method, "how: sudo, su, doas, runuser");
  c.add_flag("-K,--ask-become-pass", ask_become_password, "ask for the password to become");
  c.add_option("--become-password-file", become_password_file, "the file that holds it");
  c.add_option("-c,--connection", connection, "local, or ssh");
  c.add_option("-u,--user", user, "log in as");
  c.add_flag("-k,--ask-pass", ask_password, "ask for the login's password");
  c.add_option("--connection-password-file", connection_password_file, "the file that holds it");
  c.add_option("--private-key,--key-file", private_key, "the login's key");
  c.add_option("-T,--timeout", timeout, "seconds to wait for a connection");
  c.add_option("--connect-retries", connect_retries,
               "how often a host that does not answer is tried again, after pauses that grow (2)")
      ->check(CLI::Range(0, 100));
  one_at_a_time(c.add_option("--ssh-common-args", ssh_common_arguments, "passed on to ssh"));
  one_at_a_time(c.add_option("--ssh-extra-args", ssh_extra_arguments, "passed on to ssh"));
  for (const char* name : {"--scp-extra-args", "--sftp-extra-args"})
    one_at_a_time(c.add_option(name, passed_over, "nothing is done: there is no scp or sftp here"));
  c.add_flag("--accept-new-host-keys", accept_new_host_keys,
             "keep the host keys of machines that were never seen before (docs/security.md)");
  c.add_option("--bundle-key", bundle_key, "send machines only an agent that this public key has signed")
      ->type_name("KEY");
  c.add_flag("--allow-older-agent", allow_older_agent,
             "with --bundle-key: also one that is older than what was sent before");
  one_at_a_time(c.add_option("--reconnect", reconnect,
                             "seconds that a host whose link broke goes on and is looked for (default: 120)"))
      ->check(CLI::Range(0, 86400));
  one_at_a_time(c.add_option("--wait", wait,
                             "seconds to wait for a host on which another run works (default: 60); exit code 75 then"))
      ->check(CLI::Range(0, 86400));
  c.add_option("--start-at-task", start_at_task, "begin at the task of this name");
  c.add_flag("--step", step, "ask before each task");
  c.add_flag("--list-tasks", list_tasks, "list the tasks, and run none");
  c.add_flag("--list-tags", list_tags, "list the tags, and run nothing");
  c.add_flag("--list-hosts", list_hosts, "list the hosts, and run nothing");
  c.add_flag("--syntax-check", syntax_check, "only look for mistakes");
  c.add_flag("--force-handlers", force_handlers, "run handlers of hosts that failed, too");
  c.add_flag("--flush-cache", flush_cache, "forget cached facts");
  one_at_a_time(c.add_option("-M,--module-path", module_paths, "further folders of modules"));
  one_at_a_time(c.add_option("--vault-id", vault_ids, "a vault's identity and password source"));
  c.add_option("--vault-password-file,--vault-pass-file", vault_password_file,
               "the file that holds the vault's password");
  c.add_flag("-J,--ask-vault-pass,--ask-vault-password", ask_vault, "ask for the vault's password");
  c.add_flag("-v,--verbose", verbosity, "say more; up to -vvvv");
  one_at_a_time(c.add_option("--format", formats, "text, jsonl, json, junit, html or prometheus")
                    ->check(CLI::IsMember(report_formats())));
  one_at_a_time(c.add_option("--output", outputs, "write the report of the --format before it to this file"));
  c.add_option("--sign", sign, "sign each --output with this Ed25519 key: beside FILE stands FILE.sig")
      ->type_name("KEY");
  c.add_option("--expect", expect, "do only what this json report of a check says, and stop before anything else")
      ->type_name("REPORT");
  c.add_option("--expect-key", expect_key, "and only when this public key has signed it")->type_name("KEY");
  c.add_flag_callback(
      "--history", [this] { history = true; }, "keep the run in the history, also a check of this machine");
  c.add_flag_callback(
      "--no-history", [this] { history = false; }, "keep it out of the history");
}

void RunOptions::refuse_what_is_not_there() const {
  const auto refuse = [](bool given, const std::string& what, const std::string& hint) {
    if (given) throw Error(what + " is not there yet").hint(hint);
  };
  refuse(ask_vault || !vault_password_file.empty() || !vault_ids.empty(), "opening vaults (--vault-*, -J)",
         "give secrets with -e @file, from a file that only you can read");
  refuse(!module_paths.empty(), "loading modules from further folders (-M)",
         "put the module into the agent's own tree");
  if (!expect.empty() && check) throw Error("--expect is for 'agent run': a check changes nothing");
  if (expect.empty() && !expect_key.empty()) throw Error("--expect-key needs the report that it has signed: --expect");
}

executor::Options RunOptions::executor_options() const {
  executor::Options out;
  out.check = check;
  out.strict = strict;
  out.diff = diff;
  out.force_handlers = force_handlers;
  out.tags = {split(tags), split(skip_tags)};
  out.extra_vars = cli::extra_vars(extra_vars);
  out.forks = forks;
  out.verbosity = verbosity;
  if (become) out.become = true;
  out.become_user = become_user;
  out.become_method = become_method;
  out.connection = connection;
  out.remote_user = user;
  out.private_key = private_key;
  out.ssh_common_arguments = text::joined(ssh_common_arguments, " ");
  out.ssh_extra_arguments = text::joined(ssh_extra_arguments, " ");
  if (timeout > 0) out.connect_timeout = std::to_string(timeout);
  if (connect_retries >= 0) out.connect_retries = std::to_string(connect_retries);
  out.step = step;
  out.start_at_task = start_at_task;
  out.limit = limit;
  out.version = AGENT_VERSION;
  return out;
}

}  // namespace agent::cli
