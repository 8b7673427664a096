#include <algorithm>

#include <agent/resolver/problem.hpp>
#include <agent/resolver/stack.hpp>
#include <agent/sdk/error.hpp>
#include <agent/sdk/text.hpp>

namespace agent::resolver {
namespace {

GivenDriver driver_from(const std::string& text) {
  const std::string plain = text.starts_with("R") || text.starts_with("r") ? text.substr(1) : text;
  const auto version = Dotted::parse(plain);
  if (!version || version->major() < 100)
    throw Error("'" + text + "' is no version of the NVIDIA driver").hint("write 550.54.15, or the branch alone: 550");
  return {*version, version->size() == 1};
}

/// "3.10" of "3.10.12"; the limits as they are otherwise.
std::string python_minor(const std::string& text) {
  const auto version = Dotted::parse(text);
  return version && version->size() > 2 ? version->series() : text;
}

void require_released(const Problem& problem, const std::vector<Build>& builds) {
  for (const Requirement& requirement : problem.request.requirements) {
    if (builds.empty() || requirement.framework != builds.front().framework) continue;
    if (std::any_of(builds.begin(), builds.end(), [&](const Build& build) { return allows(requirement, build); }))
      continue;
    Strings versions;
    for (const Build& build : builds) {
      const std::string version = requirement.companion.empty()           ? build.version.text()
                                  : requirement.companion == "torchaudio" ? build.torchaudio
                                                                          : build.torchvision;
      if (!version.empty() && std::find(versions.begin(), versions.end(), version) == versions.end())
        versions.push_back(version);
    }
    Error error("no table has a release for '" + requirement.text + "'");
    for (const HalfKnown& known : problem.tables.half_known)
      if (known.framework == requirement.framework && requirement.allowed.contains(known.version))
        error.hint(known.framework + " " + known.version + " is known by name only (" +
                   shown_place(known.origin.where) + ")");
    const auto& clauses = requirement.allowed.clauses();
    const auto wanted = clauses.empty() ? std::nullopt : pep440::Version::parse(clauses[0].version());
    Strings near = clauses.empty() ? Strings{} : nearest(clauses[0].version(), versions, 3);
    if (wanted && !wanted->local().empty())
      for (const Build& build : builds)
        if (build.version == wanted->without_local()) near.push_back(build.version.text() + "+" + build.label);
    std::string all;
    for (const std::string& version : near) all += (all.empty() ? "" : ", ") + version;
    if (!all.empty()) error.hint("near to it are " + all);
    throw error.hint("known are " + versions.back() + " to " + versions.front() + ", as of " + problem.tables.updated);
  }
}

/// The newest series below a version and the oldest above it, of those given newest first.
Strings neighbours(const std::string& version, const Strings& series) {
  const auto wanted = Dotted::parse(version.ends_with(".*") ? version.substr(0, version.size() - 2) : version);
  Strings near;
  if (!wanted) return near;
  for (const std::string& one : series) {
    const bool is_below = *Dotted::parse(one) < *wanted;
    if (!is_below) near = {one};
    if (is_below) {
      near.insert(near.begin(), one);
      break;
    }
  }
  return near;
}

/// Versions of CUDA that never were are a mistake, and nothing that could clash with the rest.
void require_cuda(const Problem& problem) {
  const auto& toolkits = problem.tables.toolkits;
  const auto is_meant = [&](const Toolkit& toolkit) { return problem.cuda->contains(toolkit.version.text()); };
  if (std::any_of(toolkits.begin(), toolkits.end(), is_meant)) return;
  for (const auto& builds : problem.builds)
    for (const Build& build : builds)
      if (build.cuda && problem.allows_cuda(*build.cuda)) return;
  Strings series;
  for (const Toolkit& toolkit : toolkits)
    if (series.empty() || series.back() != toolkit.series) series.push_back(toolkit.series);
  Error error("no table has a CUDA '" + *problem.request.cuda + "'");
  if (const Strings near = neighbours(*problem.request.cuda, series); !near.empty())
    error.hint("near to it are " + text::joined(near));
  throw error.hint("known are " + series.back() + " to " + series.front() + ", as of " + problem.tables.updated);
}

void collect_pythons(Problem& problem) {
  int lowest = 99, highest = 0;
  for (const auto& builds : problem.builds)
    for (const Build& build : builds) {
      lowest = std::min(lowest, build.python_min.part(1));
      highest = std::max(highest, build.python_max.part(1));
    }
  std::vector<Dotted> all;
  for (int minor = lowest; minor <= highest; ++minor) all.push_back(*Dotted::parse("3." + std::to_string(minor)));
  const auto add = [&](const std::optional<Dotted>& python) {
    if (python && std::find(all.begin(), all.end(), *python) == all.end()) all.push_back(*python);
  };
  if (problem.request.python) add(Dotted::parse(python_minor(*problem.request.python)));
  if (problem.request.own_python) add(Dotted::parse(python_minor(*problem.request.own_python)));
  if (problem.release) add(problem.release->python->python);
  if (all.empty()) add(Dotted::parse("3.12"));
  std::sort(all.begin(), all.end(), std::greater<>());
  problem.pythons = std::move(all);
}

void collect_hosts(Problem& problem) {
  problem.hosts = {""};
  bool is_needed = problem.request.toolkit || problem.frameworks.empty();
  for (const auto& builds : problem.builds)
    is_needed |= std::any_of(builds.begin(), builds.end(), [](const Build& build) { return build.needs_toolkit; });
  if (!is_needed || problem.for_cpu) return;
  for (const Toolkit& toolkit : problem.tables.toolkits)
    if (std::find(problem.hosts.begin(), problem.hosts.end(), toolkit.series) == problem.hosts.end())
      problem.hosts.push_back(toolkit.series);
}

}  // namespace

std::optional<Dotted> python_of_package(const std::string& name) {
  if (!name.starts_with("python")) return std::nullopt;
  std::string number = name.substr(6);
  if (number.find('.') == std::string::npos && number.size() >= 2) number.insert(1, ".");
  const auto version = Dotted::parse(number);
  return version && version->size() == 2 ? version : std::nullopt;
}

Problem::Problem(const Tables& all_tables, const Request& asked) : tables(all_tables), request(asked) {
  if (request.requirements.size() > 8) throw Error("more than 8 requirements are given");
  for (const std::string& text : request.gpus) {
    if (text == "none" || text == "cpu") {
      for_cpu = true;
      continue;
    }
    Card card = card_from(text, tables);
    const auto same = [&](const Card& other) { return other.name == card.name; };
    if (std::none_of(cards.begin(), cards.end(), same)) cards.push_back(std::move(card));
  }
  if (for_cpu && !cards.empty()) throw Error("'none' stands beside a GPU").hint("name the GPUs, or none alone");
  if (cards.size() > 4) throw Error("more than 4 kinds of GPU are given");
  if (request.cuda && (*request.cuda == "none" || *request.cuda == "cpu")) {
    for_cpu = true;
    cards.clear();
  } else if (request.cuda) {
    cuda = versions_from(*request.cuda, "CUDA");
  }
  if (for_cpu && request.toolkit)
    throw Error("a CUDA toolkit is asked for, and no GPU").hint("leave out one of the two");
  if (request.driver && *request.driver != "none" && !for_cpu) driver = driver_from(*request.driver);
  if (request.distro) release = release_from(*request.distro, tables);
  if (request.python) python = versions_from(python_minor(*request.python), "Python");
  for (const Requirement& requirement : request.requirements)
    if (std::find(frameworks.begin(), frameworks.end(), requirement.framework) == frameworks.end())
      frameworks.push_back(requirement.framework);
  for (const std::string& framework : frameworks) {
    builds.push_back(builds_of(framework, tables, request.requirements, for_cpu));
    require_released(*this, builds.back());
  }
  if (cuda) require_cuda(*this);
  if (frameworks.empty() && request.add_ons.empty() && !request.toolkit && !request.cuda)
    throw Error("nothing is asked for").hint("name a framework: torch, tensorflow, jax; or cuda for the toolkit alone");
  collect_pythons(*this);
  collect_hosts(*this);
}

bool Problem::allows_cuda(const Dotted& series) const {
  if (!cuda || cuda->contains(series.text())) return true;
  return std::any_of(tables.toolkits.begin(), tables.toolkits.end(), [&](const Toolkit& toolkit) {
    const bool is_of_it =
        series.size() == 1 ? toolkit.version.major() == series.major() : toolkit.series == series.series();
    return is_of_it && cuda->contains(toolkit.version.text());
  });
}

const Toolkit* Problem::toolkit(const std::string& series) const {
  for (const Toolkit& one : tables.toolkits)
    if (one.series == series && (!cuda || cuda->contains(one.version.text()))) return &one;
  return nullptr;
}

std::optional<Problem::DriverNeed> Problem::driver_need(const Build& build) const {
  if (!build.cuda) return std::nullopt;
  const bool is_series = build.cuda->size() > 1;
  const Toolkit* newest = nullptr;
  for (const Toolkit& one : tables.toolkits)
    if (is_series ? one.series == build.cuda->series()
                  : one.version.major() == build.cuda->major() && one.compatible_driver) {
      newest = &one;
      break;
    }
  if (!newest)
    throw Error("no table has the driver that CUDA " + build.cuda->text() + " needs").at(build.wheel_origin.where);
  const bool compiles = std::any_of(cards.begin(), cards.end(), [&](const Card& card) {
    return build.runs_on(card.capability, tables) == Runs::compiled;
  });
  if (!is_series) return DriverNeed{*newest->compatible_driver, *newest->compatible_driver, newest};
  // PTX of this CUDA is compiled only by a driver that knows this CUDA.
  if (compiles || !newest->compatible_driver) return DriverNeed{newest->min_driver, newest->min_driver, newest};
  return DriverNeed{*newest->compatible_driver, newest->min_driver, newest};
}

int Problem::python_tier(const Dotted& version) const {
  if (request.python) return 0;
  if (request.own_python && Dotted::parse(python_minor(*request.own_python)) == version) return 0;
  if (!release) return request.own_python ? 2 : 0;
  if (release->python->python == version) return request.own_python ? 1 : 0;
  for (const std::string& package : release->python->extra_python)
    if (python_of_package(package) == version) return 1;
  return 2;
}

std::string Problem::said(const std::string& key) const {
  const auto found = request.said_by.find(key);
  return found == request.said_by.end() ? "asked for" : found->second;
}

}  // namespace agent::resolver
