#include <algorithm>
#include <tuple>

#include <agent/playbook/problem.hpp>

namespace agent {

void Problems::error(std::string_view rule, Error error) {
  all_.push_back({Problem::Severity::error, std::string(rule), std::move(error)});
}

void Problems::warning(std::string_view rule, Error error) {
  all_.push_back({Problem::Severity::warning, std::string(rule), std::move(error)});
}

bool Problems::has_errors() const {
  return std::any_of(all_.begin(), all_.end(), [](const Problem& p) { return p.severity == Problem::Severity::error; });
}

void Problems::raise() const {
  for (const Problem& problem : all_)
    if (problem.severity == Problem::Severity::error) throw problem.error;
}

void Problems::sort() {
  const auto file = [](const Problem& p) { return p.error.where() ? *p.error.where().file : std::string(); };
  const auto before = [&](const Problem& a, const Problem& b) {
    return std::tuple(file(a), a.error.where().line, a.error.where().column) <
           std::tuple(file(b), b.error.where().line, b.error.where().column);
  };
  std::stable_sort(all_.begin(), all_.end(), before);
  const auto same = [](const Problem& a, const Problem& b) {
    return a.rule == b.rule && a.error.where() == b.error.where() && a.error.message() == b.error.message();
  };
  all_.erase(std::unique(all_.begin(), all_.end(), same), all_.end());
}

}  // namespace agent
