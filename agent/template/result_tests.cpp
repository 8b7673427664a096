// Tests on what a task registered.
#include <agent/template/coerce.hpp>
#include <agent/template/compare.hpp>
#include <agent/template/printing.hpp>
#include <agent/template/registry.hpp>

namespace agent::jinja {

namespace {

const Map& result_of(const Value& value, const char* test) {
  if (!value.is_map())
    throw Error("'is " + std::string(test) + "' asks about the result of a task, and this is " +
                std::string(kind_name(value)))
        .hint("expected the name of a registered variable");
  return value.map();
}

// A member as yes or no; one that is unknown makes the answer so.
bool says(const Map& result, std::string_view name) {
  const Value* value = result.find(name);
  return value && truth(*value);
}

bool failed(Context&, const Value& input, const Bound&) {
  return says(result_of(input, "failed"), "failed");
}
bool succeeded(Context&, const Value& input, const Bound&) {
  return !says(result_of(input, "succeeded"), "failed");
}
bool unreachable(Context&, const Value& input, const Bound&) {
  return says(result_of(input, "unreachable"), "unreachable");
}
bool reachable(Context&, const Value& input, const Bound&) {
  return !says(result_of(input, "reachable"), "unreachable");
}
bool skipped(Context&, const Value& input, const Bound&) {
  return says(result_of(input, "skipped"), "skipped");
}
bool started(Context&, const Value& input, const Bound&) {
  const Map& result = result_of(input, "started");
  return result.contains("started") ? says(result, "started") : true;
}
bool finished(Context&, const Value& input, const Bound&) {
  const Map& result = result_of(input, "finished");
  return result.contains("finished") ? says(result, "finished") : true;
}
bool changed(Context&, const Value& input, const Bound&) {
  const Map& result = result_of(input, "changed");
  if (result.contains("changed")) return says(result, "changed");
  const Value* results = result.find("results");
  const List* items = results ? as_list(*results) : nullptr;
  if (!items) return false;
  for (const Value& item : *items)
    if (item.is_map() && says(item.map(), "changed")) return true;
  return false;
}

}  // namespace

const Tests& result_tests() {
  static const Tests tests = {
      {"failed", "", failed},       {"failure", "", failed},       {"succeeded", "", succeeded},
      {"success", "", succeeded},   {"successful", "", succeeded}, {"unreachable", "", unreachable},
      {"reachable", "", reachable}, {"skipped", "", skipped},      {"skip", "", skipped},
      {"started", "", started},     {"finished", "", finished},    {"changed", "", changed},
      {"change", "", changed}};
  return tests;
}

}  // namespace agent::jinja
