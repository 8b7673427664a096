#include <algorithm>
#include <numeric>

#include <agent/template/coerce.hpp>
#include <agent/template/compare.hpp>
#include <agent/template/printing.hpp>
#include <agent/template/sorting.hpp>
#include <agent/template/unicode.hpp>

namespace agent::jinja {

SortKey::SortKey(const Value& attribute, bool case_sensitive) : case_sensitive_(case_sensitive) {
  if (attribute.is_null()) return;
  if (!attribute.is_string())
    attributes_.push_back(attribute);
  else
    for (const std::string& part : split(attribute.string(), ",")) attributes_.emplace_back(part);
}

Value SortKey::of(Context& context, const Value& item) const {
  const auto folded = [&](Value value) {
    if (const Undefined* missing = as_undefined(value)) throw UndefinedError(missing->error());
    return value.is_string() && !case_sensitive_ ? Value(lower(value.string())) : value;
  };
  if (attributes_.empty()) return folded(item);
  if (attributes_.size() == 1) return folded(attribute_path(context, item, attributes_.front()));
  List keys;
  for (const Value& attribute : attributes_) keys.push_back(folded(attribute_path(context, item, attribute)));
  return keys;
}

List sorted(Context& context, const List& items, const SortKey& key, bool reverse) {
  List keys;
  keys.reserve(items.size());
  for (const Value& item : items) keys.push_back(key.of(context, item));
  std::vector<std::size_t> order(items.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  // What does not compare is found before the sort: an exception from within it is fine, a broken order is not.
  for (std::size_t i = 1; i < keys.size(); ++i) strict_order(keys[i - 1], keys[i]);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const int difference = strict_order(keys[a], keys[b]);
    return reverse ? difference > 0 : difference < 0;
  });
  List result;
  result.reserve(items.size());
  for (const std::size_t i : order) result.push_back(items[i]);
  return result;
}

}  // namespace agent::jinja
