#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <agent/template/objects.hpp>
#include <agent/template/services.hpp>
#include <agent/template/signature.hpp>

namespace agent::jinja {

struct Options;
class Scope;

/// What filters, tests and methods may ask of the evaluation they are part of.
class Context {
 public:
  virtual ~Context() = default;
  virtual const Services& services() const = 0;
  /// The names that this evaluation can see, rendered on the way.
  virtual std::optional<Value> variable(std::string_view name) = 0;
  virtual Strings variable_names() = 0;
  virtual Value filtered(const std::string& filter, const Value& input, Arguments arguments) = 0;
  virtual bool tested(const std::string& test, const Value& input, Arguments arguments) = 0;
  virtual bool has_filter(const std::string& name) const = 0;
  virtual bool has_test(const std::string& name) const = 0;
  virtual Value call(const Value& callee, Arguments arguments) = 0;
  /// The member `name` of a value as `x.name` gives it; undefined when there is none.
  virtual Value attribute(const Value& value, std::string_view name) = 0;
  /// As `x[index]`.
  virtual Value item(const Value& value, const Value& index) = 0;
  /// A view of variables as the mapping that it stands for; anything else as it is.
  virtual Value opened(const Value& value) = 0;
  virtual Value lookup(const std::string& name, List terms, Arguments options, bool want_list) = 0;
  /// The file `name` as text, rendered with the current variables.
  virtual Value render_source(const Source& source, const Map& variables) = 0;
  virtual Strings search_path() = 0;
  /// Throws Error once the time is over or `bytes` more would be too much.
  virtual void spend(std::size_t bytes) = 0;
  virtual std::size_t max_output() const = 0;
};

using Apply = Value (*)(Context& context, const Value& input, const Bound& arguments);
using Holds = bool (*)(Context& context, const Value& input, const Bound& arguments);

/// A filter; also a method of text, lists and mappings, and a global function (whose input is null).
struct Filter {
  // Clang takes the function 'undefined' for a variable.
  // NOLINTNEXTLINE(clang-diagnostic-shadow)
  enum Takes : unsigned { known = 0, undefined = 1, unknown = 2, anything = 3 };
  std::string_view name;
  Signature signature;
  Apply apply;
  /// Without `undefined` an undefined input or argument is an error before the filter is asked; without `unknown` an
  /// unknown one makes the result unknown.
  unsigned takes = known;
};

struct Test {
  std::string_view name;
  Signature signature;
  Holds holds;
  unsigned takes = Filter::known;
};

using Filters = std::vector<Filter>;
using Tests = std::vector<Test>;

/// Everything that has a name in expressions.
class Registry {
 public:
  Registry();
  /// Names may carry a collection: `ansible.builtin.bool`.
  const Filter* filter(std::string_view name) const;
  const Test* test(std::string_view name) const;
  const Filter* global(std::string_view name) const;
  const Filter* method(const Value& value, std::string_view name) const;
  Strings filter_names() const;
  Strings test_names() const;
  Strings global_names() const;

 private:
  std::unordered_map<std::string_view, const Filter*> filters_, globals_, text_methods_, list_methods_, map_methods_;
  std::unordered_map<std::string_view, const Test*> tests_;
};

// One family each, in a file of its name.
const Filters& string_filters();
const Filters& text_layout_filters();
const Filters& number_filters();
const Filters& list_filters();
const Filters& set_filters();
const Filters& selection_filters();
const Filters& map_filters();
const Filters& path_filters();
const Filters& json_filters();
const Filters& yaml_filters();
const Filters& regex_filters();
const Filters& hash_filters();
const Filters& network_filters();
const Filters& url_filters();
const Filters& time_filters();
const Filters& query_filters();
const Filters& default_filters();
const Tests& value_tests();
const Tests& comparison_tests();
const Tests& result_tests();
const Tests& file_tests();
const Tests& text_tests();
const Filters& text_methods();
const Filters& list_methods();
const Filters& map_methods();
const Filters& global_functions();

}  // namespace agent::jinja
