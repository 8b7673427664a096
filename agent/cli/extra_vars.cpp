#include <agent/cli/extra_vars.hpp>
#include <agent/playbook/inline_arguments.hpp>
#include <agent/sdk/error.hpp>
#include <agent/yaml/yaml.hpp>

namespace agent::cli {
namespace {

Map mapping(const Value& value, const std::string& shown) {
  if (value.is_null()) return {};
  if (value.is_map()) return value.map();
  throw Error("-e takes variables, not " + std::string(name_of(value.kind())) + " ('" + shown + "')")
      .hint("write -e name=value, -e '{\"name\": \"value\"}' or -e @file.yml");
}

Map one(const std::string& text) {
  if (text.empty()) return {};
  if (text[0] == '@') {
    const std::string file = text.substr(1);
    return mapping(yaml::read(yaml::load(file), file).root, text);
  }
  if (text[0] == '{' || text[0] == '[' || text[0] == '/' || text[0] == '.')
    return mapping(yaml::read(text, std::string("-e")).root, text);
  if (text.find('=') == std::string::npos) return mapping(yaml::read(text, std::string("-e")).root, text);
  const Where where{std::make_shared<const std::string>("-e"), 1, 1};
  const auto parts = parse_inline(Value::template_text(text, where), "");
  if (parts.rest)
    throw Error("-e takes name=value, and '" + parts.rest->string() + "' is none")
        .hint("quote a value that has blanks: -e 'name=\"two words\"'");
  return parts.options;
}

}  // namespace

Map extra_vars(const Strings& given) {
  Map out;
  for (const auto& text : given) out.merge(one(text));
  return out;
}

}  // namespace agent::cli
