// Tests that compare values.
#include <algorithm>

#include <agent/template/coerce.hpp>
#include <agent/template/compare.hpp>
#include <agent/template/printing.hpp>
#include <agent/template/registry.hpp>
#include <agent/template/versions.hpp>

namespace agent::jinja {

namespace {

bool equal(Context&, const Value& input, const Bound& arguments) {
  return equals(input, arguments[0]);
}
bool unequal(Context&, const Value& input, const Bound& arguments) {
  return !equals(input, arguments[0]);
}
bool less(Context&, const Value& input, const Bound& arguments) {
  return order(input, arguments[0]) < 0;
}
bool less_or_equal(Context&, const Value& input, const Bound& arguments) {
  return order(input, arguments[0]) <= 0;
}
bool greater(Context&, const Value& input, const Bound& arguments) {
  return order(input, arguments[0]) > 0;
}
bool greater_or_equal(Context&, const Value& input, const Bound& arguments) {
  return order(input, arguments[0]) >= 0;
}

// Python's `is`: values of one kind that are equal; the small things people ask about are the same object there too.
bool same(Context&, const Value& input, const Bound& arguments) {
  return input.kind() == arguments[0].kind() && equals(input, arguments[0]);
}
bool in(Context& context, const Value& input, const Bound& arguments) {
  return contains(context.opened(arguments[0]), input);
}
bool contains_(Context&, const Value& input, const Bound& arguments) {
  return contains(input, arguments[0]);
}

bool all(Context&, const Value& input, const Bound&) {
  const List items = items_of(input);
  return std::all_of(items.begin(), items.end(), truth);
}
bool any(Context&, const Value& input, const Bound&) {
  const List items = items_of(input);
  return std::any_of(items.begin(), items.end(), truth);
}

bool is_within(const Value& small, const Value& large) {
  const List items = items_of(small);
  const Value container(items_of(large));
  return std::all_of(items.begin(), items.end(), [&](const Value& item) { return contains(container, item); });
}
bool subset(Context&, const Value& input, const Bound& arguments) {
  return is_within(input, arguments[0]);
}
bool superset(Context&, const Value& input, const Bound& arguments) {
  return is_within(arguments[0], input);
}

bool version(Context&, const Value& input, const Bound& arguments) {
  const std::string left = print(input), right = arguments.text(0);
  if (strip_is_empty(left)) throw Error("the version to compare is empty");
  if (strip_is_empty(right)) throw Error("the version to compare with is empty");
  const bool strict = arguments.has(2) && !arguments[2].is_null() && truth(arguments[2]);
  const bool typed = arguments.has(3) && !arguments[3].is_null();
  if (strict && typed) throw Error("'strict' and 'version_type' cannot both be given");
  const int difference = compare_versions(left, right, strict ? "strict" : typed ? arguments.text(3) : "loose");
  const std::string operation = arguments.text(1, "eq");
  if (operation == "==" || operation == "=" || operation == "eq") return difference == 0;
  if (operation == "!=" || operation == "<>" || operation == "ne") return difference != 0;
  if (operation == "<" || operation == "lt") return difference < 0;
  if (operation == "<=" || operation == "le") return difference <= 0;
  if (operation == ">" || operation == "gt") return difference > 0;
  if (operation == ">=" || operation == "ge") return difference >= 0;
  throw Error("versions cannot be compared with '" + operation + "'").hint("expected one of ==, !=, <, <=, >, >=");
}

bool is_filter(Context& context, const Value& input, const Bound&) {
  return context.has_filter(print(input));
}

bool is_test(Context& context, const Value& input, const Bound&) {
  return context.has_test(print(input));
}

}  // namespace

const Tests& comparison_tests() {
  static const Tests tests = {{"==", "other", equal},
                              {"eq", "other", equal},
                              {"equalto", "other", equal},
                              {"!=", "other", unequal},
                              {"ne", "other", unequal},
                              {"<", "other", less},
                              {"lt", "other", less},
                              {"lessthan", "other", less},
                              {"<=", "other", less_or_equal},
                              {"le", "other", less_or_equal},
                              {">", "other", greater},
                              {"gt", "other", greater},
                              {"greaterthan", "other", greater},
                              {">=", "other", greater_or_equal},
                              {"ge", "other", greater_or_equal},
                              {"sameas", "other", same},
                              {"in", "seq", in},
                              {"contains", "value", contains_},
                              {"all", "", all},
                              {"any", "", any},
                              {"subset", "b", subset},
                              {"issubset", "b", subset},
                              {"superset", "b", superset},
                              {"issuperset", "b", superset},
                              {"version", "version, operator=, strict=, version_type=", version},
                              {"version_compare", "version, operator=, strict=, version_type=", version},
                              {"filter", "", is_filter},
                              {"test", "", is_test}};
  return tests;
}

}  // namespace agent::jinja
