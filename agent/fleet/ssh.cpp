#include <algorithm>
#include <cctype>
#include <cstdlib>

#include <agent/fleet/ssh.hpp>
#include <agent/sdk/text.hpp>

namespace agent::fleet {
namespace {

bool consists_of(const std::string& text, std::string_view signs) {
  return std::all_of(text.begin(), text.end(), [&](unsigned char c) {
    return (c < 128 && std::isalnum(c)) || signs.find(static_cast<char>(c)) != std::string_view::npos;
  });
}

void check_address(const std::string& host, const std::string& address) {
  if (!address.empty() && address.size() <= 255 && address.front() != '-' && consists_of(address, "._-:%[]")) return;
  Error error("'" + address + "' is not the name or address of a host");
  if (address != host) error.hint("it is what 'ansible_host' says of '" + host + "'");
  throw std::move(error).hint("names take letters, digits, '.', '_' and '-'; addresses also ':' and '%'");
}

void check_user(const std::string& host, const std::string& user) {
  if (user.size() <= 128 && user.front() != '-' && consists_of(user, "._-@+")) return;
  throw Error("'" + user + "' is not the name of a user to log in as on '" + host + "'")
      .hint("names take letters, digits, '.', '_', '-', '+' and '@'");
}

void check_number(const std::string& what, const std::string& text, int most) {
  const bool digits = !text.empty() && text.size() < 6 &&
                      std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c); });
  if (!digits || std::stoi(text) < 1 || std::stoi(text) > most)
    throw Error("'" + text + "' is not a " + what).hint("it is a number from 1 to " + std::to_string(most));
}

std::string from_home(const std::string& path) {
  const char* home = std::getenv("HOME");
  return home && path.starts_with("~/") ? home + path.substr(1) : path;
}

std::string with_port(const executor::Login& login, const std::string& name) {
  return (login.port.empty() ? "" : "-p " + login.port + " ") + name;
}

}  // namespace

Strings shell_words(const std::string& text) {
  Strings out;
  std::string word;
  bool has_word = false;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote == '\'' ? c != '\'' : quote == '"' && c != '"' && c != '\\') {
      word += c;
    } else if (c == '\\' && i + 1 < text.size()) {
      word += text[++i];
      has_word = true;
    } else if (c == '\'' || c == '"') {
      quote = quote ? 0 : c;
      has_word = true;
    } else if (std::isspace(static_cast<unsigned char>(c))) {
      if (has_word) out.push_back(std::exchange(word, ""));
      has_word = false;
    } else {
      word += c;
      has_word = true;
    }
  }
  if (quote) throw Error("a quote in '" + text + "' does not end");
  if (has_word) out.push_back(word);
  return out;
}

SshArguments arguments_of(const executor::Login& login) {
  SshArguments out;
  const Strings words = shell_words(login.arguments);
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "-F" && i + 1 < words.size()) {
      out.configuration = words[++i];
    } else if (words[i].starts_with("-F")) {
      out.configuration = words[i].substr(2);
    } else {
      out.others.push_back(words[i]);
    }
  }
  return out;
}

Command ssh_command(const std::string& host, const executor::Login& login, HostKeys keys, const std::string& remote,
                    const std::optional<Path>& configuration) {
  const std::string address = login.address.empty() ? host : login.address;
  check_address(host, address);
  Command command;
  command.environment = own_environment();
  // What stands first counts: nothing in the arguments of an inventory turns the strict check of host keys off.
  command.argv = {login.executable.empty() ? "ssh" : login.executable, "-T", "-o",
                  // The password is asked for with a program of ours (askpass.hpp), once.
                  login.password.empty() ? "BatchMode=yes" : "NumberOfPasswordPrompts=1", "-o",
                  keys == HostKeys::known ? "StrictHostKeyChecking=yes" : "StrictHostKeyChecking=accept-new", "-o",
                  "EscapeChar=none", "-o", "RemoteCommand=none", "-o", "PermitLocalCommand=no", "-o",
                  "ClearAllForwardings=yes", "-o", "ForwardX11=no",
                  // A link that is gone is noticed within fifteen seconds.
                  "-o", "ServerAliveInterval=3", "-o", "ServerAliveCountMax=4"};
  const auto add = [&](std::initializer_list<std::string> words) {
    command.argv.insert(command.argv.end(), words.begin(), words.end());
  };
  const std::string timeout = login.timeout.empty() ? "10" : login.timeout;
  check_number("number of seconds to wait for a connection", timeout, 3600);
  add({"-o", "ConnectTimeout=" + timeout});
  if (!login.port.empty()) {
    check_number("port", login.port, 65535);
    add({"-p", login.port});
  }
  if (!login.user.empty()) {
    check_user(host, login.user);
    add({"-l", login.user});
  }
  if (!login.key.empty()) add({"-i", from_home(login.key), "-o", "IdentitiesOnly=yes"});
  SshArguments arguments = arguments_of(login);
  if (configuration) arguments.configuration = configuration->string();
  if (arguments.configuration) add({"-F", *arguments.configuration});
  command.argv.insert(command.argv.end(), arguments.others.begin(), arguments.others.end());
  add({"--", address, remote});
  return command;
}

bool is_of_kept_login(const std::string& printed) {
  return text::contains(printed, "mux_client") || text::contains(printed, "Control master") ||
         text::contains(printed, "ControlSocket") || text::contains(printed, "Control socket") ||
         text::contains(printed, "Shared connection to");
}

bool is_worth_another_try(const std::string& printed) {
  return text::contains(printed, "kex_exchange_identification") ||
         text::contains(printed, "banner exchange: Connection to") || text::contains(printed, "Exceeded MaxStartups") ||
         text::contains(printed, "Not allowed at this time");
}

Unreachable ssh_failure(const std::string& host, const executor::Login& login, const std::string& printed) {
  const std::string address = login.address.empty() ? host : login.address;
  const std::string name = address == host ? "'" + host + "'" : "'" + host + "' (" + address + ")";
  const auto because = [&](const std::string& why) { return Unreachable("cannot reach " + name + ": " + why); };
  if (text::contains(printed, "REMOTE HOST IDENTIFICATION HAS CHANGED"))
    return because("its host key is not the one that is known")
        .hint("either the machine was installed anew, or somebody stands between you and it: find out which")
        .hint("'ssh-keygen -R " + address + "' forgets the old key");
  if (text::contains(printed, "Host key verification failed") || text::contains(printed, "host key is known for"))
    return because("its host key is not known")
        .hint("'ssh " + with_port(login, address) + "' shows the key's fingerprint and asks whether to keep it")
        .hint("--accept-new-host-keys takes the keys of hosts that were never seen before");
  if (!login.password.empty() && text::contains(printed, "Permission denied"))
    return because("it does not let " + (login.user.empty() ? std::string("you") : "'" + login.user + "'") +
                   " in with this password, nor with a key")
        .hint("the password is wrong, or its sshd takes none (PasswordAuthentication); see ansible_password, -k")
        .hint("the password is for this host alone: one on the way there (ProxyJump) needs a key");
  if (text::contains(printed, "Permission denied") || text::contains(printed, "Too many authentication failures"))
    return because("it does not let " + (login.user.empty() ? std::string("you") : "'" + login.user + "'") + " in")
        .hint("'ssh " + with_port(login, (login.user.empty() ? "" : login.user + "@") + address) +
              "' has to work without a password: see ansible_user, ansible_ssh_private_key_file, and 'ssh-add -l'");
  if (text::contains(printed, "Could not resolve hostname"))
    return because("there is no such name").hint("'ansible_host' in the inventory says under which address it is");
  if (text::contains(printed, "Connection refused"))
    return because("nothing listens there").hint("is sshd running, and on the port that ansible_port says?");
  if (text::contains(printed, "timed out") || text::contains(printed, "Timeout, server"))
    return because("it does not answer").hint("is it on, and is there a way to it? -T sets how long to wait");
  if (text::contains(printed, "No route to host") || text::contains(printed, "Network is unreachable"))
    return because("there is no way to it from here");
  const std::string said = text::last_line(printed);
  Unreachable error = because(said.empty() ? "ssh ended without a word" : "ssh said: " + said);
  return error;
}

}  // namespace agent::fleet
