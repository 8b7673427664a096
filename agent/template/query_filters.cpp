// Filters that ask a language of their own, and those of collections that everybody uses.
#include <algorithm>

#include <agent/template/coerce.hpp>
#include <agent/template/compare.hpp>
#include <agent/template/jmespath.hpp>
#include <agent/template/printing.hpp>
#include <agent/template/registry.hpp>
#include <agent/template/versions.hpp>

namespace agent::jinja {

namespace {

Value json_query(Context&, const Value& input, const Bound& arguments) {
  return jmespath(arguments.text(0), input);
}

Value version_sort(Context&, const Value& input, const Bound& arguments) {
  List versions = items_of(input);
  Strings texts;
  for (const Value& version : versions) texts.push_back(text_of(version));
  std::vector<std::size_t> order(versions.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  const bool reverse = arguments.flag(0);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const int difference = compare_versions(texts[a], texts[b], "loose");
    return reverse ? difference > 0 : difference < 0;
  });
  List sorted;
  for (const std::size_t i : order) sorted.push_back(versions[i]);
  return sorted;
}

}  // namespace

const Filters& query_filters() {
  static const Filters filters = {{"json_query", "expr", json_query}, {"version_sort", "reverse=", version_sort}};
  return filters;
}

}  // namespace agent::jinja
