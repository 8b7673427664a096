#include <algorithm>
#include <set>

#include <agent/resolver/advice.hpp>
#include <agent/resolver/telling.hpp>
#include <agent/sdk/text.hpp>

namespace agent::resolver {
namespace {

void add(Strings& words, const std::string& word) {
  if (!word.empty() && std::find(words.begin(), words.end(), word) == words.end()) words.push_back(word);
}

/// The builds of a framework that the rest of the conflict leaves to speak of.
std::vector<const Build*> builds_in(const Problem& problem, Elements conflict, std::size_t framework) {
  std::vector<const Build*> builds;
  for (const Build& build : problem.builds[framework]) {
    bool is_meant = (conflict & element::cuda) == 0 || !build.cuda || problem.allows_cuda(*build.cuda);
    for (std::size_t i = 0; i < problem.request.requirements.size(); ++i)
      if ((conflict & element::requirement(i)) != 0) is_meant &= allows(problem.request.requirements[i], build);
    if (is_meant) builds.push_back(&build);
  }
  return builds;
}

/// "torch 2.4.0 to 2.4.1", newest first in `builds`.
std::string range_of(const std::vector<const Build*>& builds) {
  const std::string first = builds.back()->version.text(), last = builds.front()->version.text();
  return builds.front()->framework + " " + first + (first == last ? "" : " to " + last);
}

std::string labels_of(const std::vector<const Build*>& builds) {
  Strings labels;
  for (auto build = builds.rbegin(); build != builds.rend(); ++build) add(labels, (*build)->label);
  if (labels.empty()) return "";
  return labels.size() > 6 ? " (" + labels.front() + " to " + labels.back() + ")" : " (" + text::joined(labels) + ")";
}

Fact wheel_fact(const std::vector<const Build*>& builds) {
  Dotted lowest = builds.front()->python_min, highest = builds.front()->python_max;
  for (const Build* build : builds) {
    lowest = std::min(lowest, build->python_min);
    highest = std::max(highest, build->python_max);
  }
  return fact_of(range_of(builds) + " has wheels for Python " + lowest.text() + " to " + highest.text(),
                 builds.front()->origin);
}

Fact code_fact(const Problem& problem, const std::vector<const Build*>& builds) {
  Capability lowest = 999, highest = 0;
  std::optional<Capability> ptx;
  for (const Build* build : builds) {
    if (build->capability_min) lowest = std::min(lowest, *build->capability_min), highest = 999;
    if (build->code)
      for (const CodeFor& one : *build->code) {
        lowest = std::min(lowest, one.capability);
        highest = std::max(highest, one.capability);
        if (one.ptx) ptx = std::max(ptx.value_or(0), one.capability);
      }
    const CompilerTargets* targets =
        !build->code && !build->capability_min ? problem.tables.compiler(build->cuda->series()) : nullptr;
    if (targets) lowest = std::min(lowest, targets->lowest), highest = std::max(highest, targets->highest);
  }
  const std::string upto = highest == 999 ? " and newer" : " to " + shown_capability(highest);
  return fact_of("the wheels of " + range_of(builds) + labels_of(builds) + " have code for capabilities " +
                     shown_capability(lowest) + upto +
                     (ptx              ? ", and PTX of " + shown_capability(*ptx)
                      : highest == 999 ? ""
                                       : ", and no PTX for newer ones"),
                 builds.front()->wheel_origin);
}

Fact driver_fact(const Problem& problem, const std::vector<const Build*>& builds) {
  std::optional<Problem::DriverNeed> lowest;
  const Build* of = nullptr;
  for (const Build* build : builds)
    if (const auto need = problem.driver_need(*build); need && (!lowest || need->least < lowest->least)) {
      lowest = need;
      of = build;
    }
  return fact_of(range_of(builds) + labels_of(builds) + " needs driver " + lowest->least.text() +
                     " or newer, for CUDA " + of->cuda->text(),
                 lowest->toolkit->origin);
}

Fact host_fact(const std::vector<const Build*>& builds) {
  Strings series;
  bool is_needed = false;
  for (const Build* build : builds)
    if (build->cuda) add(series, build->cuda->text()), is_needed |= build->needs_toolkit;
  return fact_of(range_of(builds) + (is_needed ? " needs CUDA " + text::joined(series) + " on the machine itself"
                                               : " is built for CUDA " + text::joined(series) +
                                                     ", and extensions need a toolkit of the same major"),
                 builds.front()->origin);
}

Fact repository_fact(const Release& release) {
  if (!release.repository) return fact_of("NVIDIA has no repository for " + release.name(), release.python->origin);
  const auto& series = release.repository->series;
  const std::string carried = series.empty()       ? "no CUDA toolkit"
                              : series.size() == 1 ? "CUDA " + series.front() + " alone"
                                                   : "CUDA " + series.front() + " to " + series.back();
  return fact_of("NVIDIA's repository " + release.repository->name + " carries " + carried, release.repository->origin);
}

std::vector<Fact> card_rules(const Problem& problem, Elements conflict) {
  std::vector<Fact> facts;
  for (std::size_t i = 0; i < problem.cards.size(); ++i) {
    if ((conflict & element::card(i)) == 0) continue;
    const Card& card = problem.cards[i];
    facts.push_back(fact_of(card.name + " (" + card.architecture->name + ") is served by driver branches " +
                                std::to_string(card.first_branch) + " to " +
                                (card.last_branch ? std::to_string(*card.last_branch) : "now"),
                            card.architecture->origin));
  }
  return facts;
}

std::vector<Fact> module_rules(const Problem& problem, Elements conflict) {
  std::vector<Fact> facts;
  for (std::size_t i = 0; i < problem.cards.size(); ++i) {
    if ((conflict & element::card(i)) == 0) continue;
    const Architecture& one = *problem.cards[i].architecture;
    const bool open = one.open_module == Architecture::Open::required;
    facts.push_back(fact_of(one.name +
                                (open ? " needs the open kernel modules" : " needs the proprietary kernel modules") +
                                ", and a machine has one or the other",
                            one.origin));
  }
  return facts;
}

/// The toolkits that may be meant, newest first.
std::vector<const Toolkit*> toolkits_in(const Problem& problem, Elements conflict) {
  std::vector<const Toolkit*> all;
  for (const Toolkit& one : problem.tables.toolkits)
    if ((conflict & element::cuda) == 0 || problem.cuda->contains(one.version.text())) all.push_back(&one);
  return all;
}

std::string toolkit_range(const std::vector<const Toolkit*>& all) {
  const std::string first = all.back()->series, last = all.front()->series;
  return "CUDA " + first + (first == last ? "" : " to " + last);
}

std::vector<Fact> toolkit_rules(const Problem& problem, Elements conflict, Elements bit) {
  const auto all = toolkits_in(problem, conflict);
  if (all.empty()) return {};
  if (bit == element::driver_for_toolkit) {
    const Toolkit& oldest = *all.back();
    return {fact_of(toolkit_range(all) + " needs driver " +
                        oldest.compatible_driver.value_or(oldest.min_driver).text() + " or newer",
                    oldest.origin)};
  }
  Capability lowest = 999;
  const CompilerTargets* of = nullptr;
  for (const Toolkit* one : all)
    if (const CompilerTargets* targets = problem.tables.compiler(one->series); targets && targets->lowest < lowest) {
      lowest = targets->lowest;
      of = targets;
    }
  if (!of) return {};
  return {fact_of(toolkit_range(all) + " makes code for capability " + shown_capability(lowest) + " and newer",
                  of->origin)};
}

Fact said_fact(const Problem& problem, std::string text, const std::string& key) {
  return {std::move(text), {}, {}, problem.said(key), true};
}

std::vector<Fact> said_facts(const Problem& problem, Elements bit) {
  const Request& request = problem.request;
  for (std::size_t i = 0; i < request.requirements.size(); ++i)
    if (bit == element::requirement(i)) return {said_fact(problem, request.requirements[i].text, "framework")};
  for (std::size_t i = 0; i < problem.cards.size(); ++i)
    if (bit == element::card(i)) {
      const Card& card = problem.cards[i];
      const Origin& origin = card.gpu ? card.gpu->origin : card.architecture->origin;
      Fact fact = fact_of(card.name + " has compute capability " + shown_capability(card.capability), origin);
      fact.said = problem.said("gpu");
      return {fact};
    }
  if (bit == element::cuda) return {said_fact(problem, "CUDA " + *request.cuda, "cuda")};
  if (bit == element::python) return {said_fact(problem, "Python " + *request.python, "python")};
  if (bit == element::driver) return {said_fact(problem, "driver " + problem.driver->version.text(), "driver")};
  if (bit == element::distro) return {said_fact(problem, problem.release->name(), "distro")};
  return {said_fact(problem, "a CUDA toolkit on the machine itself", "toolkit")};
}

std::string way_of_driver(const Problem& problem, const Choice& choice) {
  std::optional<Dotted> least, full;
  for (const Build* build : choice.builds)
    if (const auto need = problem.driver_need(*build)) {
      if (!least || need->least > *least) least = need->least;
      if (!full || need->full > *full) full = need->full;
    }
  if (!choice.host->empty()) {
    const Toolkit& toolkit = *problem.tables.newest_of(*choice.host);
    const Dotted needed = toolkit.compatible_driver.value_or(toolkit.min_driver);
    if (!least || needed > *least) least = needed;
  }
  int first = 0;
  std::optional<int> last;
  for (const Card& card : problem.cards) {
    first = std::max(first, card.first_branch);
    if (card.last_branch) last = std::min(last.value_or(*card.last_branch), *card.last_branch);
  }
  const std::string from = !least || least->major() < first ? std::to_string(first) : least->text();
  return "use driver " + from + " or newer" + (last ? ", up to branch " + std::to_string(*last) : "");
}

/// Repositories that carry a series which may be meant.
std::string way_of_distro(const Problem& problem, const Choice& choice) {
  if (choice.host->empty()) return "use a release with a newer C library";
  Strings names;
  for (const Repository& one : problem.tables.repositories)
    if (one.origin.verified && std::find(one.series.begin(), one.series.end(), *choice.host) != one.series.end())
      add(names, one.name);
  return "use another release: CUDA " + *choice.host + " is in the repositories " + text::joined(names);
}

/// "5.0 to 7.5, 8.6": the capabilities of all cards that these builds run on, neighbours together.
std::string fitting_capabilities(const Problem& problem, const Choice& choice) {
  std::set<Capability> known;
  for (const Architecture& one : problem.tables.architectures)
    known.insert(one.capabilities.begin(), one.capabilities.end());
  std::vector<std::pair<Capability, Capability>> runs;
  bool is_neighbour = false;
  for (const Capability capability : known) {
    const bool fits = capability != problem.cards.front().capability &&
                      std::all_of(choice.builds.begin(), choice.builds.end(), [&](const Build* build) {
                        return build->runs_on(capability, problem.tables) >= Runs::assumed;
                      });
    if (fits && is_neighbour)
      runs.back().second = capability;
    else if (fits)
      runs.emplace_back(capability, capability);
    is_neighbour = fits;
  }
  Strings texts;
  for (const auto& [first, last] : runs)
    texts.push_back(shown_capability(first) + (first == last ? "" : " to " + shown_capability(last)));
  return text::joined(texts);
}

std::string way_of_card(const Problem& problem, const Choice& choice) {
  if (choice.builds.empty()) return "use another GPU";
  return "use a GPU of capability " + fitting_capabilities(problem, choice);
}

}  // namespace

std::vector<Fact> told_facts(const Problem& problem, Elements conflict, Elements bit) {
  if (bit < element::first_rule) return said_facts(problem, bit);
  for (std::size_t f = 0; f < problem.frameworks.size(); ++f) {
    const auto builds = builds_in(problem, conflict, f);
    if (builds.empty()) continue;
    if (bit == element::wheel(f)) return {wheel_fact(builds)};
    if (bit == element::code(f)) return {code_fact(problem, builds)};
    if (bit == element::host(f)) return {host_fact(builds)};
    if (bit == element::driver_for_cuda(f)) return {driver_fact(problem, builds)};
  }
  if (bit == element::driver_for_card) return card_rules(problem, conflict);
  if (bit == element::kernel_module) return module_rules(problem, conflict);
  if (bit == element::repository) return {repository_fact(*problem.release)};
  if (bit == element::glibc)
    return {fact_of(problem.release->name() + " has glibc " + problem.release->python->glibc.text() +
                        ", and wheels of torch 2.6 and newer need 2.28",
                    problem.release->python->origin)};
  return toolkit_rules(problem, conflict, bit);
}

std::string told_way(const Problem& problem, const Choice& choice, Elements bit) {
  const Request& request = problem.request;
  for (std::size_t i = 0; i < request.requirements.size(); ++i)
    if (bit == element::requirement(i)) return "instead of " + request.requirements[i].text;
  if (bit == element::python) return "use Python " + choice.python->text();
  if (bit == element::cuda)
    return "take CUDA " +
           (!choice.builds.empty() && choice.builds[0]->cuda ? choice.builds[0]->cuda->text() : *choice.host);
  if (bit == element::driver) return way_of_driver(problem, choice);
  if (bit == element::distro) return way_of_distro(problem, choice);
  if (bit == element::toolkit) return "leave out the toolkit";
  return way_of_card(problem, choice);
}

std::string told_choice(const Problem& problem, const Choice& choice) {
  Strings parts;
  for (const Build* build : choice.builds) parts.push_back(build->name());
  if (!choice.host->empty())
    if (const Toolkit* toolkit =
            problem.toolkit(*choice.host) ? problem.toolkit(*choice.host) : problem.tables.newest_of(*choice.host))
      parts.push_back("CUDA " + toolkit->version.text() + " on the machine");
  std::string text = text::joined(parts);
  if (!choice.builds.empty()) text += " with Python " + choice.python->text();
  return text;
}

}  // namespace agent::resolver
