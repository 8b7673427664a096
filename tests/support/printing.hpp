#pragma once

#include <ostream>

#include <agent/sdk/module.hpp>

// How GoogleTest shows our types when an expectation fails.
namespace agent {

void PrintTo(const Value& value, std::ostream* out);
void PrintTo(const Map& map, std::ostream* out);
void PrintTo(const Change& change, std::ostream* out);
void PrintTo(const Step& step, std::ostream* out);
void PrintTo(const Plan& plan, std::ostream* out);
void PrintTo(const Output& output, std::ostream* out);
void PrintTo(const Package& package, std::ostream* out);

namespace test {
template <class T, class Variant>
struct IsAlternative;
template <class T, class... Alternatives>
struct IsAlternative<T, std::variant<Alternatives...>> {
  static constexpr bool value = (std::is_same_v<T, Alternatives> || ...);
};
/// All that an action says, one field a line.
std::string shown(const Action& action);
}  // namespace test

template <class A>
requires test::IsAlternative<A, Action>::value void PrintTo(const A& action, std::ostream* out) {
  *out << test::shown(action);
}

}  // namespace agent
