#include <cctype>
#include <cstdlib>
#include <fstream>

#include <glob.h>

#include <agent/fleet/login_way.hpp>
#include <agent/fleet/ssh.hpp>
#include <agent/host/process.hpp>
#include <agent/sdk/text.hpp>

namespace agent::fleet {
namespace {

std::string home() {
  const char* home = std::getenv("HOME");
  return home ? home : "";
}

std::vector<Path> usual_files(const std::optional<std::string>& instead) {
  if (!instead) return {Path(home()) / ".ssh/config", "/etc/ssh/ssh_config"};
  if (text::lower(*instead) == "none") return {};
  return {*instead};
}

std::string answer_of_ssh(const Strings& argv) {
  try {
    Command command;
    command.argv = argv;
    command.environment = own_environment();
    command.deadline = std::chrono::seconds(10);
    return run(command).output.out;
  } catch (const Error&) {
    return "";
  }
}

/// What a line of ssh's configuration, or a word behind -o, says: the keyword in lower case, and the rest.
std::pair<std::string, std::string> setting(const std::string& line) {
  std::size_t at = 0, end = 0;
  while (at < line.size() && std::isspace(static_cast<unsigned char>(line[at]))) ++at;
  for (end = at; end < line.size() && std::isalnum(static_cast<unsigned char>(line[end]));) ++end;
  std::size_t rest = end;
  while (rest < line.size() && (std::isspace(static_cast<unsigned char>(line[rest])) || line[rest] == '=')) ++rest;
  return {text::lower(line.substr(at, end - at)), text::trimmed(line.substr(rest))};
}

/// Whether a file of ssh's configuration speaks of proxies, with what it includes.
bool speaks_of_proxies(const Path& file, int depth) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const auto [keyword, rest] = setting(line);
    if (keyword == "proxyjump" || keyword == "proxycommand") return true;
    if (keyword != "include" || depth == 0) continue;
    for (std::string pattern : shell_words(rest)) {
      if (pattern.starts_with("~/")) pattern = home() + pattern.substr(1);
      if (!pattern.starts_with("/"))
        pattern = (file.string().starts_with("/etc/") ? Path("/etc/ssh") : Path(home()) / ".ssh") / pattern;
      glob_t found{};
      bool is_spoken_of = false;
      if (::glob(pattern.c_str(), 0, nullptr, &found) == 0)
        for (std::size_t i = 0; i < found.gl_pathc; ++i)
          is_spoken_of = is_spoken_of || speaks_of_proxies(found.gl_pathv[i], depth - 1);
      ::globfree(&found);
      if (is_spoken_of) return true;
    }
  }
  return false;
}

/// The server that a value of ProxyJump or ProxyCommand leads to first; empty: none.
std::string first_server(const std::string& keyword, const std::string& value) {
  if (value.empty() || text::lower(value) == "none") return "";
  if (keyword == "proxyjump") return "jump " + value.substr(0, value.find(','));
  // What stands for the host itself differs from one to the next: %h, %p and the like.
  std::string out = "command ";
  for (std::size_t i = 0; i < value.size(); ++i) {
    out += value[i];
    if (value[i] == '%') ++i;
  }
  return out;
}

/// What the arguments of ssh say by themselves of proxies and of files.
struct Said {
  std::optional<std::string> proxy, file;
};

Said said_by(const Strings& words) {
  Said said;
  const auto take = [&](const std::string& keyword, const std::string& value) {
    if ((keyword == "proxyjump" || keyword == "proxycommand") && !said.proxy)
      said.proxy = first_server(keyword, value);  // the first counts, as for ssh
  };
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word.size() < 2 || word[0] != '-' || std::string_view("oJF").find(word[1]) == std::string_view::npos) continue;
    const std::string value = word.size() > 2 ? word.substr(2) : i + 1 < words.size() ? words[++i] : "";
    if (word[1] == 'J') take("proxyjump", value);
    if (word[1] == 'F' && !said.file) said.file = value;
    if (word[1] == 'o') {
      const auto [keyword, rest] = setting(value);
      take(keyword, rest);
    }
  }
  return said;
}

}  // namespace

LoginWays::LoginWays() : LoginWays(usual_files, answer_of_ssh) {}

bool LoginWays::knows_proxies(const std::optional<std::string>& instead) {
  const std::lock_guard lock(mutex_);
  const auto [found, is_new] = known_.try_emplace(instead ? "-F " + *instead : "", false);
  if (is_new)
    for (const Path& file : files_(instead)) found->second = found->second || speaks_of_proxies(file, 4);
  return found->second;
}

std::string LoginWays::way_to(const std::string& host, const executor::Login& login) {
  const std::string itself = (login.address.empty() ? host : login.address) + " " + login.port;
  try {
    Said said = said_by(shell_words(login.arguments));
    // Only where a file speaks of proxies at all is ssh asked which of it is for this host: that costs a program.
    if (!said.proxy && knows_proxies(said.file)) {
      const Command command = ssh_command(host, login, HostKeys::known, "");
      Strings argv = command.argv;
      argv.pop_back();
      argv.insert(argv.begin() + 1, "-G");
      for (const auto& line : text::lines_of(ask_(argv))) {
        const auto [keyword, value] = setting(line);
        if (keyword == "proxyjump" || keyword == "proxycommand") said.proxy = first_server(keyword, value);
      }
    }
    if (said.proxy && !said.proxy->empty()) return *said.proxy;
  } catch (const Error&) {
    // What is wrong with the arguments is said by whoever starts ssh with them.
  }
  return itself;
}

}  // namespace agent::fleet
