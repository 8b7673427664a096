#include "newest.hpp"

#include <algorithm>
#include <map>

#include <agent/sdk/codec.hpp>
#include <agent/sdk/shell_words.hpp>

#include "command.hpp"
#include "failure.hpp"

namespace agent::pip {

namespace {

constexpr std::chrono::milliseconds patience{120000};

Query question(const Want& want, const Target& target, const Strings& command) {
  Query query;
  query.argv = target.pip;
  query.argv.insert(query.argv.end(), command.begin(), command.end());
  query.environment = questioning_pip();
  const Strings sources = source_options(want, query.environment);
  query.argv.insert(query.argv.end(), sources.begin(), sources.end());
  query.directory = want.chdir.value_or("/");
  query.deadline = patience;
  return query;
}

bool has_pip_older_than(const Target& target, const std::string& version) {
  const PythonPackage* pip = target.env.find("pip");
  return pip && !pip->version.empty() && pep440::SpecifierSet::parse("<" + version)->contains(pip->version);
}

/// What asks pip for the versions that the index has of a package. Before 21.2 it has no command for that, but names
/// them when it is asked to install one that cannot be.
Strings listing(const Target& target) {
  if (!has_pip_older_than(target, "21.2")) return {"index", "versions"};
  if (has_pip_older_than(target, "20.3")) return {"install", "--no-deps"};
  return {"install", "--no-deps", "--use-deprecated=legacy-resolver"};
}

Strings versions_between(const std::string& output, const std::string& title, const char* last) {
  const auto begin = output.find(title);
  Strings versions;
  if (begin == std::string::npos) return versions;
  const auto end = std::min(output.find(last, begin), output.size());
  std::string word;
  for (std::size_t i = begin + title.size(); i <= end; ++i) {
    const char c = i < end ? output[i] : ',';
    if (c == ',') {
      if (!word.empty()) versions.push_back(word);
      word.clear();
    } else if (c != ' ') {
      word += c;
    }
  }
  return versions;
}

Strings offered_versions(const Want& want, const Target& target, const std::string& name, const Host& host) {
  const Strings command = listing(target);
  const bool has_command = command.front() == "index";
  Query query = question(want, target, command);
  query.argv.insert(query.argv.end(), {"--", has_command ? name : name + "===no-such-version"});
  const Output answer = host.query(query);
  if (!answer.unknown.empty()) throw Unknown(answer.unknown);
  Strings versions = has_command ? versions_between(answer.out, "Available versions:", "\n")
                                 : versions_between(answer.err, "(from versions:", ")");
  if (!versions.empty() && (has_command ? answer.rc == 0 : versions.front() != "none")) return versions;
  if (answer.rc == 127) throw Error("there is no program '" + query.argv.front() + "'");
  const Context context = {{name}, target.env};
  const auto failure = explained(answer, context);
  if (failure && !is_about_the_network(answer)) throw Error(*failure);
  throw Unknown("the newest version of '" + name + "' is only known to the package index, which did not answer");
}

/// The versions that pip would really put in place of what is there, by name; nothing when it cannot tell.
std::optional<std::map<std::string, std::string>> dry_run(const Want& want, const Target& target,
                                                          const std::vector<Request>& requests, const Host& host) {
  const PythonPackage* pip = target.env.find("pip");
  if (!pip || pip->version.empty() || has_pip_older_than(target, "23")) return std::nullopt;
  Query query = question(want, target, {"install", "--dry-run", "--quiet", "--upgrade", "--report", "-"});
  if (want.constraints) query.argv.insert(query.argv.end(), {"--constraint", want.constraints->string()});
  if (want.extra_args)
    for (const auto& word : split_words(*want.extra_args)) query.argv.push_back(word);
  query.argv.push_back("--");
  for (const auto& request : requests)
    if (!request.editable) query.argv.push_back(request.text);
  const Output answer = host.query(query);
  const auto begin = answer.out.find('{');
  if (!answer.unknown.empty() || answer.rc != 0 || begin == std::string::npos) return std::nullopt;
  std::map<std::string, std::string> planned;
  const Value report = parse_json(answer.out.substr(begin), "pip's report");
  if (!report["install"].is_list()) return std::nullopt;
  for (const auto& entry : report["install"].list())
    planned[pep508::normalized(entry["metadata"]["name"].string())] = entry["metadata"]["version"].string();
  return planned;
}

}  // namespace

Newer find_newer(const Want& want, const Target& target, const std::vector<Request>& requests, const Host& host) {
  Newer newer;
  for (const auto& request : requests) {
    const auto& requirement = request.requirement;
    if (!request.source.empty() || pinned(requirement.versions)) continue;
    const PythonPackage* installed = target.env.find(requirement.name);
    if (!installed || installed->version.empty()) continue;  // missing is a lack already, predicted is the newest
    const auto newest =
        pep440::newest(offered_versions(want, target, requirement.name, host), requirement.versions, want.pre);
    const auto now = pep440::Version::parse(installed->version);
    const auto then = newest ? pep440::Version::parse(*newest) : std::nullopt;
    if (now && then && *now < *then) newer.lacking.push_back({installed->name, installed->version, *newest, "", false});
  }
  if (newer.lacking.empty()) return newer;
  // A newer version may be one that the other packages do not go with; then pip leaves things as they are.
  const auto planned = dry_run(want, target, requests, host);
  if (!planned) return newer;
  std::vector<Lack> possible;
  for (auto& lack : newer.lacking) {
    const auto found = planned->find(lack.name);
    if (found == planned->end())
      newer.notes.push_back(lack.name + " " + lack.wanted + " exists, but the other packages keep it at " +
                            *lack.before);
    else
      lack.wanted = found->second, possible.push_back(lack);
  }
  newer.lacking = std::move(possible);
  return newer;
}

}  // namespace agent::pip
