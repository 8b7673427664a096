#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <vector>

#include <agent/resolver/problem.hpp>

namespace agent::resolver {

/// What can stand in the way, each a bit: what the user said, and the rules of the tables.
using Elements = std::uint64_t;

namespace element {
constexpr Elements requirement(std::size_t index) {
  return Elements{1} << index;
}
constexpr Elements cuda = Elements{1} << 8;
constexpr Elements python = Elements{1} << 9;
constexpr Elements driver = Elements{1} << 10;
constexpr Elements distro = Elements{1} << 11;
constexpr Elements toolkit = Elements{1} << 12;
constexpr Elements card(std::size_t index) {
  return Elements{1} << (13 + index);
}
/// The first of the rules; what is below was said by the user.
constexpr Elements first_rule = Elements{1} << 17;
constexpr Elements wheel(std::size_t framework) {
  return Elements{1} << (17 + framework);
}
constexpr Elements code(std::size_t framework) {
  return Elements{1} << (20 + framework);
}
constexpr Elements host(std::size_t framework) {
  return Elements{1} << (23 + framework);
}
constexpr Elements driver_for_cuda(std::size_t framework) {
  return Elements{1} << (26 + framework);
}
constexpr Elements driver_for_card = Elements{1} << 30;
constexpr Elements kernel_module = Elements{1} << 31;
constexpr Elements glibc = Elements{1} << 32;
constexpr Elements repository = Elements{1} << 33;
constexpr Elements compiler = Elements{1} << 34;
constexpr Elements driver_for_toolkit = Elements{1} << 35;
}  // namespace element

/// A stack that could be: a Python, a CUDA on the machine itself ("" for none) and one build of each framework.
struct Choice {
  const Dotted* python = nullptr;
  const std::string* host = nullptr;
  std::vector<const Build*> builds;
  std::vector<long> rank;  ///< compared in order; the lowest is the best
};

/// Looks through all stacks. Each is held against the rules once; which of them count is asked afterwards.
class Search {
 public:
  explicit Search(const Problem& problem);

  /// The best stack, where none of the elements in `waived` counts.
  std::optional<Choice> best(Elements waived = 0) const;
  /// Notes what every stack breaks: once, before `is_possible` is asked.
  void outline();
  /// Whether there is a stack when only these elements count.
  bool is_possible(Elements counted) const;
  /// The elements that speak of something the user said.
  Elements said() const { return said_; }
  /// All elements that stand in anybody's way.
  Elements all() const;

 private:
  /// The rules that a thing breaks: bits, each one of `clauses_`. A rule counts when all of its elements do.
  using Broken = std::uint64_t;
  Broken clause(Elements elements);
  Broken broken_by(std::size_t framework, const Build& build);
  Broken broken_by_cards(std::size_t framework, const Build& build);
  Broken broken_by_host(const std::string& host);
  Broken broken_by_cards_alone();
  bool matters(Broken broken, Elements waived) const;
  Broken wheel(std::size_t framework, const Build& build, const Dotted& python) const;
  Broken host(std::size_t framework, const Build& build, const std::string& host) const;
  std::vector<long> rank(const Build& build, std::size_t framework) const;
  void complete(Choice& choice, Elements waived) const;

  const Problem& problem_;
  std::vector<Elements> clauses_;
  std::vector<std::vector<Broken>> builds_;  ///< by framework and build
  std::vector<Broken> pythons_, hosts_;
  std::vector<Broken> wheel_, host_;  ///< by framework
  Broken always_ = 0;
  std::vector<Broken> outlines_;  ///< what stacks break, those left out that break more than another
  Elements said_ = 0;
  std::vector<std::vector<long>> versions_;            ///< by framework and build: 0 is the newest version
  std::vector<std::vector<std::vector<long>>> ranks_;  ///< by framework and build
};

}  // namespace agent::resolver
