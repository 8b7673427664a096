#include <agent/executor/task_evaluation.hpp>

// What a task hands to its module: arguments from all their places, rendered.
namespace agent::executor {

Map TaskEvaluation::rendered_arguments(const Spec* spec) {
  const auto& engine = context_.world.engine;
  Map raw;
  // module_defaults < `args: "{{ x }}"` < the task's own.
  for (const auto* scope : chain(*task_.scope))
    if (const Value* defaults = scope->settings.module_defaults.find(task_.module)) {
      const Value value = engine.render(*defaults, view_);
      if (value.is_map()) raw.merge(value.map());
    }
  if (task_.args_template) {
    const Value value = engine.render(*task_.args_template, view_);
    if (value.is_unknown()) throw Unknown(value.reasons());
    if (!value.is_map()) throw Error("args must be a mapping, not " + value.json()).at(task_.args_template->where());
    raw.merge(value.map());
  }
  raw.merge(task_.args);
  if (task_.free_text) {
    const std::string name = spec && !spec->free_text.empty() ? spec->free_text : "free_text";
    if (!raw.contains(name)) raw.set(name, *task_.free_text);
  }
  Map out;
  for (const auto& [name, value] : raw) {
    const Argument* argument = spec ? spec->find(name) : nullptr;
    const Type type = argument ? argument->type : Type::any;
    if (type == Type::expression || type == Type::conditions) {
      out.set(name, evaluated(value, type));
      continue;
    }
    Value rendered = engine.render(value, view_);
    if (jinja::is_omit(rendered)) continue;
    // Where any name may stand (set_fact), it may be made by an expression.
    const bool is_made = spec && spec->open && !argument && name.find("{{") != std::string::npos;
    const std::string key =
        is_made ? as_text(engine.render(Value::template_text(name, task_.module_where), view_)) : name;
    out.set(key, jinja::without_omitted(rendered).at(value.where()));
  }
  return out;
}

Value TaskEvaluation::evaluated(const Value& value, Type type) {
  const auto& engine = context_.world.engine;
  const auto text = [](const Value& v) { return v.is_string() ? Value(v.string()).at(v.where()) : v; };
  if (type == Type::expression) {
    try {
      return Map{{"text", text(value)}, {"value", engine.evaluate(value, view_)}};
    } catch (const Error&) {
      // A name that is not there is an answer here: `debug: var=x` says so.
      if (!value.is_string()) throw;
      const auto defined = Value::template_text("(" + value.string() + ") is defined", value.where());
      if (!engine.test(defined, view_).is_no()) throw;
      return Map{{"text", text(value)}};
    }
  }
  List out;
  for (const auto& condition : value.is_list() ? value.list() : List{value}) {
    const auto truth = engine.test(condition, view_);
    if (truth.warning) warn(*truth.warning, condition.where());
    Map one{{"text", text(condition)}};
    if (truth.is_unknown())
      one.set("unknown", truth.reasons);
    else
      one.set("value", truth.is_yes());
    out.push_back(std::move(one));
    // As with `and`: what stands behind a "no" may not even be evaluable.
    if (truth.is_no()) break;
  }
  return Value(std::move(out)).at(value.where());
}

}  // namespace agent::executor
