#include <algorithm>

#include <agent/executor/tags.hpp>

namespace agent::executor {
namespace {

bool has(const Strings& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

bool share(const Strings& a, const Strings& b) {
  return std::any_of(a.begin(), a.end(), [&](const std::string& word) { return has(b, word); });
}

}  // namespace

bool TagSelection::selects(const Strings& given) const {
  Strings tags = given;
  if (tags.empty()) tags.push_back("untagged");
  const bool is_tagged = !has(tags, "untagged");
  bool run = true;
  if (!only.empty() || has(tags, "never")) {
    run = false;
    if (has(tags, "always"))
      run = true;
    else if ((has(only, "all") || only.empty()) && !has(tags, "never"))
      run = true;
    else if (share(only, tags))
      run = true;
    else if (has(only, "tagged") && is_tagged && !has(tags, "never"))
      run = true;
  }
  if (!run || skip.empty()) return run;
  if (has(skip, "all")) return has(tags, "always") && !has(skip, "always");
  if (share(skip, tags)) return false;
  return !(has(skip, "tagged") && is_tagged);
}

}  // namespace agent::executor
