#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <span>

#include <agent/sdk/text.hpp>
#include <agent/wall/privileged_reads.hpp>

namespace agent::wall {

namespace {

/// What a program may be told so that it only reads.
struct Entry {
  const char* program;
  const char* options_before;  ///< of the verb; a pattern for each
  const char* verb;            ///< pattern; "": it has none
  const char* arguments;       ///< what follows, options as well; a pattern for each
};

constexpr const char* unit_options =
    "-q|--quiet|-a|--all|-l|--full|--no-pager|--no-legend|--plain|--value|(-t|-p|--(type|state|property)=)"
    "[A-Za-z,-]*|[A-Za-z0-9:_.@*?\\\\][A-Za-z0-9:_.@*?\\\\-]*";
constexpr const char* docker_arguments = "(?!-H|--(host|config|context)).*";

constexpr Entry entries[] = {
    {"systemctl", "-q|--quiet|--no-pager|--no-legend|--plain|-a|--all",
     "is-active|is-enabled|is-failed|is-system-running|show|status|cat|get-default|"
     "list-(units|unit-files|sockets|timers|dependencies|jobs)",
     unit_options},
    {"nft", "-[janspyNSu]+|-nn|--(json|handle|numeric|stateless|terse|reversedns)", "list", "[A-Za-z0-9_-]+"},
    {"iptables", "", "", "-[nvxLS]+|--(list|list-rules|numeric|verbose|exact|line-numbers)|-t|--table|[A-Za-z0-9_]+"},
    {"iptables-save", "", "", "-c|--counters|-t|--table|[a-z]+"},
    {"firewall-cmd", "", "",
     "-q|--quiet|--permanent|--state|--(list|get|query|info)-[a-z-]+(=[A-Za-z0-9_./"
     "-]*)?|--(zone|policy)=[A-Za-z0-9_-]+"},
    {"docker", "", "ps|images|info|version|inspect", docker_arguments},
    {"dmesg", "", "",
     "-[THkxeuPLrtd]+|--(ctime|human|kernel|userspace|decode|raw|nopager|json)|--(level|facility)=[a-z,+]*"},
};

bool is(const std::string& word, const char* pattern) {
  return *pattern != '\0' && std::regex_match(word, std::regex(pattern));
}

bool fits(const Entry& entry, std::span<const std::string> words) {
  while (!words.empty() && is(words.front(), entry.options_before)) words = words.subspan(1);
  if (*entry.verb != '\0') {
    if (words.empty() || !is(words.front(), entry.verb)) return false;
    words = words.subspan(1);
  }
  return std::all_of(words.begin(), words.end(), [&](const auto& word) { return is(word, entry.arguments); });
}

std::string name_in_system(const std::string& program) {
  const Path path = program;
  if (!path.has_parent_path()) return program;
  static const std::set<Path> own = {"/bin", "/sbin", "/usr/bin", "/usr/sbin"};
  return own.contains(path.parent_path()) ? path.filename().string() : std::string();
}

bool is_loaded(const std::string& module) {
  std::ifstream modules("/proc/modules");
  if (!modules) return true;  // a kernel without modules has all that it will have
  for (std::string line; std::getline(modules, line);)
    if (line.starts_with(module + " ")) return true;
  return false;
}

/// Of one who speaks to the kernel as nft does.
bool is_nft(const std::string& program) {
  for (const char* directory : {"/usr/sbin/", "/sbin/"}) {
    std::error_code error;
    const Path behind = std::filesystem::canonical(directory + program, error);
    if (!error) return behind.filename() == "xtables-nft-multi";
  }
  return false;
}

}  // namespace

std::optional<Strings> plain_words(const std::string& line) {
  static const std::regex plain(R"([A-Za-z0-9_./:@=,+% -]+)");
  if (!std::regex_match(line, plain)) return std::nullopt;
  return text::words_of(line);
}

std::optional<Strings> privileged_read(const Strings& argv) {
  if (argv.empty()) return std::nullopt;
  Strings read = argv;
  read.front() = name_in_system(argv.front());
  // The same program for the other version of the protocol.
  const std::string listed = read.front().starts_with("ip6tables") ? "iptables" + read.front().substr(9) : read.front();
  const std::span<const std::string> words(read.begin() + 1, read.end());
  const bool found = std::any_of(std::begin(entries), std::end(entries),
                                 [&](const Entry& entry) { return listed == entry.program && fits(entry, words); });
  return found ? std::optional(read) : std::nullopt;
}

bool loads_nothing(const Strings& read) {
  const std::string& program = read.front();
  const bool old = program.find("tables") != std::string::npos && !is_nft(program);
  if (program != "nft" && program.find("tables") == std::string::npos) return true;
  if (!old) return is_loaded("nf_tables");
  const std::string family = program.starts_with("ip6") ? "ip6table_" : "iptable_";
  const auto named = std::find_if(read.begin(), read.end(), [](const auto& w) { return w == "-t" || w == "--table"; });
  if (named != read.end() && named + 1 != read.end()) return is_loaded(family + *(named + 1));
  return is_loaded(family + "filter");
}

}  // namespace agent::wall
