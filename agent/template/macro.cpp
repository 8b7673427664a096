// Macros, imports, includes and blocks: templates that use one another.
#include <algorithm>

#include <agent/template/compare.hpp>
#include <agent/template/interpreter.hpp>
#include <agent/template/macro.hpp>
#include <agent/template/printing.hpp>

namespace agent::jinja {

namespace {

// Only interpreters evaluate.
Interpreter& interpreter(Context& context) {
  return static_cast<Interpreter&>(context);
}

Value one_argument(Arguments& arguments, const char* callee) {
  if (arguments.positional.size() != 1 || !arguments.named.empty())
    throw Error(std::string(callee) + " takes one argument");
  return arguments.positional.front();
}

}  // namespace

Value native_function(NativeFunction::Body body) {
  return Value(std::make_shared<const NativeFunction>(std::move(body)));
}

Value Macro::call(Context& context, Arguments arguments) const {
  return interpreter(context).call_macro(*this, std::move(arguments));
}

std::optional<Value> Macro::member(std::string_view name) const {
  if (name == "name") return Value(definition.name);
  if (name == "arguments") {
    const Strings& names = definition.parameters.names;
    return tuple(List(names.begin(), names.end()));
  }
  if (name == "catch_varargs") return Value(definition.takes_rest);
  if (name == "catch_kwargs") return Value(definition.takes_named_rest);
  if (name == "caller") return Value(definition.takes_caller);
  return std::nullopt;
}

std::optional<Value> Module::member(std::string_view name) const {
  const Value* found = members_.find(name);
  return found ? std::optional(*found) : std::nullopt;
}

Value Loop::call(Context& context, Arguments arguments) const {
  if (!loop.recursive) throw Error("this loop is not recursive").hint("write '{% for x in list recursive %}'");
  return interpreter(context).loop_again(*this, one_argument(arguments, "'loop'"));
}

std::optional<Value> Loop::member(std::string_view name) const {
  const auto size = items.size();
  if (name == "index") return Value(index + 1);
  if (name == "index0") return Value(index);
  if (name == "revindex") return Value(size - index);
  if (name == "revindex0") return Value(size - index - 1);
  if (name == "first") return Value(index == 0);
  if (name == "last") return Value(index + 1 == size);
  if (name == "length") return Value(size);
  if (name == "depth") return Value(depth + 1);
  if (name == "depth0") return Value(depth);
  const auto missing = [](const char* what) {
    return undefined(std::string("loop.") + what, Error(std::string("there is no ") + what));
  };
  if (name == "previtem") return index > 0 ? items[index - 1] : missing("previous item");
  if (name == "nextitem") return index + 1 < size ? items[index + 1] : missing("next item");
  const auto self = shared_from_this();
  if (name == "cycle")
    return native_function([self](Context&, Arguments arguments) {
      if (arguments.positional.empty()) throw Error("'loop.cycle' needs something to cycle through");
      return arguments.positional[self->index % arguments.positional.size()];
    });
  if (name == "changed")
    return native_function([self](Context&, Arguments arguments) {
      const bool same = self->last_changed && equals(Value(*self->last_changed), Value(arguments.positional));
      self->last_changed = arguments.positional;
      return Value(!same);
    });
  return std::nullopt;
}

std::optional<Value> Blocks::member(std::string_view name) const {
  if (std::find(names_.begin(), names_.end(), name) == names_.end()) return std::nullopt;
  return native_function(
      [block = std::string(name)](Context& context, Arguments) { return interpreter(context).block_value(block, 0); });
}

Value Interpreter::call_macro(const Macro& macro, Arguments given) {
  const Run::Level level(run_);
  Interpreter inner(run_, macro.variables, macro.program, macro.start);
  inner.blocks_ = blocks_;
  inner.frame_ = std::make_shared<Frame>(FramePtr(FramePtr(), &macro.frame));
  Frame& frame = *inner.frame_;
  const MacroDefinition& definition = macro.definition;
  const std::string name = "macro '" + definition.name + "'";
  if (definition.takes_caller) {
    auto caller = given.take("caller");
    frame.set("caller",
              caller ? *std::move(caller) : undefined("caller", Error(name + " was not called with a 'call' block")));
  }
  const Strings& names = definition.parameters.names;
  const std::size_t first_default = names.size() - definition.parameters.defaults.size();
  for (std::size_t i = 0; i < names.size(); ++i) {
    auto named = given.take(names[i]);
    if (i < given.positional.size()) {
      if (named) throw Error(name + " is given its argument '" + names[i] + "' twice");
      frame.set(names[i], given.positional[i]);
    } else if (named) {
      frame.set(names[i], *std::move(named));
    } else if (i >= first_default) {
      frame.set(names[i], inner.evaluate(*definition.parameters.defaults[i - first_default]));
    } else {
      frame.set(names[i], undefined(names[i], Error(name + " was not given its argument '" + names[i] + "'")));
    }
  }
  List rest;
  if (given.positional.size() > names.size())
    rest.assign(given.positional.begin() + static_cast<std::ptrdiff_t>(names.size()), given.positional.end());
  if (!rest.empty() && !definition.takes_rest)
    throw Error(name + " takes at most " + std::to_string(names.size()) + " arguments, and here are " +
                std::to_string(given.positional.size()));
  if (!given.named.empty() && !definition.takes_named_rest) {
    Error error(name + " has no argument '" + given.named.front().first + "'");
    if (auto hint = did_you_mean(given.named.front().first, names)) error.hint(*std::move(hint));
    throw error;
  }
  if (definition.takes_rest) frame.set("varargs", tuple(std::move(rest)));
  if (definition.takes_named_rest) {
    Map named;
    for (auto& [key, value] : given.named) named.set(key, std::move(value));
    frame.set("kwargs", Value(std::move(named)));
  }
  Collected output;
  inner.execute(definition.body, output);
  return output.value();
}

Value Interpreter::call_block(const CallBlock& node) {
  run_.keep(frame_);
  const Value caller(std::make_shared<const Macro>(*node.caller, program_, start_, variables_, *frame_));
  const auto& expression = static_cast<const Call&>(*node.call);
  const Value callee = evaluate(*expression.callee);
  if (callee.is_unknown()) return callee;
  if (const Undefined* missing = as_undefined(callee)) throw UndefinedError(missing->error());
  Arguments given = arguments(expression.arguments);
  given.named.emplace_back("caller", caller);
  return call(callee, std::move(given));
}

std::optional<Interpreter::Loaded> Interpreter::load(const Value& names) {
  const Undefined* missing = as_undefined(names);
  if (missing) throw UndefinedError(missing->error());
  if (names.is_unknown()) throw Unknown(names.reasons());
  const List* several = as_list(names);
  const List candidates = several ? *several : List{names};
  for (const Value& name : candidates) {
    if (!name.is_string())
      throw Error("the name of a template has to be text, and this is " + std::string(kind_name(name)));
    Strings path = search_path();
    // Beside the template that asks, as Ansible does.
    if (start_.file)
      if (const auto slash = start_.file->rfind('/'); slash != std::string::npos)
        path.push_back(start_.file->substr(0, slash));
    if (auto source = services().source(name.string(), path)) {
      Syntax syntax;
      syntax.trim_blocks = run_.options().trim_blocks;
      syntax.lstrip_blocks = run_.options().lstrip_blocks;
      syntax.do_statement = run_.options().do_statement;
      syntax.loop_controls = run_.options().loop_controls;
      const Where start{std::make_shared<const std::string>(source->path), 1, 1};
      auto program = parse_template(std::move(source->text), syntax, run_.registry());
      need_sound(*program, start);
      return Loaded{std::move(program), start};
    }
  }
  return std::nullopt;
}

void Interpreter::include(const Include& node, Collected& output) {
  const Run::Level level(run_);
  const Value name = evaluate(*node.source);
  const auto loaded = load(name);
  if (!loaded) {
    if (node.ignore_missing) return;
    throw Error("there is no template " + repr(name))
        .at(place(node.source->offset))
        .hint("'ignore missing' behind the name includes it only where it exists");
  }
  Interpreter inner(run_, variables_, loaded->program, loaded->start);
  if (node.with_context) inner.frame_ = std::make_shared<Frame>(frame_);
  Collected ignored;
  inner.run(parent_ ? ignored : output);
}

Value Interpreter::import_module(const Expression& source, bool with_context) {
  const Run::Level level(run_);
  const Value name = evaluate(source);
  const auto loaded = load(name);
  if (!loaded) throw Error("there is no template " + repr(name)).at(place(source.offset));
  Interpreter inner(run_, variables_, loaded->program, loaded->start);
  inner.frame_ = std::make_shared<Frame>(with_context ? frame_ : nullptr);
  Collected ignored;
  inner.run(ignored);
  return Value(std::make_shared<const Module>(loaded->start.text(), inner.frame_->exported()));
}

void Interpreter::from_import(const FromImport& node) {
  const Value imported = import_module(*node.source, node.with_context);
  const auto& module = static_cast<const Module&>(*imported.object());
  for (const auto& [there, here] : node.names) {
    if (const Value* found = module.members().find(there)) {
      frame_->set(here, *found);
      continue;
    }
    Error error("the template has no macro or variable '" + there + "'");
    Strings known;
    for (const auto& entry : module.members()) known.push_back(entry.first);
    if (auto hint = did_you_mean(there, known)) error.hint(*std::move(hint));
    frame_->set(here, undefined(there, std::move(error)));
  }
}

void Interpreter::extend(const Extends& node, Collected&) {
  const Value name = evaluate(*node.source);
  if (parent_) throw Error("a template can extend only one other");
  parent_ = load(name);
  if (!parent_) throw Error("there is no template " + repr(name)).at(place(node.source->offset));
}

void Interpreter::block(const Block& node, Collected& output) {
  if (parent_) return;
  if (node.required && (*blocks_)[node.name].front().block == &node)
    throw Error("block '" + node.name + "' has to be filled by a template that extends this one");
  block(node.name, 0, output);
}

Value Interpreter::block_value(const std::string& name, std::size_t level) {
  Collected output;
  block(name, level, output);
  return output.value();
}

void Interpreter::block(const std::string& name, std::size_t level, Collected& output) {
  const Run::Level depth(run_);
  const auto found = blocks_->find(name);
  if (found == blocks_->end() || level >= found->second.size())
    throw Error("there is no block '" + name + "' above this one");
  const BlockLevel chosen = found->second[level];
  Interpreter inner(run_, variables_, chosen.program, chosen.start);
  inner.blocks_ = blocks_;
  inner.frame_ = std::make_shared<Frame>(frame_);
  inner.frame_->set("super", native_function([name, level](Context& context, Arguments) {
                      return interpreter(context).block_value(name, level + 1);
                    }));
  Strings names;
  for (const auto& entry : *blocks_) names.push_back(entry.first);
  inner.frame_->set("self", Value(std::make_shared<const Blocks>(std::move(names))));
  inner.execute(chosen.block->body, output);
}

}  // namespace agent::jinja
