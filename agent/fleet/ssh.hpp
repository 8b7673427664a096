#pragma once

#include <optional>
#include <string>

#include <agent/executor/environment.hpp>
#include <agent/host/process.hpp>
#include <agent/wire/task.hpp>

namespace agent::fleet {

/// What the person at the controller allows of host keys.
enum class HostKeys {
  known,       ///< only those in known_hosts
  accept_new,  ///< the key of a host that was never seen is written down; a changed one is refused all the same
};

/// The user's own OpenSSH client, so that ~/.ssh/config, agents, jump hosts, hardware keys and known_hosts work, about
/// to run `remote` on the host. Never asks anything. Throws Error for a name, user or port that could be read as
/// something else (reliability R16). `configuration` counts instead of the user's files; see KeptLogins.
Command ssh_command(const std::string& host, const executor::Login& login, HostKeys keys, const std::string& remote,
                    const std::optional<Path>& configuration = {});

/// What a login says of ssh's arguments: the configuration that its -F names, and the other words.
struct SshArguments {
  std::optional<std::string> configuration;
  Strings others;
};
/// Throws Error as shell_words does.
SshArguments arguments_of(const executor::Login& login);

/// What it means that ssh ended before the agent answered, and the way out, from what it printed.
Unreachable ssh_failure(const std::string& host, const executor::Login& login, const std::string& printed);

/// True where it was the login kept for it that ended, and not a new one that was refused.
bool is_of_kept_login(const std::string& printed);

/// True where trying again may help: the server, or a bastion on the way, has too many that want in.
bool is_worth_another_try(const std::string& printed);

/// Words as a shell would split them: blanks, both quotes, backslashes; nothing is expanded. Throws Error for a quote
/// that does not end.
Strings shell_words(const std::string& text);

}  // namespace agent::fleet
