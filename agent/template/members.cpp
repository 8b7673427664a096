// Names and their members. A variable's text is rendered when somebody asks for it, and of a tree only the part that is
// asked for.
#include <algorithm>

#include <agent/template/compare.hpp>
#include <agent/template/interpreter.hpp>
#include <agent/template/macro.hpp>
#include <agent/template/methods.hpp>
#include <agent/template/printing.hpp>
#include <agent/template/unicode.hpp>

namespace agent::jinja {

namespace {

// Python counts from the end for negative indices.
std::optional<std::size_t> position(std::int64_t index, std::size_t size) {
  if (index < 0) index += static_cast<std::int64_t>(size);
  if (index < 0 || index >= static_cast<std::int64_t>(size)) return std::nullopt;
  return static_cast<std::size_t>(index);
}

std::optional<Value> plain_member(const Value& object, const Value& index) {
  if (object.is_map()) {
    const std::string key = index.is_string()                      ? index.string()
                            : is_numeric(index) || index.is_null() ? print(index)
                                                                   : "";
    const Value* found = object.map().find(key);
    return found ? std::optional(*found) : std::nullopt;
  }
  std::optional<std::int64_t> number;
  if (is_whole(index)) number = whole(index);
  if (!number && index.is_string() && as_list(object)) number = parse_integer(index.string());
  if (!number) return std::nullopt;
  if (const List* items = as_list(object)) {
    const auto at = position(*number, items->size());
    return at ? std::optional((*items)[*at]) : std::nullopt;
  }
  if (!object.is_string()) return std::nullopt;
  const CodePoints points = code_points(object.string());
  const auto at = position(*number, points.size());
  return at ? std::optional(Value(utf8(points.substr(*at, 1)))) : std::nullopt;
}

Strings member_names(const Value& object) {
  Strings names;
  if (object.is_map())
    for (const auto& entry : object.map()) names.push_back(entry.first);
  return names;
}

const View* as_view(const Value& value) {
  return value.is_object() ? dynamic_cast<const View*>(value.object().get()) : nullptr;
}

// What `a.b.c` and `a['b']` are called in messages; nothing for other expressions.
std::string path(const Expression& expression) {
  switch (expression.kind) {
    case Expression::Kind::name:
      return static_cast<const Name&>(expression).name;
    case Expression::Kind::attribute: {
      const auto& node = static_cast<const Attribute&>(expression);
      const std::string object = path(*node.object);
      return object.empty() ? "" : object + "." + node.name;
    }
    case Expression::Kind::subscript: {
      const auto& node = static_cast<const Subscript&>(expression);
      const std::string object = path(*node.object);
      if (object.empty() || node.index->kind != Expression::Kind::constant)
        return object.empty() ? "" : object + "[...]";
      return object + "[" + repr(static_cast<const Constant&>(*node.index).value) + "]";
    }
    default:
      return "";
  }
}

}  // namespace

std::string Interpreter::path_of(const Expression& expression) const {
  return path(expression);
}

Value Interpreter::render_text(const Value& text, Variables& variables, const std::string& name) {
  if (!Engine::has_templates(text)) return text;
  const Run::Rendering rendering(run_, variables, text, name);
  Interpreter inner(run_, variables, run_.cache().text(text.string(), run_.options()), text.where());
  Collected output;
  inner.run(output);
  return output.value(inner.program_->final_newlines);
}

Value Interpreter::rendered(const Value& raw, Variables& variables, const std::string& name) {
  if (raw.is_template()) return render_text(raw, variables, name);
  if (raw.is_object() && !as_view(raw) && !as_thing(raw) && !is_omit(raw) && !as_tuple(raw) && !is_undefined(raw))
    return services().open(raw);
  if (!Engine::has_templates(raw)) return raw;
  if (raw.is_list()) {
    List items;
    items.reserve(raw.list().size());
    for (const Value& item : raw.list())
      items.push_back(rendered(item, variables, name.empty() ? "" : name + "[" + std::to_string(items.size()) + "]"));
    return Value(std::move(items)).at(raw.where());
  }
  Map map;
  map.reserve(raw.map().size());
  for (const auto& [key, value] : raw.map())
    map.set(key, rendered(value, variables, name.empty() ? "" : name + "." + key));
  return Value(std::move(map)).at(raw.where());
}

Interpreter::Lazy Interpreter::lazy(const Expression& expression) {
  switch (expression.kind) {
    case Expression::Kind::name:
      return lazy_name(static_cast<const Name&>(expression));
    case Expression::Kind::attribute: {
      const auto& node = static_cast<const Attribute&>(expression);
      return lazy_member(lazy(*node.object), expression, Value(node.name), true);
    }
    case Expression::Kind::subscript: {
      const auto& node = static_cast<const Subscript&>(expression);
      if (node.index->kind == Expression::Kind::slice) break;
      const Lazy object = lazy(*node.object);
      return lazy_member(object, expression, evaluate(*node.index), false);
    }
    default:
      break;
  }
  return {evaluate(expression)};
}

Interpreter::Lazy Interpreter::lazy_name(const Name& node) {
  if (Slot* slot = frame_->find(node.name)) return {slot->read()};
  try {
    if (variables_.find(node.name)) return lazy_variable(node.name, variables_);
    return {missing_name(node.name)};
  } catch (UndefinedError& error) {
    // A variable made of what is not there is not there: `default` and `is defined` say so, any other use throws this.
    if (error.where()) error.during("while rendering variable '" + node.name + "'", place(node.offset));
    placed(error, node.offset, node.end);
    return {undefined(node.name, error)};
  } catch (Error& error) {
    if (error.where()) error.during("while rendering variable '" + node.name + "'", place(node.offset));
    placed(error, node.offset, node.end);
    throw;
  }
}

// A variable that is there: text is rendered now, trees only when they are needed whole.
Interpreter::Lazy Interpreter::lazy_variable(std::string_view name, Variables& variables) {
  const Variables::Known known = *variables.find(name);
  if (!known.is_raw) {
    if (!known.value.is_object()) return {known.value};
    Value value = rendered(known.value, variables, std::string(name));
    return {std::move(value)};
  }
  if (!known.value.is_template()) return {known.value, &variables};
  Value value = render_text(known.value, variables, std::string(name));
  variables.put(name, value);
  return {std::move(value)};
}

Value Interpreter::missing_name(const std::string& name) {
  if (name == "omit") return omit();
  if (name == "self" && !blocks_->empty()) {
    Strings names;
    for (const auto& entry : *blocks_) names.push_back(entry.first);
    return Value(std::make_shared<const Blocks>(std::move(names)));
  }
  if (name == "vars") {
    Map all;
    for (const std::string& known : variables_.names())
      if (const auto value = variables_.scope().find(known)) all.set(known, *value);
    // Rendered member by member, like any variable that is a tree.
    return rendered(Value(std::move(all)), variables_, "vars");
  }
  if (const Filter* global = run_.registry().global(name)) return Value(std::make_shared<const Function>(*global));
  Error error("'" + name + "' is undefined");
  if (const std::string chain = run_.chain(); !chain.empty())
    error = Error("'" + name + "' is undefined (" + chain + name + ")");
  Strings known = variables_.names();
  const Strings local = frame_->names(), global = run_.registry().global_names();
  known.insert(known.end(), local.begin(), local.end());
  known.insert(known.end(), global.begin(), global.end());
  if (auto hint = did_you_mean(name, known)) error.hint(*std::move(hint));
  return undefined(name, std::move(error));
}

Interpreter::Lazy Interpreter::lazy_member(const Lazy& object, const Expression& expression, const Value& index,
                                           bool is_attribute) {
  const Value& whole_value = object.value;
  if (whole_value.is_unknown() || is_undefined(whole_value)) {
    // StrictUndefined: the chain goes on as long as nobody needs its value.
    return {whole_value};
  }
  if (index.is_unknown()) return {index};
  if (const Undefined* missing = as_undefined(index)) throw UndefinedError(missing->error());
  if (const View* view = as_view(whole_value)) {
    Variables& variables = run_.variables_of(whole_value.object());
    const std::string name = print(index);
    try {
      if (variables.find(name)) return lazy_variable(name, variables);
    } catch (UndefinedError& error) {
      return {undefined(path(expression), error)};
    }
    (void)view;
  } else if (object.raw_in && is_attribute && run_.registry().method(whole_value, index.string())) {
    return {attribute(rendered(whole_value, *object.raw_in, path(expression)), index.string())};
  } else if (object.raw_in) {
    if (auto child = plain_member(whole_value, index)) {
      try {
        if (child->is_template()) return {render_text(*child, *object.raw_in, path(expression))};
      } catch (UndefinedError& error) {
        return {undefined(path(expression), error)};
      }
      if (child->is_list() || child->is_map()) return {*std::move(child), object.raw_in};
      return {rendered(*child, *object.raw_in, path(expression))};
    }
  }
  Value found = is_attribute ? attribute(whole_value, index.string()) : item(whole_value, index);
  if (const Undefined* missing = as_undefined(found)) {
    const std::string name = path(expression), owner = missing->name();
    if (!name.empty()) {
      Error error("'" + name + "' is undefined: " + missing->error().message());
      for (const std::string& hint : missing->error().hints()) error.hint(hint);
      placed(error, expression.offset, expression.end);
      return {undefined(name, std::move(error))};
    }
  }
  return {std::move(found)};
}

Value Interpreter::forced(Lazy lazy, const Expression& expression) {
  if (!lazy.raw_in) {
    if (const Undefined* missing = as_undefined(lazy.value); missing && !missing->error().where()) {
      Error error = missing->error();
      placed(error, expression.offset, expression.end);
      return undefined(missing->name(), std::move(error));
    }
    return std::move(lazy.value);
  }
  Value value = rendered(lazy.value, *lazy.raw_in, path(expression));
  if (expression.kind == Expression::Kind::name) lazy.raw_in->put(static_cast<const Name&>(expression).name, value);
  return value;
}

// `x.name`: a Python method or member first, then a key, as Jinja does.
Value Interpreter::attribute(const Value& value, std::string_view name) {
  if (value.is_unknown() || is_undefined(value)) return value;
  if (const Thing* thing = as_thing(value)) {
    if (auto found = thing->member(name)) return *std::move(found);
  } else if (const View* view = as_view(value)) {
    Variables& variables = run_.variables_of(value.object());
    if (variables.find(name)) {
      Lazy found = lazy_variable(name, variables);
      return found.raw_in ? rendered(found.value, *found.raw_in, std::string(name)) : std::move(found.value);
    }
    (void)view;
    return attribute(opened(value), name);
  } else {
    if (const Tuple* items = as_tuple(value))
      if (auto found = items->member(name)) return *std::move(found);
    if (const Filter* method = run_.registry().method(value, name))
      return Value(std::make_shared<const Function>(*method, value));
    if (auto found = plain_member(value, Value(name))) return *std::move(found);
  }
  Error error(value.is_map() ? "there is no member '" + std::string(name) + "'"
                             : std::string(kind_name(value)) + " has no member '" + std::string(name) + "'");
  if (auto hint = did_you_mean(name, member_names(value))) error.hint(*std::move(hint));
  return undefined(std::string(name), std::move(error));
}

// `x[index]`: a key first, then a method.
Value Interpreter::item(const Value& value, const Value& index) {
  if (value.is_unknown() || is_undefined(value)) return value;
  if (auto found = plain_member(value, index)) return *std::move(found);
  if (index.is_string()) return attribute(value, index.string());
  if (as_view(value)) return attribute(value, print(index));
  Error error("there is no item " + repr(index));
  if (const List* items = as_list(value); items && is_whole(index))
    error = Error("there is no item " + repr(index) + ": the list has " + std::to_string(items->size()));
  return undefined(repr(index), std::move(error));
}

Value Interpreter::opened(const Value& value) {
  const View* view = as_view(value);
  if (!view) return value;
  Variables& variables = run_.variables_of(value.object());
  Map map;
  for (const std::string& name : variables.names())
    if (variables.find(name)) {
      Lazy found = lazy_variable(name, variables);
      map.set(name, found.raw_in ? rendered(found.value, *found.raw_in, name) : std::move(found.value));
    }
  return Value(std::move(map)).at(value.where());
}

Value Interpreter::subscript(const Subscript& node) {
  if (node.index->kind != Expression::Kind::slice) return forced(lazy(node), node);
  return slice(evaluate(*node.object), static_cast<const Slice&>(*node.index));
}

Value Interpreter::slice(const Value& value, const Slice& node) {
  if (value.is_unknown()) return value;
  if (const Undefined* missing = as_undefined(value)) throw UndefinedError(missing->error());
  std::optional<std::int64_t> bounds[3];
  const ExpressionPtr* parts[] = {&node.start, &node.stop, &node.step};
  for (int i = 0; i < 3; ++i) {
    if (!*parts[i]) continue;
    const Value bound = evaluate(**parts[i]);
    if (bound.is_unknown()) return bound;
    if (bound.is_null()) continue;
    if (!is_whole(bound)) throw Error("a slice needs whole numbers, and this is " + std::string(kind_name(bound)));
    bounds[i] = whole(bound);
  }
  return sliced(value, bounds[0], bounds[1], bounds[2]);
}

std::optional<Value> Interpreter::variable(std::string_view name) {
  if (Slot* slot = frame_->find(name)) return slot->read();
  if (!variables_.find(name)) return std::nullopt;
  Lazy found = lazy_variable(name, variables_);
  return found.raw_in ? rendered(found.value, *found.raw_in, std::string(name)) : std::move(found.value);
}

Strings Interpreter::variable_names() {
  return variables_.names();
}

Strings Interpreter::search_path() {
  Strings path;
  const auto value = variable("ansible_search_path");
  if (!value) return path;
  if (const List* items = as_list(*value))
    for (const Value& item : *items) path.push_back(print(item));
  return path;
}

// A method that changes what it is called on does so in the variable: values themselves never change.
std::optional<Value> Interpreter::call_method(const Attribute& callee, const CallArguments& call_arguments) {
  if (!is_changing_method(callee.name)) return std::nullopt;
  const Value object = evaluate(*callee.object);
  if (object.is_unknown()) {
    change(*callee.object, callee.name, {});
    return object;
  }
  if (!changes(object, callee.name)) return std::nullopt;
  return change(*callee.object, callee.name, arguments(call_arguments));
}

std::optional<Value> Interpreter::change(const Expression& target, std::string_view method,
                                         const Arguments& call_arguments) {
  if (target.kind == Expression::Kind::name) {
    const std::string& name = static_cast<const Name&>(target).name;
    Slot* slot = frame_->find(name);
    if (!slot) {
      frame_->outermost().set(name, evaluate(target));
      slot = frame_->find(name);
    }
    if (slot->read_kind() == Kind::unknown) return slot->read();
    for (const Value& argument : call_arguments.positional) need_shallow(argument);
    return slot->read_kind() == Kind::list ? change_list(slot->list(), method, call_arguments)
                                           : change_map(slot->map(), method, call_arguments);
  }
  Value value = evaluate(target);
  if (value.is_unknown()) return value;
  Value result;
  if (value.is_list()) {
    List items = value.list();
    result = change_list(items, method, call_arguments);
    value = Value(std::move(items)).at(value.where());
  } else {
    Map map = value.map();
    result = change_map(map, method, call_arguments);
    value = Value(std::move(map)).at(value.where());
  }
  store(target, std::move(value));
  return result;
}

// Puts a changed value back where it came from; what has no place (the result of a call) is just dropped.
void Interpreter::store(const Expression& target, Value value) {
  need_shallow(value);
  if (target.kind == Expression::Kind::name) {
    const std::string& name = static_cast<const Name&>(target).name;
    if (Slot* slot = frame_->find(name)) return slot->write(std::move(value));
    return frame_->outermost().set(name, std::move(value));
  }
  const bool is_attribute = target.kind == Expression::Kind::attribute;
  if (!is_attribute && target.kind != Expression::Kind::subscript) return;
  const Expression& owner =
      is_attribute ? *static_cast<const Attribute&>(target).object : *static_cast<const Subscript&>(target).object;
  const Value key = is_attribute ? Value(static_cast<const Attribute&>(target).name)
                                 : evaluate(*static_cast<const Subscript&>(target).index);
  const Value object = evaluate(owner);
  if (const auto* space = object.is_object() ? dynamic_cast<const Namespace*>(object.object().get()) : nullptr)
    return space->set(print(key), std::move(value));
  if (object.is_map()) {
    Map map = object.map();
    map.set(print(key), std::move(value));
    store(owner, Value(std::move(map)).at(object.where()));
  } else if (object.is_list() && is_whole(key)) {
    List items = object.list();
    if (const auto at = position(whole(key), items.size())) items[*at] = std::move(value);
    store(owner, Value(std::move(items)).at(object.where()));
  }
}

}  // namespace agent::jinja
