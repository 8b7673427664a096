#include "satisfied.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace agent::pip {

namespace {

/// Whether a version that will be the newest of its kind is sure to fit: it is when only a lower bound is given.
bool newest_fits(const pep440::SpecifierSet& versions) {
  return std::all_of(versions.clauses().begin(), versions.clauses().end(), [](const auto& clause) {
    return clause.comparison() == ">=" || clause.comparison() == ">" || clause.comparison() == "!=";
  });
}

class Walk {
 public:
  Walk(const Depth& depth, const PythonEnvironment& env) : depth_(depth), env_(env) {
    for (const auto& constraint : depth.constraints)
      if (applies(constraint, {})) constraints_[constraint.key()].add(constraint.versions);
  }

  void request(const Request& request) {
    if (!applies(request.requirement, {})) return;
    if (request.source.empty() || !request.requirement.versions.empty()) return require(request.requirement, "");
    const PythonPackage* found = installed_from(request, env_);
    if (found && env_.owns(*found) && !env_.is_whole(*found)) return add(damaged(*found, {}, ""));
    if (found) return look_into(*found, request.requirement);
    const PythonPackage* other = request.requirement.name.empty() ? nullptr : env_.find(request.requirement.name);
    const std::string name = request.requirement.name.empty() ? request.text : request.requirement.key();
    std::string wanted = request.source;
    if (!request.revision.empty()) wanted += "@" + request.revision;
    add({name, other ? std::optional(other->version) : std::nullopt, wanted, "", false});
  }

  std::vector<Lack> lacking;

 private:
  bool applies(const pep508::Requirement& requirement, const Strings& extras) {
    if (!requirement.marker) return true;
    if (!markers_) markers_ = env_.markers();
    if (requirement.marker->holds(*markers_)) return true;
    return std::any_of(extras.begin(), extras.end(),
                       [&](const auto& extra) { return requirement.marker->holds(*markers_, extra); });
  }

  void require(const pep508::Requirement& requirement, const std::string& by) {
    pep440::SpecifierSet versions = requirement.versions;
    if (const auto more = constraints_.find(requirement.key()); more != constraints_.end()) versions.add(more->second);
    const PythonPackage* found = env_.find(requirement.name);
    if (!found)
      return add({requirement.key(), std::nullopt, shown(versions), by, false, env_.leftovers(requirement.name)});
    if (found->version.empty()) {
      if (newest_fits(versions)) return;
      throw Unknown("whether '" + requirement.name + versions.text() + "' is satisfied depends on the version of '" +
                    found->name + "' that a task before this one would install");
    }
    if (env_.owns(*found) && !env_.is_whole(*found)) return add(damaged(*found, versions, by));
    if (!versions.contains(found->version))
      return add({found->name, found->version, shown(versions), by, false, env_.leftovers(found->name)});
    if (auto traces = env_.leftovers(found->name); !traces.empty() && env_.owns(*found))
      add({found->name, found->version + ", with leftovers of an interrupted run", found->version, by, false,
           std::move(traces), true});
    look_into(*found, requirement);
  }

  /// What an interrupted run left of a package; the version that was there or was to come is kept where it fits.
  Lack damaged(const PythonPackage& package, const pep440::SpecifierSet& versions, const std::string& by) {
    Lack lack{package.name, "", "", by, true, env_.leftovers(package.name)};
    std::optional<pep440::Version> best;
    for (const auto& record : env_.records(package)) {
      lack.before = *lack.before + (lack.before->empty() ? "" : " and ") + record.version;
      if (!env_.is_recorded(record)) lack.debris.push_back(record.metadata);
      const auto version = pep440::Version::parse(record.version);
      if (version && versions.contains(record.version) && (!best || *best < *version)) best = version;
    }
    lack.before = *lack.before + ", half installed";
    lack.wanted = pinned(versions).value_or(best ? best->without_local().text() : shown(versions));
    return lack;
  }

  void look_into(const PythonPackage& package, const pep508::Requirement& requirement) {
    if (package.version.empty() || !is_new(package, requirement.extras)) return;
    if (!depth_.dependencies) return;
    for (const auto& text : env_.metadata(package).requires_dist) {
      std::optional<pep508::Requirement> needed;
      try {
        needed = pep508::Requirement::parse(text);
      } catch (const Error&) {
        continue;  // published before anybody checked; pip does not hold it against the package either
      }
      if (applies(*needed, requirement.extras)) require(*needed, package.name + " " + package.version);
    }
  }

  /// Whether there is something about the package, or one of these extras of it, that was not looked at yet.
  bool is_new(const PythonPackage& package, const Strings& extras) {
    bool fresh = seen_.insert({package.name, ""}).second;
    for (const auto& extra : extras) fresh |= seen_.insert({package.name, extra}).second;
    return fresh;
  }

  void add(Lack lack) {
    const auto same = [&](const Lack& other) { return other.name == lack.name; };
    if (std::none_of(lacking.begin(), lacking.end(), same)) lacking.push_back(std::move(lack));
  }

  const Depth& depth_;
  const PythonEnvironment& env_;
  std::map<std::string, pep440::SpecifierSet> constraints_;
  std::optional<pep508::MarkerValues> markers_;
  std::set<std::pair<std::string, std::string>> seen_;
};

}  // namespace

std::vector<Lack> lacks(const std::vector<Request>& requests, const Depth& depth, const PythonEnvironment& env) {
  Walk walk(depth, env);
  for (const auto& request : requests) walk.request(request);
  return std::move(walk.lacking);
}

const PythonPackage* installed_from(const Request& request, const PythonEnvironment& env) {
  const auto came_from_there = [&](const PythonPackage& package) {
    const auto url = env.direct_url(package);
    return url && url->url == request.source && url->editable == request.editable &&
           (request.revision.empty() || url->revision == request.revision || url->commit == request.revision);
  };
  if (!request.requirement.name.empty()) {
    const PythonPackage* found = env.find(request.requirement.name);
    return found && came_from_there(*found) ? found : nullptr;
  }
  for (const auto& [name, package] : env.packages())
    if (came_from_there(package)) return &package;
  return nullptr;
}

std::optional<std::string> pinned(const pep440::SpecifierSet& versions) {
  for (const auto& clause : versions.clauses())
    if ((clause.comparison() == "==" && !clause.version().ends_with(".*")) || clause.comparison() == "===")
      return clause.version();
  return std::nullopt;
}

std::string shown(const pep440::SpecifierSet& versions) {
  if (versions.empty()) return "newest";
  return pinned(versions).value_or(versions.text());
}

}  // namespace agent::pip
