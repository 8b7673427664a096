#include <algorithm>
#include <map>
#include <regex>

#include <agent/host/apt_report.hpp>
#include <agent/sdk/real_number.hpp>
#include <agent/sdk/text.hpp>

namespace agent {

namespace {

/// apt ends the lines of its progress with "\r".
Strings lines_of(std::string text) {
  std::erase(text, '\r');
  return text::lines_of(text);
}

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::string stripped(std::string text) {
  text.erase(0, text.find_first_not_of(" \t"));
  text.erase(text.find_last_not_of(" \t.") + 1);
  return text;
}

void add(std::vector<FailedRepository>& all, std::string what, std::string reason) {
  for (FailedRepository& known : all)
    if (known.what == what) {
      if (known.reason.empty()) known.reason = std::move(reason);
      return;
    }
  all.push_back({std::move(what), std::move(reason)});
}

// "E: Failed to fetch URL  reason", "W: GPG error: WHAT: reason", and what else apt says only at its end.
void add_complaint(std::vector<FailedRepository>& all, const std::string& line) {
  static const std::regex fetch{"^[EW]: Failed to fetch (\\S+)\\s+(.*)$"};
  static const std::regex gpg{
      "^[EW]: (?:An error occurred during the signature verification.*?)?GPG error: (.+?): (.*)$"};
  static const std::regex repository{"^E: The repository '(.+?)' (.*)$"};
  static const std::regex dated{"^E: Release file for (\\S+) is (expired|not valid yet).*$"};
  std::smatch found;
  if (std::regex_match(line, found, dated))
    add(all, found[1], std::string("its release file is ") + found[2].str());
  else if (std::regex_match(line, found, gpg) || std::regex_match(line, found, fetch))
    add(all, found[1], stripped(found[2]));
  else if (std::regex_match(line, found, repository))
    add(all, found[1], stripped(found[2]));
}

struct Cause {
  std::string_view sign, hint;
};
constexpr Cause repository_causes[] = {
    {"Could not resolve",
     "no name server answers for it: check the network, /etc/resolv.conf, or the proxy (http_proxy)"},
    {"Temporary failure resolving",
     "no name server answers for it: check the network, /etc/resolv.conf, or the proxy (http_proxy)"},
    {"Network is unreachable", "this machine has no network: connect it, or set http_proxy"},
    {"Could not connect",
     "the server does not answer: check the network and the proxy (http_proxy), or use another mirror"},
    {"Connection timed out",
     "the server does not answer: check the network and the proxy (http_proxy), or use another mirror"},
    {"Connection failed", "the connection broke: check the network and the proxy (http_proxy), or use another mirror"},
    {"NO_PUBKEY",
     "its signing key is not known here: install the key that the repository publishes and name it in signed-by"},
    {"EXPKEYSIG", "its signing key has expired: fetch the repository's present key"},
    {"is not signed", "apt takes no unsigned repository: add its key, or take it out of /etc/apt/sources.list.d"},
    {"Hash Sum mismatch",
     "the mirror is being updated or a proxy serves old files: try again later, or use another mirror"},
    {"expired", "the mirror is out of date, or this machine's clock is ahead"},
    {"not valid yet", "this machine's clock is behind: set the time"},
    {"does not have a Release file",
     "it has nothing for this release: correct or remove it in /etc/apt/sources.list.d"},
    {"404", "it has nothing at this address: correct or remove it in /etc/apt/sources.list.d"},
    {"ertificate", "the server's certificate is not trusted: install 'ca-certificates', or check the clock"},
    {"No space left", "the disk is full: make room below /var/lib/apt"},
};

std::string first_complaint(const Strings& lines) {
  for (const std::string& line : lines)
    if (line.starts_with("E: ")) return stripped(line.substr(3));
  for (const std::string& line : lines)
    if (line.starts_with("dpkg: error") || line.starts_with("dpkg: unrecoverable"))
      return stripped(line.substr(line.find(' ') + 1));
  return {};
}

Map result_of(const Output& output) {
  Map map;
  map.set("rc", output.rc);
  map.set("stdout", output.out);
  map.set("stderr", output.err);
  return map;
}

// "installed x package post-installation script subprocess returned error exit status 1", as a person says it.
std::string script_failure(const std::string& text) {
  static const std::regex script{
      "(?:installed |new |old )?(\\S+) package (\\S+) script subprocess "
      "(?:returned error exit status (\\d+)|was (?:killed|interrupted).*|failed.*)"};
  std::smatch found;
  if (!std::regex_search(text, found, script)) return text;
  std::string said = "its " + found[2].str() + " script failed";
  if (found[3].matched) said += " with exit status " + found[3].str();
  return said;
}

std::string base_name(const std::string& subject) {
  const auto slash = subject.rfind('/');
  return slash == std::string::npos ? subject : subject.substr(slash + 1);
}

// What dpkg said of single packages on stdout and stderr: "dpkg: error processing package x (--configure):\n <why>".
std::vector<AptStatus> dpkg_errors(const Strings& lines) {
  static const std::regex head{"^dpkg: error processing (?:package|archive) (\\S+) \\(--[a-z-]+\\):$"};
  std::vector<AptStatus> errors;
  std::smatch found;
  for (std::size_t i = 0; i + 1 < lines.size(); ++i)
    if (std::regex_match(lines[i], found, head))
      errors.push_back({AptStatus::Kind::error, found[1], -1, stripped(lines[i + 1])});
  return errors;
}

// The last thing that a maintainer script said before dpkg gave up on its package.
std::string last_words(const Strings& lines, const std::string& package) {
  for (std::size_t i = 1; i < lines.size(); ++i)
    if (lines[i].starts_with("dpkg: error processing package " + package + " ") && !lines[i - 1].empty() &&
        !lines[i - 1].starts_with("dpkg:") && !lines[i - 1].starts_with("debconf:") &&
        !lines[i - 1].starts_with("Setting up "))
      return stripped(lines[i - 1]);
  return {};
}

constexpr Cause package_causes[] = {
    {"No space left on device", "the disk is full: make room, then run the play again"},
    {"have enough free space", "the disk is full: make room, then run the play again"},
    {"cannot be authenticated", "the repository is not signed: add its key, or set allow_unauthenticated: true"},
    {"Held packages were changed",
     "a held package would change: set allow_change_held_packages: true, or release the hold"},
    {"were downgraded", "a package would go back to an older version: set allow_downgrade: true"},
    {"Essential packages were removed", "an essential package would be removed, which agent never does"},
    {"unmet dependencies", "what it depends on cannot be installed together with what is there; the output says which"},
    {"held broken packages",
     "what it depends on cannot be installed together with what is there; the output says which"},
    {"Unable to fetch",
     "an archive could not be fetched: check the network, or renew the index with update_cache: true"},
    {"Failed to fetch",
     "an archive could not be fetched: check the network, or renew the index with update_cache: true"},
    {"Unable to locate package", "renew the index with update_cache: true, or check the name"},
    {"dpkg was interrupted", "an earlier run was cut off: run the play again, it repairs that first"},
    {"Could not get lock", "another package manager is running: wait until it has finished, or raise lock_timeout"},
    {"Read-only file system", "the file system is mounted read-only"},
};

}  // namespace

std::optional<AptStatus> parse_apt_status(std::string_view line) {
  std::vector<std::string_view> parts;
  while (parts.size() < 3) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    parts.push_back(line.substr(0, colon));
    line.remove_prefix(colon + 1);
    // The subject may be "libc6:i386": what follows is no number then.
    if (parts.size() == 3 && parts[2].find_first_not_of("0123456789.") != std::string_view::npos) {
      parts[1] = std::string_view(parts[1].data(), parts[1].size() + 1 + parts[2].size());
      parts.pop_back();
    }
  }
  AptStatus status;
  if (parts[0] == "dlstatus")
    status.kind = AptStatus::Kind::download;
  else if (parts[0] == "pmstatus")
    status.kind = AptStatus::Kind::package;
  else if (parts[0] == "pmerror")
    status.kind = AptStatus::Kind::error;
  else if (parts[0] == "pmconffile")
    status.kind = AptStatus::Kind::conffile;
  else
    return std::nullopt;
  status.subject = parts[1];
  const auto percent = real_number(parts[2]);
  if (!percent) return std::nullopt;
  status.fraction = std::clamp(*percent / 100, 0.0, 1.0);
  status.text = line;
  return status;
}

std::vector<FailedRepository> failed_repositories(const Output& output) {
  static const std::regex fetch{"^(?:Err|Get|Hit|Ign):(\\d+) .*$"};
  static const std::regex failed{"^Err:\\d+ (.*?)(?: \\[[0-9.,]+ k?M?B\\])?$"};
  std::vector<FailedRepository> all;
  const Strings out = lines_of(output.out);
  std::smatch found;
  // apt tries again by itself: what it says of each last is how that ended.
  std::map<std::string, std::size_t> last;
  for (std::size_t i = 0; i < out.size(); ++i)
    if (std::regex_match(out[i], found, fetch)) last[found[1]] = i;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (!std::regex_match(out[i], found, fetch) || last[found[1]] != i) continue;
    if (!std::regex_match(out[i], found, failed)) continue;
    const bool reason = i + 1 < out.size() && out[i + 1].starts_with("  ");
    add(all, found[1], reason ? stripped(out[i + 1]) : "");
  }
  const bool named = !all.empty();
  for (const std::string& line : lines_of(output.err))
    if (!named || has(line, "Release file for")) add_complaint(all, line);
  return all;
}

Error refresh_error(const Output& output) {
  const std::vector<FailedRepository> failed = failed_repositories(output);
  if (failed.empty()) {
    std::string complaint = first_complaint(lines_of(output.err));
    if (complaint.empty()) complaint = "apt-get update ended with exit code " + std::to_string(output.rc);
    return Error("the package index could not be fetched: " + complaint).with(result_of(output));
  }
  std::string message = "the package index could not be fetched: repository '" + failed[0].what + "'";
  if (!failed[0].reason.empty()) message += ": " + failed[0].reason;
  if (failed.size() > 1) message += " (and " + std::to_string(failed.size() - 1) + " more)";
  Error error(message);
  error.with(result_of(output));
  const std::string everything = output.out + output.err;
  for (const Cause& cause : repository_causes)
    if (has(failed[0].reason, cause.sign) || (failed[0].reason.empty() && has(everything, cause.sign)))
      return error.hint(std::string(cause.hint)), error;
  return error;
}

Error package_error(const std::string& doing, const Output& output, const std::vector<AptStatus>& reported) {
  const std::string everything = output.out + "\n" + output.err;
  const Strings lines = lines_of(everything);
  std::vector<AptStatus> errors = reported;
  if (errors.empty()) errors = dpkg_errors(lines);
  std::string message;
  if (!errors.empty()) {
    message =
        doing + " failed: package '" + base_name(errors[0].subject) + "': " + script_failure(stripped(errors[0].text));
    if (errors.size() > 1) message += " (and " + std::to_string(errors.size() - 1) + " more)";
  } else {
    const std::string complaint = first_complaint(lines);
    message = doing + " failed: " +
              (complaint.empty() ? "the package manager ended with exit code " + std::to_string(output.rc) : complaint);
  }
  Error error(message);
  error.with(result_of(output));
  if (const std::string words = errors.empty() ? "" : last_words(lines_of(output.err), base_name(errors[0].subject));
      !words.empty())
    error.hint("the script said: " + words);
  for (const Cause& cause : package_causes)
    if (has(everything, cause.sign)) {
      error.hint(std::string(cause.hint));
      break;
    }
  return error;
}

bool is_stale_index(const Output& output) {
  const bool fetch = has(output.err, "Unable to fetch some archives") || has(output.err, "Failed to fetch");
  return fetch &&
         (has(output.err, "404") || has(output.err, "Hash Sum mismatch") || has(output.err, "unexpected size"));
}

bool is_locked(const Output& output) {
  return has(output.err, "Could not get lock") || has(output.err, "Unable to acquire the dpkg frontend lock") ||
         has(output.err, "dpkg frontend lock was locked") || has(output.err, "Unable to lock");
}

}  // namespace agent
