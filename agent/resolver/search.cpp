#include <algorithm>

#include <agent/resolver/search.hpp>
#include <agent/sdk/error.hpp>

namespace agent::resolver {
namespace {

/// Adds a set of bits, and keeps only those that hold no other.
void add_minimal(std::vector<std::uint64_t>& sets, std::uint64_t set) {
  for (const std::uint64_t other : sets)
    if ((other & ~set) == 0) return;
  std::erase_if(sets, [set](std::uint64_t other) { return (set & ~other) == 0; });
  sets.push_back(set);
}

}  // namespace

Search::Search(const Problem& problem) : problem_(problem) {
  const std::size_t count = problem.frameworks.size();
  for (std::size_t f = 0; f < count; ++f) {
    wheel_.push_back(clause(element::wheel(f)));
    host_.push_back(clause(element::host(f)));
    auto& broken = builds_.emplace_back();
    auto& versions = versions_.emplace_back();
    long version = -1;
    const Build* last = nullptr;
    for (const Build& build : problem.builds[f]) {
      broken.push_back(broken_by(f, build));
      if (!last || build.version != last->version) ++version;
      versions.push_back(version);
      last = &build;
    }
    auto& ranks = ranks_.emplace_back();
    for (const Build& build : problem.builds[f]) ranks.push_back(rank(build, f));
  }
  for (const Dotted& python : problem.pythons)
    pythons_.push_back(problem.python && !problem.python->contains(python.text()) ? clause(element::python) : 0);
  for (const std::string& name : problem.hosts) hosts_.push_back(broken_by_host(name));
  always_ = broken_by_cards_alone();
  const Request& request = problem.request;
  for (std::size_t i = 0; i < request.requirements.size(); ++i)
    if (!request.requirements[i].allowed.empty()) said_ |= element::requirement(i);
  if (problem.cuda) said_ |= element::cuda;
  if (problem.python) said_ |= element::python;
  if (problem.driver) said_ |= element::driver;
  if (problem.release) said_ |= element::distro;
  if (request.toolkit) said_ |= element::toolkit;
  for (std::size_t i = 0; i < problem.cards.size(); ++i) said_ |= element::card(i);
}

Search::Broken Search::clause(Elements elements) {
  const auto found = std::find(clauses_.begin(), clauses_.end(), elements);
  const auto index = static_cast<std::size_t>(found - clauses_.begin());
  if (found == clauses_.end()) {
    if (index == 64) throw Error("too much is asked for at once").hint("name fewer kinds of GPU, or fewer frameworks");
    clauses_.push_back(elements);
  }
  return Broken{1} << index;
}

Search::Broken Search::broken_by(std::size_t framework, const Build& build) {
  Broken broken = broken_by_cards(framework, build);
  const Request& request = problem_.request;
  for (std::size_t i = 0; i < request.requirements.size(); ++i)
    if (!allows(request.requirements[i], build)) broken |= clause(element::requirement(i));
  if (build.cuda && !problem_.allows_cuda(*build.cuda)) broken |= clause(element::cuda);
  if (build.glibc_min && problem_.release && problem_.release->python->glibc < *build.glibc_min)
    broken |= clause(element::distro | element::glibc);
  const auto need = problem_.driver_need(build);
  if (need && problem_.driver && !problem_.driver->reaches(need->least))
    broken |= clause(element::driver | element::driver_for_cuda(framework));
  return broken;
}

Search::Broken Search::broken_by_cards(std::size_t framework, const Build& build) {
  Broken broken = 0;
  const auto need = problem_.driver_need(build);
  for (std::size_t i = 0; i < problem_.cards.size(); ++i) {
    const Card& card = problem_.cards[i];
    if (build.runs_on(card.capability, problem_.tables) == Runs::no)
      broken |= clause(element::card(i) | element::code(framework));
    if (need && card.last_branch && need->least.major() > *card.last_branch)
      broken |= clause(element::card(i) | element::driver_for_card | element::driver_for_cuda(framework));
  }
  return broken;
}

Search::Broken Search::broken_by_host(const std::string& name) {
  if (name.empty()) return problem_.request.toolkit || problem_.frameworks.empty() ? clause(element::toolkit) : 0;
  Broken broken = 0;
  const Toolkit* newest = problem_.tables.newest_of(name);
  const Toolkit* toolkit = problem_.toolkit(name);
  if (!toolkit) broken |= clause(element::cuda);
  if (problem_.release) {
    const Repository* repository = problem_.release->repository;
    const bool is_there =
        repository && std::find(repository->series.begin(), repository->series.end(), name) != repository->series.end();
    if (!is_there) broken |= clause(element::distro | element::repository);
  }
  const Dotted& least = newest->compatible_driver ? *newest->compatible_driver : newest->min_driver;
  if (problem_.driver && !problem_.driver->reaches(least))
    broken |= clause(element::driver | element::driver_for_toolkit);
  const CompilerTargets* targets = problem_.tables.compiler(name);
  for (std::size_t i = 0; i < problem_.cards.size(); ++i) {
    const Card& card = problem_.cards[i];
    if (card.last_branch && least.major() > *card.last_branch)
      broken |= clause(element::card(i) | element::driver_for_card | element::driver_for_toolkit);
    // A newer card runs what was made for an older capability, by its major or through PTX.
    if (!targets || card.capability < targets->lowest) broken |= clause(element::card(i) | element::compiler);
  }
  return broken;
}

Search::Broken Search::broken_by_cards_alone() {
  Broken broken = 0;
  const auto& cards = problem_.cards;
  for (std::size_t i = 0; i < cards.size(); ++i) {
    const auto& driver = problem_.driver;
    if (driver && (driver->version.major() < cards[i].first_branch ||
                   (cards[i].last_branch && driver->version.major() > *cards[i].last_branch)))
      broken |= clause(element::card(i) | element::driver | element::driver_for_card);
    for (std::size_t k = i + 1; k < cards.size(); ++k) {
      const auto a = cards[i].architecture->open_module, b = cards[k].architecture->open_module;
      using Open = Architecture::Open;
      if ((a == Open::required && b == Open::unsupported) || (a == Open::unsupported && b == Open::required))
        broken |= clause(element::card(i) | element::card(k) | element::kernel_module);
      const auto ends_before = [](const Card& one, const Card& other) {
        return one.last_branch && *one.last_branch < other.first_branch;
      };
      if (ends_before(cards[i], cards[k]) || ends_before(cards[k], cards[i]))
        broken |= clause(element::card(i) | element::card(k) | element::driver_for_card);
    }
  }
  return broken;
}

Search::Broken Search::wheel(std::size_t framework, const Build& build, const Dotted& python) const {
  return python < build.python_min || python > build.python_max ? wheel_[framework] : 0;
}

Search::Broken Search::host(std::size_t framework, const Build& build, const std::string& name) const {
  if (name.empty()) return build.needs_toolkit ? host_[framework] : 0;
  if (!build.cuda) return 0;
  if (!build.needs_toolkit && !problem_.request.toolkit) return 0;  // its wheels bring all they need
  const bool fits =
      build.needs_toolkit ? name == build.cuda->series() : Dotted::parse(name)->major() == build.cuda->major();
  return fits ? 0 : host_[framework];
}

bool Search::matters(Broken broken, Elements waived) const {
  for (std::size_t i = 0; broken != 0; ++i, broken >>= 1)
    if ((broken & 1) != 0 && (clauses_[i] & waived) == 0) return true;
  return false;
}

std::vector<long> Search::rank(const Build& build, std::size_t framework) const {
  const auto index = static_cast<std::size_t>(&build - problem_.builds[framework].data());
  const Request& request = problem_.request;
  const bool oldest = request.prefer == Prefer::oldest;
  long unlike = 0;
  if (request.prefer == Prefer::installed)
    if (const auto found = request.installed.find(build.framework); found != request.installed.end()) {
      const auto installed = pep440::Version::parse(found->second);
      if (installed && installed->without_local() != build.version) unlike = 2;
      if (installed && unlike == 0 && !installed->local().empty() && installed->local() != build.label) unlike = 1;
    }
  long limited = 0, assumed = 0;
  const auto need = problem_.driver_need(build);
  if (need && problem_.driver && !problem_.driver->reaches(need->full)) limited = 1;
  for (const Card& card : problem_.cards) {
    const Runs runs = build.runs_on(card.capability, problem_.tables);
    assumed = std::max(assumed, runs == Runs::assumed ? 2L : runs == Runs::compiled ? 1L : 0L);
  }
  const long version = oldest ? -versions_[framework][index] : versions_[framework][index];
  const long cuda = build.cuda ? build.cuda->part(0) * 100 + build.cuda->part(1) : 0;
  return {build.origin.verified ? 0 : 1, unlike, version, limited, assumed, oldest ? cuda : -cuda};
}

void Search::complete(Choice& choice, Elements waived) const {
  // The order in which it counts: known for sure, like what is installed, the Python at hand, the newest version.
  std::vector<std::vector<long>> ranks;
  for (std::size_t f = 0; f < choice.builds.size(); ++f)
    ranks.push_back(ranks_[f][static_cast<std::size_t>(choice.builds[f] - problem_.builds[f].data())]);
  long unverified = 0, unlike = 0;
  for (const auto& one : ranks) unverified += one[0], unlike += one[1];
  const int minor = choice.python->part(1);
  long python = -minor;
  if ((waived & element::python) != 0 && problem_.request.python)
    if (const auto asked = Dotted::parse(*problem_.request.python)) python = std::abs(asked->part(1) - minor);
  choice.rank = {unverified, unlike, problem_.python_tier(*choice.python)};
  for (const auto& one : ranks) choice.rank.insert(choice.rank.end(), one.begin() + 2, one.end());
  long differs = 0, series = 0;
  if (!choice.host->empty()) {
    const auto host = *Dotted::parse(*choice.host);
    for (const Build* build : choice.builds) differs += build->cuda && build->cuda->series() != host.series() ? 1 : 0;
    series = 1 + (problem_.request.prefer == Prefer::oldest ? 1 : -1) * (host.part(0) * 100 + host.part(1));
  }
  const bool needless =
      !choice.host->empty() && !problem_.request.toolkit && !choice.builds.empty() &&
      std::none_of(choice.builds.begin(), choice.builds.end(), [](const Build* build) { return build->needs_toolkit; });
  choice.rank.insert(choice.rank.end(), {needless ? 1L : 0L, differs, python, series});
}

std::optional<Choice> Search::best(Elements waived) const {
  std::optional<Choice> best;
  if (matters(always_, waived)) return best;
  for (std::size_t p = 0; p < problem_.pythons.size(); ++p) {
    if (matters(pythons_[p], waived)) continue;
    for (std::size_t h = 0; h < problem_.hosts.size(); ++h) {
      if (matters(hosts_[h], waived)) continue;
      Choice choice{&problem_.pythons[p], &problem_.hosts[h], {}, {}};
      for (std::size_t f = 0; f < builds_.size(); ++f) {
        const Build* found = nullptr;
        const std::vector<long>* lowest = nullptr;
        for (std::size_t b = 0; b < builds_[f].size(); ++b) {
          const Build& build = problem_.builds[f][b];
          const Broken broken = builds_[f][b] | wheel(f, build, *choice.python) | host(f, build, *choice.host);
          if (matters(broken, waived)) continue;
          if (found && ranks_[f][b] >= *lowest) continue;
          found = &build;
          lowest = &ranks_[f][b];
        }
        if (!found) break;
        choice.builds.push_back(found);
      }
      if (choice.builds.size() != builds_.size()) continue;
      complete(choice, waived);
      if (!best || choice.rank < best->rank) best = std::move(choice);
    }
  }
  return best;
}

bool Search::is_possible(Elements counted) const {
  return std::any_of(outlines_.begin(), outlines_.end(), [&](Broken broken) { return !matters(broken, ~counted); });
}

void Search::outline() {
  for (std::size_t p = 0; p < problem_.pythons.size(); ++p)
    for (std::size_t h = 0; h < problem_.hosts.size(); ++h) {
      std::vector<Broken> sets = {always_ | pythons_[p] | hosts_[h]};
      for (std::size_t f = 0; f < builds_.size(); ++f) {
        std::vector<Broken> own, both;
        for (std::size_t b = 0; b < builds_[f].size(); ++b) {
          const Build& build = problem_.builds[f][b];
          add_minimal(own, builds_[f][b] | wheel(f, build, problem_.pythons[p]) | host(f, build, problem_.hosts[h]));
        }
        for (const Broken one : sets)
          for (const Broken other : own) add_minimal(both, one | other);
        sets = std::move(both);
      }
      for (const Broken set : sets) add_minimal(outlines_, set);
    }
}

Elements Search::all() const {
  Elements elements = 0;
  for (const Elements one : clauses_) elements |= one;
  return elements;
}

}  // namespace agent::resolver
