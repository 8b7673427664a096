#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <agent/sdk/value.hpp>

/// A template, understood. Places are offsets in bytes into its text.
namespace agent::jinja {

struct Filter;
struct Test;

struct Expression {
  enum class Kind {
    constant,
    name,
    list,
    tuple,
    map,
    unary,
    binary,
    concat,
    compare,
    conditional,
    attribute,
    subscript,
    slice,
    call,
    filter,
    test
  };
  Expression(Kind k, std::uint32_t at) : kind(k), offset(at) {}
  virtual ~Expression() = default;
  Kind kind;
  std::uint32_t offset;
  std::uint32_t end = 0;  ///< one past its last byte
  int height = 1;         ///< of the tree below it, itself included
};
using ExpressionPtr = std::unique_ptr<Expression>;
using Expressions = std::vector<ExpressionPtr>;

struct CallArguments {
  Expressions positional;
  std::vector<std::pair<std::string, ExpressionPtr>> named;
  ExpressionPtr star, double_star;
};

struct Constant : Expression {
  Constant(std::uint32_t at, Value v) : Expression(Kind::constant, at), value(std::move(v)) {}
  Value value;
};
struct Name : Expression {
  Name(std::uint32_t at, std::string n) : Expression(Kind::name, at), name(std::move(n)) {}
  std::string name;
};
/// A list or a tuple.
struct Sequence : Expression {
  Sequence(Kind k, std::uint32_t at) : Expression(k, at) {}
  Expressions items;
};
struct MapDisplay : Expression {
  explicit MapDisplay(std::uint32_t at) : Expression(Kind::map, at) {}
  std::vector<std::pair<ExpressionPtr, ExpressionPtr>> entries;
};
enum class Operator {
  logical_not,
  minus,
  plus,
  add,
  subtract,
  multiply,
  divide,
  floor_divide,
  modulo,
  power,
  both,
  either
};
struct Unary : Expression {
  Unary(std::uint32_t at, Operator o, ExpressionPtr e)
      : Expression(Kind::unary, at), operation(o), operand(std::move(e)) {}
  Operator operation;
  ExpressionPtr operand;
};
struct Binary : Expression {
  Binary(std::uint32_t at, Operator o, ExpressionPtr l, ExpressionPtr r)
      : Expression(Kind::binary, at), operation(o), left(std::move(l)), right(std::move(r)) {}
  Operator operation;
  ExpressionPtr left, right;
};
/// a ~ b ~ c
struct Concat : Expression {
  explicit Concat(std::uint32_t at) : Expression(Kind::concat, at) {}
  Expressions items;
};
enum class Comparison { equal, unequal, less, less_or_equal, greater, greater_or_equal, in, not_in };
/// a < b < c
struct Compare : Expression {
  explicit Compare(std::uint32_t at) : Expression(Kind::compare, at) {}
  ExpressionPtr first;
  std::vector<std::pair<Comparison, ExpressionPtr>> rest;
};
struct Conditional : Expression {
  explicit Conditional(std::uint32_t at) : Expression(Kind::conditional, at) {}
  ExpressionPtr condition, yes, no;  ///< `no` may be null
};
struct Attribute : Expression {
  Attribute(std::uint32_t at, ExpressionPtr o, std::string n)
      : Expression(Kind::attribute, at), object(std::move(o)), name(std::move(n)) {}
  ExpressionPtr object;
  std::string name;
};
struct Subscript : Expression {
  Subscript(std::uint32_t at, ExpressionPtr o, ExpressionPtr i)
      : Expression(Kind::subscript, at), object(std::move(o)), index(std::move(i)) {}
  ExpressionPtr object, index;  ///< the index may be a Slice
};
struct Slice : Expression {
  explicit Slice(std::uint32_t at) : Expression(Kind::slice, at) {}
  ExpressionPtr start, stop, step;
};
struct Call : Expression {
  Call(std::uint32_t at, ExpressionPtr c) : Expression(Kind::call, at), callee(std::move(c)) {}
  ExpressionPtr callee;
  CallArguments arguments;
};
/// `filter` is null for a name that nobody knows: an error once it is used. `input` is null in a filter block.
struct FilterUse : Expression {
  FilterUse(std::uint32_t at, std::string n) : Expression(Kind::filter, at), name(std::move(n)) {}
  std::string name;
  const Filter* filter = nullptr;
  ExpressionPtr input;
  CallArguments arguments;
};
struct TestUse : Expression {
  TestUse(std::uint32_t at, std::string n) : Expression(Kind::test, at), name(std::move(n)) {}
  std::string name;
  const Test* test = nullptr;
  ExpressionPtr input;
  CallArguments arguments;
  bool negated = false;
};

struct Statement {
  enum class Kind {
    text,
    output,
    condition,
    loop,
    assign,
    assign_block,
    macro,
    call_block,
    filter_block,
    with,
    include,
    import,
    from_import,
    extends,
    block,
    run,
    leave,
    scope
  };
  Statement(Kind k, std::uint32_t at) : kind(k), offset(at) {}
  virtual ~Statement() = default;
  Kind kind;
  std::uint32_t offset;
};
using StatementPtr = std::unique_ptr<Statement>;
using Body = std::vector<StatementPtr>;

struct Text : Statement {
  Text(std::uint32_t at, std::string t) : Statement(Kind::text, at), text(std::move(t)) {}
  std::string text;
};
struct Output : Statement {
  Output(std::uint32_t at, ExpressionPtr v) : Statement(Kind::output, at), value(std::move(v)) {}
  ExpressionPtr value;
};
struct If : Statement {
  explicit If(std::uint32_t at) : Statement(Kind::condition, at) {}
  std::vector<std::pair<ExpressionPtr, Body>> branches;
  Body otherwise;
};
/// What may stand left of `=` or after `for`: a name, `ns.member`, or several of them.
struct Target {
  std::uint32_t offset = 0;
  std::string name;
  std::string member;  ///< of `ns.member`
  std::vector<Target> items;
};
struct For : Statement {
  explicit For(std::uint32_t at) : Statement(Kind::loop, at) {}
  Target target;
  ExpressionPtr items, condition;
  Body body, otherwise;
  bool recursive = false;
};
struct Assign : Statement {
  explicit Assign(std::uint32_t at) : Statement(Kind::assign, at) {}
  Target target;
  ExpressionPtr value;
};
/// `filters` hold the chain, innermost first; the inner-most FilterUse has no input.
struct AssignBlock : Statement {
  explicit AssignBlock(std::uint32_t at) : Statement(Kind::assign_block, at) {}
  Target target;
  ExpressionPtr filter;
  Body body;
};
struct Parameters {
  Strings names;
  Expressions defaults;  ///< of the last names
};
struct MacroDefinition : Statement {
  explicit MacroDefinition(std::uint32_t at) : Statement(Kind::macro, at) {}
  std::string name;
  Parameters parameters;
  Body body;
  bool takes_rest = false, takes_named_rest = false, takes_caller = false;  ///< uses varargs, kwargs, caller
};
struct CallBlock : Statement {
  explicit CallBlock(std::uint32_t at) : Statement(Kind::call_block, at) {}
  ExpressionPtr call;
  std::shared_ptr<MacroDefinition> caller;
};
struct FilterBlock : Statement {
  explicit FilterBlock(std::uint32_t at) : Statement(Kind::filter_block, at) {}
  ExpressionPtr filter;
  Body body;
};
struct With : Statement {
  explicit With(std::uint32_t at) : Statement(Kind::with, at) {}
  std::vector<std::pair<Target, ExpressionPtr>> values;
  Body body;
};
struct Include : Statement {
  explicit Include(std::uint32_t at) : Statement(Kind::include, at) {}
  ExpressionPtr source;
  bool ignore_missing = false, with_context = true;
};
struct Import : Statement {
  explicit Import(std::uint32_t at) : Statement(Kind::import, at) {}
  ExpressionPtr source;
  std::string name;
  bool with_context = false;
};
struct FromImport : Statement {
  explicit FromImport(std::uint32_t at) : Statement(Kind::from_import, at) {}
  ExpressionPtr source;
  std::vector<std::pair<std::string, std::string>> names;  ///< the name there, the name here
  bool with_context = false;
};
struct Extends : Statement {
  explicit Extends(std::uint32_t at) : Statement(Kind::extends, at) {}
  ExpressionPtr source;
};
struct Block : Statement {
  explicit Block(std::uint32_t at) : Statement(Kind::block, at) {}
  std::string name;
  bool scoped = false, required = false;
  Body body;
};
/// `do`
struct RunStatement : Statement {
  RunStatement(std::uint32_t at, ExpressionPtr v) : Statement(Kind::run, at), value(std::move(v)) {}
  ExpressionPtr value;
};
/// `break` and `continue`
struct Leave : Statement {
  Leave(std::uint32_t at, bool c) : Statement(Kind::leave, at), is_continue(c) {}
  bool is_continue;
};
/// `autoescape`, which means nothing here but a scope.
struct ScopeBlock : Statement {
  explicit ScopeBlock(std::uint32_t at) : Statement(Kind::scope, at) {}
  Body body;
};

}  // namespace agent::jinja
