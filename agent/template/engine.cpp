#include <algorithm>

#include <agent/template/compare.hpp>
#include <agent/template/engine.hpp>
#include <agent/template/free_names.hpp>
#include <agent/template/interpreter.hpp>
#include <agent/template/printing.hpp>
#include <agent/template/run.hpp>
#include <agent/template/unicode.hpp>

namespace agent::jinja {

namespace {

class Omit : public Object {
 public:
  std::string_view what() const override { return "omit"; }
};

bool is_tagged(const std::string& text) {
  const std::size_t brace = text.find('{');
  if (brace == text.npos) return false;
  for (std::size_t i = brace; i + 1 < text.size(); i = text.find('{', i + 1)) {
    if (i == text.npos) return false;
    if (text[i + 1] == '{' || text[i + 1] == '%' || text[i + 1] == '#') return true;
  }
  return false;
}

// As in the reference, a file without any tag is copied byte by byte.
bool is_template_file(std::string_view text, const TemplateFileOptions& options) {
  const auto has = [&](const std::string& mark) { return text.find(mark) != text.npos; };
  return text.substr(0, 8) == "#jinja2:" || has(options.block_start) || has(options.variable_start) ||
         has(options.comment_start);
}

// What classic Ansible takes text for when a condition gives some.
Truth truth_of_text(const Value& value) {
  Truth truth;
  const std::string word = lower(strip(value.string()));
  const bool is_false =
      word.empty() || word == "false" || word == "no" || word == "off" || word == "0" || word == "none";
  truth.answer = is_false ? Truth::Answer::no : Truth::Answer::yes;
  truth.warning = "this condition gives the text " + repr(value) + ", which is taken as " +
                  (is_false ? "false" : "true") + "; write '| bool', or compare it with something";
  return truth;
}

Truth truth_of(const Value& value) {
  Truth result;
  if (value.is_unknown()) {
    result.answer = Truth::Answer::unknown;
    result.reasons = value.reasons();
  } else if (value.is_string()) {
    result = truth_of_text(value);
  } else {
    result.answer = truth(value) ? Truth::Answer::yes : Truth::Answer::no;
    if (!value.is_boolean())
      result.warning = "this condition gives " + std::string(kind_name(value)) + " and no boolean";
  }
  result.value = value;
  return result;
}

void each_text(const Value& value, const std::function<void(const Value&)>& visit) {
  if (value.is_template()) return visit(value);
  if (value.is_list())
    for (const Value& item : value.list()) each_text(item, visit);
  if (!value.is_map()) return;
  for (const auto& entry : value.map()) each_text(entry.second, visit);
}

}  // namespace

std::optional<Value> MapScope::find(std::string_view name) const {
  if (const Value* found = variables_.find(name)) return *found;
  return parent_ ? parent_->find(name) : std::nullopt;
}

Strings MapScope::names() const {
  Strings names = parent_ ? parent_->names() : Strings();
  for (const auto& entry : variables_)
    if (std::find(names.begin(), names.end(), entry.first) == names.end()) names.push_back(entry.first);
  return names;
}

Value omit() {
  static const std::shared_ptr<const Object> marker = std::make_shared<const Omit>();
  return Value(marker);
}

bool is_omit(const Value& value) {
  return value.is_object() && dynamic_cast<const Omit*>(value.object().get()) != nullptr;
}

Value without_omitted(const Value& value) {
  if (value.is_list()) {
    List items;
    for (const Value& item : value.list())
      if (!is_omit(item)) items.push_back(without_omitted(item));
    return Value(std::move(items)).at(value.where());
  }
  if (!value.is_map()) return value;
  Map map;
  for (const auto& [key, member] : value.map())
    if (!is_omit(member)) map.set(key, without_omitted(member));
  return Value(std::move(map)).at(value.where());
}

class Engine::State {
 public:
  State(const Services& s, const Options& o) : services(s), options(o) {}
  Run run() const { return Run(registry, services, options, cache); }

  Value expression(const Value& text, bool raw_literals, const Scope& scope) const {
    Run this_run = run();
    Variables variables(scope);
    const ProgramPtr program = cache.expression(text.string(), raw_literals);
    Interpreter::need_sound(*program, text.where());
    Interpreter interpreter(this_run, variables, program, text.where());
    const Value value = interpreter.opened(interpreter.evaluate(*program->expression));
    return plain(value).at(text.where());
  }

  ProgramPtr compiled(const Value& text, bool is_expression) const {
    return is_expression && !is_tagged(text.string()) ? cache.expression(text.string(), false)
                                                      : cache.text(text.string(), options);
  }

  const Services& services;
  const Options options;
  const Registry registry;
  const Cache cache{registry};
};

Engine::Engine(const Services& services, Options options) : state_(std::make_unique<State>(services, options)) {}

Engine::~Engine() = default;

bool Engine::has_templates(const Value& value) {
  if (value.is_string()) return value.is_template() && is_tagged(value.string());
  if (value.is_list()) return std::any_of(value.list().begin(), value.list().end(), has_templates);
  if (value.is_map())
    return std::any_of(value.map().begin(), value.map().end(),
                       [](const Map::Entry& entry) { return has_templates(entry.second); });
  return false;
}

Value Engine::render(const Value& value, const Scope& scope) const {
  if (!has_templates(value) && !value.is_object()) return plain(value);
  Run run = state_->run();
  Variables variables(scope);
  // Only for its way of rendering: the program is that of an empty text.
  static const ProgramPtr none = std::make_shared<const Program>();
  Interpreter interpreter(run, variables, none, value.where());
  try {
    return plain(interpreter.opened(interpreter.rendered(value, variables, ""))).at(value.where());
  } catch (const Unknown& unknown) {
    return Value::unknown(unknown.reasons()).at(value.where());
  }
}

std::string Engine::render_file(const std::string& text, const Where& start, const Scope& scope,
                                const TemplateFileOptions& options) const {
  Syntax syntax{options.trim_blocks,
                options.lstrip_blocks,
                false,
                state_->options.do_statement,
                state_->options.loop_controls,
                options.block_start,
                options.block_end,
                options.variable_start,
                options.variable_end,
                options.comment_start,
                options.comment_end};
  if (!is_template_file(text, options)) return text;
  Run run = state_->run();
  Variables variables(scope);
  const Where place = start.line > 0 ? start : Where{start.file, 1, 1};
  const ProgramPtr program = parse_template(text, syntax, state_->registry);
  Interpreter interpreter(run, variables, program, place);
  Collected output;
  interpreter.run(output);
  const Value result = plain(output.value(program->final_newlines));
  if (const auto unknown = unknown_of(result)) throw Unknown(unknown->reasons());
  // As the reference does: nothing is no text, and one value that is no text is written as it prints.
  const std::string written = result.is_null() ? "" : print(result);
  return options.newline_sequence == "\n" ? written : replace_all(written, "\n", options.newline_sequence);
}

Value Engine::evaluate(const Value& expression, const Scope& scope) const {
  if (!expression.is_template()) return render(expression, scope);
  if (is_tagged(expression.string())) return render(expression, scope);
  return state_->expression(expression, true, scope);
}

Truth Engine::test(const Value& condition, const Scope& scope) const {
  if (condition.is_list()) {
    Truth all{Truth::Answer::yes, {}, {}, true};
    for (const Value& one : condition.list()) {
      Truth truth = test(one, scope);
      if (truth.is_no()) return truth;
      if (!all.warning) all.warning = truth.warning;
      if (truth.is_yes()) continue;
      all.answer = Truth::Answer::unknown;
      all.reasons.insert(all.reasons.end(), truth.reasons.begin(), truth.reasons.end());
    }
    return all;
  }
  if (!condition.is_template()) return truth_of(plain(condition));
  if (strip(condition.string()).empty()) return Truth{Truth::Answer::yes, {}, {}, true};
  if (!is_tagged(condition.string())) return truth_of(state_->expression(condition, false, scope));
  Truth truth = truth_of(render(condition, scope));
  truth.warning = "a condition is an expression already: write it without '{{ }}'";
  return truth;
}

List Engine::loop_items(std::string_view lookup, const Value& terms, const Scope& scope) const {
  Run run = state_->run();
  Variables variables(scope);
  static const ProgramPtr none = std::make_shared<const Program>();
  Interpreter interpreter(run, variables, none, terms.where());
  Value rendered = interpreter.opened(interpreter.rendered(terms, variables, ""));
  try {
    const List* several = as_list(rendered);
    const Value items = interpreter.lookup(std::string(lookup), several ? *several : List{rendered}, {}, true);
    if (items.is_unknown()) throw Unknown(items.reasons());
    return plain(items).list();
  } catch (Error& error) {
    error.at(terms.where());
    throw;
  }
}

std::vector<Error> Engine::syntax_errors(const Value& value, bool is_expression) const {
  std::vector<Error> errors;
  each_text(value, [&](const Value& text) {
    if (!is_expression && !is_tagged(text.string())) return;
    const ProgramPtr program = state_->compiled(text, is_expression);
    for (const auto* mistakes : {&program->mistakes, &program->doubts})
      for (const Mistake& mistake : *mistakes)
        errors.push_back(Error(mistake.error)
                             .at(Interpreter::place(*program, text.where(), mistake.offset))
                             .spanning(static_cast<int>(mistake.width)));
  });
  return errors;
}

std::vector<FreeName> Engine::free_variables(const Value& value, bool is_expression) const {
  std::vector<FreeName> names;
  each_text(value, [&](const Value& text) {
    if (!is_expression && !is_tagged(text.string())) return;
    const ProgramPtr program = state_->compiled(text, is_expression);
    if (!program->mistakes.empty()) return;
    for (const NameUse& use : free_names(*program, state_->registry))
      names.push_back({use.name, Interpreter::place(*program, text.where(), use.offset), use.guarded});
  });
  return names;
}

}  // namespace agent::jinja
