#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <agent/template/ast.hpp>
#include <agent/template/frame.hpp>
#include <agent/template/objects.hpp>
#include <agent/template/parser.hpp>
#include <agent/template/run.hpp>

namespace agent::jinja {

/// A macro, or the body of a `call`. It sees the variables around its definition; the Run keeps those.
class Macro : public Thing {
 public:
  Macro(const MacroDefinition& d, ProgramPtr p, Where s, Variables& v, Frame& f)
      : definition(d), program(std::move(p)), start(std::move(s)), variables(v), frame(f) {}
  std::string_view what() const override { return "a macro"; }
  bool is_callable() const override { return true; }
  Value call(Context& context, Arguments arguments) const override;
  std::optional<Value> member(std::string_view name) const override;
  std::string print() const override { return "<Macro '" + definition.name + "'>"; }

  const MacroDefinition& definition;
  const ProgramPtr program;
  const Where start;
  Variables& variables;
  Frame& frame;
};

/// What `import` gives: the outermost variables and macros of another template.
class Module : public Thing {
 public:
  Module(std::string name, Map members) : name_(std::move(name)), members_(std::move(members)) {}
  std::string_view what() const override { return "an imported template"; }
  std::optional<Value> member(std::string_view name) const override;
  const Map& members() const { return members_; }
  const std::string& name() const { return name_; }

 private:
  std::string name_;
  Map members_;
};

/// A function that expressions call by its name; also one bound to a value: `text.upper`.
class Function : public Thing {
 public:
  explicit Function(const Filter& filter, Value self = {}) : filter_(filter), self_(std::move(self)) {}
  std::string_view what() const override { return "a function"; }
  bool is_callable() const override { return true; }
  const Filter& filter() const { return filter_; }
  const Value& self() const { return self_; }

 private:
  const Filter& filter_;
  Value self_;
};

/// `loop` inside a loop.
class Loop : public Thing, public std::enable_shared_from_this<Loop> {
 public:
  /// The Run keeps `f` where the loop is a recursive one; others do not use it.
  Loop(ProgramPtr p, const For& l, List i, int d, Frame& f)
      : program(std::move(p)), loop(l), items(std::move(i)), depth(d), frame(f) {}
  std::string_view what() const override { return "a loop"; }
  bool is_callable() const override { return true; }
  Value call(Context& context, Arguments arguments) const override;
  std::optional<Value> member(std::string_view name) const override;

  const ProgramPtr program;  ///< which `loop` is a part of
  const For& loop;
  const List items;
  const int depth;
  Frame& frame;  ///< the one around the loop
  mutable std::size_t index = 0;
  mutable std::optional<List> last_changed;
};

/// A function of `loop` or the like, made of what it does.
class NativeFunction : public Thing {
 public:
  using Body = std::function<Value(Context&, Arguments)>;
  explicit NativeFunction(Body body) : body_(std::move(body)) {}
  std::string_view what() const override { return "a function"; }
  bool is_callable() const override { return true; }
  Value call(Context& context, Arguments arguments) const override { return body_(context, std::move(arguments)); }

 private:
  Body body_;
};

Value native_function(NativeFunction::Body body);

/// What a template reaches with `self`: its blocks, as functions that give their output.
class Blocks : public Thing {
 public:
  explicit Blocks(Strings names) : names_(std::move(names)) {}
  std::string_view what() const override { return "the template's blocks"; }
  std::optional<Value> member(std::string_view name) const override;

 private:
  Strings names_;
};

}  // namespace agent::jinja
