// YAML, written as PyYAML writes it for Ansible.
#include <algorithm>

#include <agent/template/coerce.hpp>
#include <agent/template/compare.hpp>
#include <agent/template/printing.hpp>
#include <agent/template/registry.hpp>
#include <agent/template/yaml_emitter.hpp>
#include <agent/template/yaml_reader.hpp>

namespace agent::jinja {

namespace {

int small_number(const Value& value) {
  return static_cast<int>(std::clamp(number_of(value), -1.0, 1e9));
}

void set(YamlStyle& style, const std::string& name, const Value& value) {
  using Collections = YamlStyle::Collections;
  if (name == "indent")
    style.indent = small_number(value);
  else if (name == "width")
    style.width = small_number(value);
  else if (name == "sort_keys")
    style.sort_keys = truth(value);
  else if (name == "explicit_start")
    style.explicit_start = truth(value);
  else if (name == "explicit_end")
    style.explicit_end = truth(value);
  else if (name == "allow_unicode")
    style.unicode = truth(value);
  else if (name == "default_flow_style")
    style.collections = value.is_null() ? Collections::leaves_in_flow
                        : truth(value)  ? Collections::flow
                                        : Collections::block;
  else if (name != "default_style" && name != "line_break" && name != "encoding" && name != "version" &&
           name != "tags" && name != "canonical")
    throw Error("YAML filters have no argument '" + name + "'")
        .hint("they take indent, width, sort_keys, default_flow_style, explicit_start and explicit_end");
}

Value written(Context& context, const Value& input, YamlStyle style, const Bound& arguments) {
  for (const auto& [name, value] : arguments.named_rest()) set(style, name, value);
  return to_yaml(input, style, context.max_output());
}

Value to_yaml_(Context& context, const Value& input, const Bound& arguments) {
  return written(context, input, {}, arguments);
}

Value to_nice_yaml(Context& context, const Value& input, const Bound& arguments) {
  YamlStyle style;
  style.collections = YamlStyle::Collections::block;
  style.indent = arguments.rest().empty() ? 4 : small_number(arguments.rest().front());
  return written(context, input, style, arguments);
}

Value from_yaml(Context&, const Value& input, const Bound&) {
  if (!input.is_string()) return input;
  const List documents = read_yaml(input.string());
  if (documents.size() > 1)
    throw Error("there are " + std::to_string(documents.size()) + " YAML documents, and one is expected")
        .hint("'from_yaml_all' reads several");
  return documents.empty() ? Value() : documents.front();
}

Value from_yaml_all(Context&, const Value& input, const Bound&) {
  return input.is_string() ? Value(read_yaml(input.string())) : input;
}

}  // namespace

const Filters& yaml_filters() {
  static const Filters filters = {{"to_yaml", "**", to_yaml_},
                                  {"to_nice_yaml", "*, **", to_nice_yaml},
                                  {"from_yaml", "", from_yaml},
                                  {"from_yaml_all", "", from_yaml_all}};
  return filters;
}

}  // namespace agent::jinja
