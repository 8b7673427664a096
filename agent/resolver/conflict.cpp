#include <algorithm>
#include <bit>

#include <agent/resolver/advice.hpp>
#include <agent/resolver/conflict.hpp>
#include <agent/resolver/telling.hpp>

namespace agent::resolver {
namespace {

std::vector<Elements> bits_of(Elements elements) {
  std::vector<Elements> bits;
  for (Elements bit = 1; bit != 0; bit <<= 1)
    if ((elements & bit) != 0) bits.push_back(bit);
  return bits;
}

/// Takes elements out, one after the other, as long as the rest still cannot be: what is left is minimal.
Elements shrunk(const Search& search, Elements elements, const std::vector<Elements>& order) {
  for (const Elements bit : order)
    if ((elements & bit) != 0 && !search.is_possible(elements & ~bit)) elements &= ~bit;
  return elements;
}

/// The smallest of the minimal sets that several orders lead to: each keeps another rule to the last, and with it what
/// that rule speaks of.
Elements smallest_conflict(const Search& search) {
  const Elements all = search.all();
  Elements best = shrunk(search, all, bits_of(all));
  const Elements rules = all & ~search.said();
  for (const Elements kept : bits_of(rules)) {
    std::vector<Elements> order = bits_of(rules & ~kept);
    for (const Elements bit : bits_of(all & ~rules)) order.push_back(bit);
    order.push_back(kept);
    const Elements other = shrunk(search, all, order);
    if (std::popcount(other) < std::popcount(best)) best = other;
  }
  return best;
}

WayOut way_out(const Problem& problem, const Choice& choice, Elements waived) {
  WayOut way;
  for (const Elements bit : bits_of(waived)) {
    const std::string text = told_way(problem, choice, bit);
    if (!text.empty()) way.text += (way.text.empty() ? "" : ", and ") + text;
  }
  way.gives = told_choice(problem, choice);
  return way;
}

/// " (the oldest that fits is 2.2.0)": how far back one may go where a framework's version is what gives way.
std::string how_far_back(const Problem& problem, const Choice& newest, Elements waived) {
  if (waived >= element::cuda) return "";  // not a requirement: nothing is searched for it
  Request request = problem.request;
  request.prefer = Prefer::oldest;
  Problem other(problem.tables, request);
  // Old builds may hold PTX that a driver of today still compiles: nothing to send people back to.
  for (auto& builds : other.builds)
    std::erase_if(builds, [&](const Build& build) {
      return std::any_of(other.cards.begin(), other.cards.end(), [&](const Card& card) {
        return build.runs_on(card.capability, other.tables) == Runs::compiled;
      });
    });
  const auto oldest = Search(other).best(waived);
  if (!oldest) return "";
  for (std::size_t i = 0; i < request.requirements.size(); ++i)
    for (std::size_t f = 0; f < problem.frameworks.size(); ++f)
      if (waived == element::requirement(i) && problem.frameworks[f] == request.requirements[i].framework &&
          oldest->builds[f]->version < newest.builds[f]->version)
        return " (the oldest that fits is " + oldest->builds[f]->version.text() + ")";
  return "";
}

void add_ways(std::vector<WayOut>& ways, const Problem& problem, const Search& search, Elements conflict) {
  const auto wishes = bits_of(conflict & search.said());
  for (const Elements bit : wishes)
    if (const auto choice = search.best(bit))
      if (WayOut way = way_out(problem, *choice, bit); !way.gives.empty()) {
        way.gives += how_far_back(problem, *choice, bit);
        ways.push_back(std::move(way));
      }
  for (std::size_t i = 0; ways.empty() && i < wishes.size(); ++i)
    for (const Elements other : bits_of(search.said() & ~wishes[i]))
      if (const auto choice = search.best(wishes[i] | other)) {
        ways.push_back(way_out(problem, *choice, wishes[i] | other));
        break;
      }
}

}  // namespace

Conflict explain(const Problem& problem, Search& search) {
  search.outline();
  const Elements conflict = smallest_conflict(search);
  Conflict result;
  for (const Elements bit : bits_of(conflict))
    for (Fact& fact : told_facts(problem, conflict, bit)) result.facts.push_back(std::move(fact));
  add_ways(result.ways, problem, search, conflict);
  if ((conflict & element::repository) != 0 && problem.frameworks.empty())
    result.ways.push_back({"take CUDA from a framework's wheels or from conda: they bring their own", ""});
  for (const HalfKnown& known : problem.tables.half_known)
    if (std::find(problem.frameworks.begin(), problem.frameworks.end(), known.framework) != problem.frameworks.end())
      result.ways.push_back({"look at " + known.framework + " " + known.version + ": it was seen (" +
                                 shown_place(known.origin.where) + "), and what it needs is in no table yet",
                             ""});
  return result;
}

}  // namespace agent::resolver
