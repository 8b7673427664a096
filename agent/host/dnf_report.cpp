#include <regex>

#include <agent/host/dnf_report.hpp>

namespace agent {

namespace {

struct Cause {
  std::string_view sign, hint;
};
constexpr Cause causes[] = {
    {"Could not resolve host",
     "no name server answers: check the network, /etc/resolv.conf, or the proxy in /etc/dnf/dnf.conf"},
    {"Couldn't resolve host",
     "no name server answers: check the network, /etc/resolv.conf, or the proxy in /etc/dnf/dnf.conf"},
    {"Couldn't connect", "the server does not answer: check the network and the proxy in /etc/dnf/dnf.conf"},
    {"Could not connect", "the server does not answer: check the network and the proxy in /etc/dnf/dnf.conf"},
    {"Timeout was reached", "the server does not answer: check the network and the proxy in /etc/dnf/dnf.conf"},
    {"Status code: 404", "the repository has nothing at this address: correct or disable it in /etc/yum.repos.d"},
    {"Couldn't open file", "the repository has nothing at this address: correct or disable it in /etc/yum.repos.d"},
    {"GPG check FAILED", "the packages are not signed by a key that is known here: import the repository's key"},
    {"is not signed", "the packages are not signed: sign them, or set disable_gpg_check: true"},
    {"more space needed", "the disk is full: make room, then run the play again"},
    {"No space left on device", "the disk is full: make room, then run the play again"},
    {"protected packages", "this would remove a package that the system cannot do without, which agent never does"},
    {"nothing provides", "what it depends on is in no enabled repository: add the one that has it"},
    {"conflicting requests",
     "what it depends on cannot be installed together with what is there; the output says which"},
};

std::string stripped(std::string text) {
  text.erase(0, text.find_first_not_of(" \t-"));
  text.erase(text.find_last_not_of(" \t\r.:") + 1);
  return text;
}

// The first line that says why: what follows "Error:", or a problem below it.
std::string reason(const std::string& err) {
  std::smatch found;
  static const std::regex unsolved{
      "(?:^|\\n)\\s*(?:-\\s*)?(nothing provides [^\\n]+|package [^\\n]+ (?:conflicts with|obsoletes|requires)[^\\n]+)"};
  if (std::regex_search(err, found, unsolved)) return stripped(found[1]);
  static const std::regex said{"(?:^|\\n)\\s*(?:Error|error|Failed to [a-z ]+):[ \\t]*\\n?([^\\n]+)"};
  if (std::regex_search(err, found, said)) return stripped(found[1]);
  const std::string first = err.substr(0, err.find('\n'));
  return stripped(first);
}

}  // namespace

std::optional<DnfProgress> parse_dnf_progress(std::string_view line) {
  const std::string text(line);
  std::smatch found;
  // dnf 4: "  Installing       : vim-9.0-1.x86_64        3/10"; "(2/3): vim-9.0.rpm   1.2 MB/s | ..."
  static const std::regex step{
      "^\\s*(Installing|Upgrading|Reinstalling|Downgrading|Erasing|Removing|Cleanup|Obsoleting)"
      "\\s*:\\s+(\\S+)\\s+(\\d+)/(\\d+)\\s*$"};
  static const std::regex download{"^\\((\\d+)(?:-\\d+)?/(\\d+)\\): (\\S+).*$"};
  // dnf 5: "[3/10] Installing vim-2:9.0-1.x86_64   100% |..."
  static const std::regex step5{"^\\[\\s*(\\d+)/(\\d+)\\] (\\S.*?)\\s+\\d+% \\|.*$"};
  const auto fraction = [&](int part, int whole) {
    const double of = std::stod(found[static_cast<std::size_t>(whole)]);
    return of > 0 ? std::min(1.0, std::stod(found[static_cast<std::size_t>(part)]) / of) : -1;
  };
  if (std::regex_match(text, found, step)) return DnfProgress{found[1].str() + " " + found[2].str(), fraction(3, 4)};
  if (std::regex_match(text, found, download)) return DnfProgress{"downloading " + found[3].str(), fraction(1, 2)};
  if (std::regex_match(text, found, step5)) return DnfProgress{found[3].str(), fraction(1, 2)};
  return std::nullopt;
}

std::string ignored_repository(const Output& output) {
  static const std::regex ignored{
      "(?:Ignoring repositories|Ignoring repository|Errors during downloading metadata for "
      "repository|Failed to synchronize cache for repo|>>> Librepo error[^\\n]*for repo)"
      "[: ]+'?([^'\\n]+)'?"};
  static const std::regex comma{", *"};
  const std::string everything = output.err + "\n" + output.out;
  for (std::sregex_iterator it(everything.begin(), everything.end(), ignored), end; it != end; ++it) {
    const std::string listed = (*it)[1].str();
    for (std::sregex_token_iterator name(listed.begin(), listed.end(), comma, -1), last; name != last; ++name)
      // A plugin's own, of packages that it keeps; there is none of them before the first was kept.
      if (*name != "_dnf_local") return *name;
  }
  return "";
}

std::string unmatched_argument(const Output& output) {
  static const std::regex unmatched{"(?:No match for argument:|Unable to find a match:)\\s*([^\\s\\x1b]+)"};
  std::smatch found;
  const std::string everything = output.err + "\n" + output.out;
  return std::regex_search(everything, found, unmatched) ? found[1].str() : "";
}

Error dnf_error(const std::string& doing, const Output& output) {
  const std::string everything = output.err + "\n" + output.out;
  std::string why = reason(output.err);
  if (const std::string name = unmatched_argument(output); !name.empty()) why = "no package matches '" + name + "'";
  if (why.empty()) why = "dnf ended with exit code " + std::to_string(output.rc);
  Map result;
  result.set("rc", output.rc);
  result.set("stdout", output.out);
  result.set("stderr", output.err);
  Error error(doing + " failed: " + why);
  error.with(std::move(result));
  for (const Cause& cause : causes)
    if (everything.find(cause.sign) != std::string::npos) {
      error.hint(std::string(cause.hint));
      break;
    }
  return error;
}

}  // namespace agent
