#include <algorithm>
#include <tuple>

#include <agent/resolver/advice.hpp>

namespace agent::resolver {
namespace {

/// What a branch must be for the GPUs.
struct Limits {
  int first = 0;
  std::optional<int> last;
  bool open_only = false, proprietary_only = false;
};

Limits limits_of(const std::vector<Card>& cards) {
  Limits limits;
  for (const Card& card : cards) {
    limits.first = std::max(limits.first, card.first_branch);
    if (card.last_branch) limits.last = std::min(limits.last.value_or(*card.last_branch), *card.last_branch);
    limits.open_only |= card.architecture->open_module == Architecture::Open::required;
    limits.proprietary_only |= card.architecture->open_module == Architecture::Open::unsupported;
  }
  return limits;
}

bool serves(const Limits& limits, int branch) {
  return branch >= limits.first && (!limits.last || branch <= *limits.last);
}

/// Newer is better: whether nothing is missing, how long it is maintained, then the number.
using Merit = std::tuple<bool, std::string, int>;

Merit merit_of(const Tables& tables, int branch, bool is_full) {
  for (const DriverBranch& one : tables.branches)
    if (one.branch == branch) {
      const bool is_over = !one.end_of_life.empty() && one.end_of_life < tables.updated.substr(0, 7);
      return {is_full, is_over ? "" : one.end_of_life, -branch};
    }
  return {is_full, "", -branch};
}

/// The name of a package for the kind of kernel module that the cards take; empty when it has none.
std::string name_for(const Limits& limits, bool knows_cards, const std::string& proprietary, const std::string& open) {
  if (limits.open_only) return open;
  if (limits.proprietary_only || !knows_cards) return proprietary;
  return open.empty() ? proprietary : open;
}

Strings words_of(const std::string& text, int branch) {
  Strings words;
  std::size_t start = 0;
  while (start < text.size()) {
    const auto end = std::min(text.find(' ', start), text.size());
    std::string word = text.substr(start, end - start);
    if (const auto at = word.find("{branch}"); at != std::string::npos) word.replace(at, 8, std::to_string(branch));
    words.push_back(std::move(word));
    start = end + 1;
  }
  return words;
}

bool reaches(const Dotted& version, const Dotted& needed) {
  return GivenDriver{version, version.size() == 1}.reaches(needed);
}

struct Offer {
  Merit merit;
  int branch;
  std::string from, names, pin;
  bool open;
  const Origin* origin;
};

std::optional<Offer> offer_of_distribution(const Problem& problem, const Limits& limits, const Dotted& least,
                                           const Dotted& full) {
  std::optional<Offer> best;
  for (const DriverPackage& package : problem.tables.driver_packages) {
    const Distribution& release = *problem.release->python;
    if (package.id != release.id || package.release != release.release) continue;
    const int branch = package.version.major();
    if (!serves(limits, branch) || !reaches(package.version, least)) continue;
    if (problem.driver && problem.driver->version.major() != branch) continue;
    const std::string names = name_for(limits, !problem.cards.empty(), package.proprietary, package.open);
    if (names.empty()) continue;
    Offer offer{merit_of(problem.tables, branch, reaches(package.version, full)),
                branch,
                package.from,
                names,
                "",
                names == package.open,
                &package.origin};
    if (!best || offer.merit > best->merit) best = std::move(offer);
  }
  return best;
}

std::optional<Offer> offer_of_nvidia(const Problem& problem, const Limits& limits, const Dotted& least,
                                     const Dotted& full) {
  std::optional<Offer> best;
  if (!problem.release->repository) return best;
  for (const DriverBranch& branch : problem.tables.branches) {
    const auto newest = *Dotted::parse(std::to_string(branch.branch));
    if (!serves(limits, branch.branch) || !reaches(newest, least)) continue;
    if (problem.driver && problem.driver->version.major() != branch.branch) continue;
    for (const NetworkDriver& row : problem.tables.network_drivers) {
      if (row.format != problem.release->repository->format || branch.branch < row.first_branch ||
          (row.last_branch && branch.branch > *row.last_branch))
        continue;
      const std::string names = name_for(limits, !problem.cards.empty(), row.proprietary, row.open);
      if (names.empty()) continue;
      Offer offer{merit_of(problem.tables, branch.branch, reaches(newest, full)),
                  branch.branch,
                  "cuda_repo",
                  names,
                  row.pin,
                  names == row.open,
                  &row.origin};
      if (!best || offer.merit > best->merit) best = std::move(offer);
    }
  }
  return best;
}

}  // namespace

DriverAdvice advise_driver(const Problem& problem, const Dotted& least, const Dotted& full, std::vector<Fact>& facts) {
  const Limits limits = limits_of(problem.cards);
  DriverAdvice advice;
  advice.least = least.major() < limits.first ? std::to_string(limits.first) : least.text();
  advice.full = full.major() < limits.first ? std::to_string(limits.first) : full.text();
  advice.is_enough = problem.driver.has_value();
  advice.open = !problem.cards.empty() && !limits.proprietary_only;
  if (problem.release) {
    auto offer = offer_of_distribution(problem, limits, least, full);
    if (!offer) offer = offer_of_nvidia(problem, limits, least, full);
    if (offer) {
      advice.branch = offer->branch;
      advice.from = offer->from;
      advice.open = offer->open;
      advice.packages = words_of(offer->pin, offer->branch);
      const Strings names = words_of(offer->names, offer->branch);
      advice.package = names.front();
      advice.packages.insert(advice.packages.end(), names.begin(), names.end());
      facts.push_back(fact_of(advice.package + " brings the driver branch " + std::to_string(advice.branch) + " to " +
                                  problem.release->name(),
                              *offer->origin));
    }
    return advice;
  }
  if (problem.driver) {
    advice.branch = problem.driver->version.major();
    return advice;
  }
  std::optional<Merit> best;
  for (const DriverBranch& branch : problem.tables.branches) {
    const auto newest = *Dotted::parse(std::to_string(branch.branch));
    if (!serves(limits, branch.branch) || !reaches(newest, least)) continue;
    const Merit merit = merit_of(problem.tables, branch.branch, reaches(newest, full));
    if (best && merit <= *best) continue;
    best = merit;
    advice.branch = branch.branch;
  }
  return advice;
}

}  // namespace agent::resolver
