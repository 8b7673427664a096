// Evaluates what stands in JSON lines, one case each, and prints one line of JSON for each.
//
//     {"kind": "render", "template": "{{ a }}", "data": {"a": 1}}   ->   {"value": 1}   or   {"error": "..."}
//
// `kind` is render, file, expression or condition; `files` may hold templates that others name. A case without data has
// those of the one before. See run.py.
#include <fstream>
#include <iostream>
#include <string>

#include <agent/sdk/codec.hpp>
#include <agent/template/engine.hpp>

namespace {

using namespace agent;

/// The machine, but for templates that come with the case.
class CaseServices : public jinja::LocalServices {
 public:
  std::optional<jinja::Source> source(const std::string& name, const Strings& search_path) const override {
    const Value* text = files.find(name);
    if (!text || !text->is_string()) return LocalServices::source(name, search_path);
    return jinja::Source{text->string(), name};
  }
  Map files;
};

Value answer(const jinja::Engine& engine, const Value& one, const jinja::Scope& scope) {
  const std::string& text = one["template"].string();
  const std::string kind = one["kind"].is_string() ? one["kind"].string() : "render";
  const Where start{std::make_shared<const std::string>("case"), 1, 1};
  if (kind == "file") return engine.render_file(text, start, scope);
  const Value marked = Value::template_text(text, start);
  if (kind == "condition") return engine.test(marked, scope).value;
  return kind == "expression" ? engine.evaluate(marked, scope) : engine.render(marked, scope);
}

Value line_for(const jinja::Engine& engine, const Value& one, const jinja::Scope& scope) {
  try {
    const Value value = answer(engine, one, scope);
    if (jinja::is_omit(value)) return Map{{"omit", true}};
    return Map{{"value", value}};
  } catch (const Error& error) {
    std::string text = error.message();
    if (error.where()) text = error.where().text() + ": " + text;
    for (const std::string& hint : error.hints()) text += "; hint: " + hint;
    return Map{{"error", text}};
  } catch (const Unknown& unknown) {
    return Map{{"unknown", unknown.reasons()}};
  }
}

}  // namespace

int main(int count, char** arguments) {
  std::ifstream file;
  if (count > 1) file.open(arguments[1]);
  std::istream& input = count > 1 ? file : std::cin;
  std::ios::sync_with_stdio(false);
  CaseServices services;
  jinja::Options options;
  options.do_statement = options.loop_controls = true;
  const jinja::Engine engine(services, options);
  std::optional<jinja::MapScope> scope(Map{});
  for (std::string line; std::getline(input, line);) {
    if (line.empty()) continue;
    const Value one = parse_json(line);
    if (const Value* data = one.find("data")) scope.emplace(data->map());
    services.files = one["files"].is_map() ? one["files"].map() : Map();
    std::cout << line_for(engine, one, *scope).json() << '\n';
  }
}
