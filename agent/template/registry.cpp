#include <algorithm>

#include <agent/template/registry.hpp>

namespace agent::jinja {

namespace {

template <class Index, class Family>
void add(Index& index, const Family& family) {
  for (const auto& entry : family) index.emplace(entry.name, &entry);
}

template <class Index>
auto look_up(const Index& index, std::string_view name) -> decltype(index.begin()->second) {
  auto found = index.find(name);
  // `ansible.builtin.bool`: the last part is the name, whatever collection it is said to come from.
  if (found == index.end() && std::count(name.begin(), name.end(), '.') == 2)
    found = index.find(name.substr(name.rfind('.') + 1));
  return found == index.end() ? nullptr : found->second;
}

template <class Index>
Strings names_of(const Index& index) {
  Strings names;
  for (const auto& entry : index) names.emplace_back(entry.first);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

Registry::Registry() {
  for (const Filters* family :
       {&default_filters(), &string_filters(), &text_layout_filters(), &number_filters(), &list_filters(),
        &set_filters(), &selection_filters(), &map_filters(), &path_filters(), &json_filters(), &yaml_filters(),
        &regex_filters(), &hash_filters(), &network_filters(), &url_filters(), &time_filters(), &query_filters()})
    add(filters_, *family);
  for (const Tests* family : {&value_tests(), &comparison_tests(), &result_tests(), &file_tests(), &text_tests()})
    add(tests_, *family);
  add(globals_, global_functions());
  add(text_methods_, text_methods());
  add(list_methods_, list_methods());
  add(map_methods_, map_methods());
}

const Filter* Registry::filter(std::string_view name) const {
  return look_up(filters_, name);
}

const Test* Registry::test(std::string_view name) const {
  return look_up(tests_, name);
}

const Filter* Registry::global(std::string_view name) const {
  const auto found = globals_.find(name);
  return found == globals_.end() ? nullptr : found->second;
}

const Filter* Registry::method(const Value& value, std::string_view name) const {
  const auto in = [&](const auto& methods) {
    const auto found = methods.find(name);
    return found == methods.end() ? nullptr : found->second;
  };
  if (value.is_string()) return in(text_methods_);
  if (value.is_map()) return in(map_methods_);
  return as_list(value) ? in(list_methods_) : nullptr;
}

Strings Registry::filter_names() const {
  return names_of(filters_);
}

Strings Registry::test_names() const {
  return names_of(tests_);
}

Strings Registry::global_names() const {
  return names_of(globals_);
}

}  // namespace agent::jinja
