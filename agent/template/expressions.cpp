// What operators, literals, calls, filters and tests give. Names and members are in members.cpp.
#include <agent/template/compare.hpp>
#include <agent/template/interpreter.hpp>
#include <agent/template/macro.hpp>
#include <agent/template/operators.hpp>
#include <agent/template/printing.hpp>
#include <agent/template/unicode.hpp>

namespace agent::jinja {

namespace {

std::string key_text(const Value& key) {
  if (key.is_string()) return key.string();
  if (key.is_list() || key.is_map())
    throw Error("a key has to be text or a number, and this is " + std::string(kind_name(key)));
  return print(key);
}

// The first undefined value among what a filter is given, or null.
const Value* undefined_among(const Value& input, const Arguments& arguments) {
  if (is_undefined(input)) return &input;
  for (const Value& value : arguments.positional)
    if (is_undefined(value)) return &value;
  for (const auto& entry : arguments.named)
    if (is_undefined(entry.second)) return &entry.second;
  return nullptr;
}

bool holds_unknown_argument(const Arguments& arguments, std::optional<Value>& unknown) {
  const auto look = [&](const Value& value) {
    if (value.is_unknown()) unknown = both_unknown(unknown ? *unknown : Value(), value);
  };
  for (const Value& value : arguments.positional) look(value);
  for (const auto& entry : arguments.named) look(entry.second);
  return unknown.has_value();
}

void need_defined(const Value& value) {
  if (const Undefined* missing = as_undefined(value)) throw UndefinedError(missing->error());
}

}  // namespace

Error& Interpreter::placed(Error& error, std::size_t offset, std::size_t end) const {
  if (error.where()) return error;
  error.at(place(offset));
  if (error.where() && end > offset) {
    const std::string_view text = std::string_view(program_->text).substr(offset, end - offset);
    // NOLINTNEXTLINE(bugprone-use-after-move): what is moved comes back, it is the same error
    std::move(error).spanning(static_cast<int>(character_count(text.substr(0, text.find('\n')))));
  }
  return error;
}

Value Interpreter::evaluate(const Expression& expression) {
  run_.spend(0);
  try {
    const Run::Climb climb(run_);
    return evaluate_placed(expression);
  } catch (Error& error) {
    placed(error, expression.offset, expression.end);
    throw;
  } catch (const Unknown& unknown) {
    return Value::unknown(unknown.reasons());
  }
}

Value Interpreter::evaluate_placed(const Expression& expression) {
  using Kind = Expression::Kind;
  switch (expression.kind) {
    case Kind::constant:
      return static_cast<const Constant&>(expression).value;
    case Kind::name:
    case Kind::attribute:
      return forced(lazy(expression), expression);
    case Kind::subscript:
      return subscript(static_cast<const Subscript&>(expression));
    case Kind::list:
    case Kind::tuple: {
      List items;
      for (const auto& item : static_cast<const Sequence&>(expression).items) items.push_back(evaluate(*item));
      return expression.kind == Kind::list ? Value(std::move(items)) : tuple(std::move(items));
    }
    case Kind::map: {
      Map map;
      for (const auto& [key, value] : static_cast<const MapDisplay&>(expression).entries) {
        const Value found = evaluate(*key);
        if (found.is_unknown()) return found;
        map.set(key_text(found), evaluate(*value));
      }
      return map;
    }
    case Kind::unary:
      return unary(static_cast<const Unary&>(expression));
    case Kind::binary:
      return binary(static_cast<const Binary&>(expression));
    case Kind::concat:
      return concat(static_cast<const Concat&>(expression));
    case Kind::compare:
      return compare(static_cast<const Compare&>(expression));
    case Kind::conditional:
      return conditional(static_cast<const Conditional&>(expression));
    case Kind::call:
      return call_expression(static_cast<const Call&>(expression));
    case Kind::filter:
      return filter(static_cast<const FilterUse&>(expression), nullptr);
    case Kind::test:
      return test(static_cast<const TestUse&>(expression));
    case Kind::slice:
      break;
  }
  throw Error("a slice can only be an index");
}

Value Interpreter::unary(const Unary& node) {
  const Value value = evaluate(*node.operand);
  switch (node.operation) {
    case Operator::minus:
      return negate(value);
    case Operator::plus:
      return posate(value);
    default:
      return value.is_unknown() ? value : Value(!truth(value));
  }
}

Value Interpreter::binary(const Binary& node) {
  if (node.operation == Operator::both || node.operation == Operator::either) return both_or_either(node);
  const Value left = evaluate(*node.left), right = evaluate(*node.right);
  switch (node.operation) {
    case Operator::add: {
      if (left.is_string() && right.is_string()) run_.spend(left.string().size() + right.string().size());
      Value sum = add(left, right);
      if (sum.is_list() && sum.list().size() > run_.options().max_output / sizeof(Value))
        throw Error("the result of '+' is too large");
      return sum;
    }
    case Operator::subtract:
      return subtract(left, right);
    case Operator::multiply: {
      Value product = multiply(left, right, run_.options().max_output);
      if (product.is_string()) run_.spend(product.string().size());
      return product;
    }
    case Operator::divide:
      return divide(left, right);
    case Operator::floor_divide:
      return floor_divide(left, right);
    case Operator::modulo:
      return modulo(left, right);
    default:
      return power(left, right);
  }
}

// As in Python the result is one of the two values. A known side that decides makes the unknown one irrelevant.
Value Interpreter::both_or_either(const Binary& node) {
  const bool is_and = node.operation == Operator::both;
  Value left = evaluate(*node.left);
  if (!left.is_unknown()) return truth(left) == is_and ? evaluate(*node.right) : left;
  const Value right = evaluate(*node.right);
  if (right.is_unknown()) return both_unknown(left, right);
  return truth(right) == is_and ? left : right;
}

Value Interpreter::concat(const Concat& node) {
  std::string text;
  std::optional<Value> unknown;
  for (const auto& item : node.items) {
    const Value value = evaluate(*item);
    if (const auto found = unknown_of(value))
      unknown = both_unknown(unknown ? *unknown : Value(), *found);
    else
      text += print(value);
  }
  if (unknown) return *unknown;
  run_.spend(text.size());
  return text;
}

Value Interpreter::compare_pair(Comparison comparison, const Value& left, const Value& right) {
  switch (comparison) {
    case Comparison::equal:
      return equals(left, right);
    case Comparison::unequal:
      return !equals(left, right);
    case Comparison::less:
      return order(left, right) < 0;
    case Comparison::less_or_equal:
      return order(left, right) <= 0;
    case Comparison::greater:
      return order(left, right) > 0;
    case Comparison::greater_or_equal:
      return order(left, right) >= 0;
    case Comparison::in:
      return contains(opened(right), left);
    case Comparison::not_in:
      return !contains(opened(right), left);
  }
  return false;
}

Value Interpreter::compare(const Compare& node) {
  Value left = evaluate(*node.first);
  std::optional<Value> unknown;
  for (const auto& [comparison, expression] : node.rest) {
    Value right = evaluate(*expression);
    try {
      if (!compare_pair(comparison, left, right).boolean()) return false;
    } catch (const Unknown& reason) {
      unknown = both_unknown(unknown ? *unknown : Value(), Value::unknown(reason.reasons()));
    }
    left = std::move(right);
  }
  return unknown ? *unknown : Value(true);
}

Value Interpreter::conditional(const Conditional& node) {
  const Value condition = evaluate(*node.condition);
  if (condition.is_unknown()) return condition;
  if (truth(condition)) return evaluate(*node.yes);
  if (node.no) return evaluate(*node.no);
  return undefined(
      "", Error("this 'if' has no 'else', and its condition is false").hint("add \"else ''\" or \"else omit\""));
}

Arguments Interpreter::arguments(const CallArguments& node) {
  Arguments result;
  result.positional.reserve(node.positional.size());
  for (const auto& value : node.positional) result.positional.push_back(evaluate(*value));
  for (const auto& [name, value] : node.named) result.named.emplace_back(name, evaluate(*value));
  if (node.star) {
    const Value more = evaluate(*node.star);
    const List* items = as_list(more);
    if (!items) throw Error("'*' needs a list, and this is " + std::string(kind_name(more)));
    result.positional.insert(result.positional.end(), items->begin(), items->end());
  }
  if (node.double_star) {
    const Value more = opened(evaluate(*node.double_star));
    if (!more.is_map()) throw Error("'**' needs a mapping, and this is " + std::string(kind_name(more)));
    for (const auto& [name, value] : more.map()) result.named.emplace_back(name, value);
  }
  return result;
}

Value Interpreter::apply(const Filter& filter, const std::string& callee, const Value& input, Arguments arguments) {
  // It goes on, as in Ansible, until somebody uses it or `default` replaces it.
  if (!(filter.takes & Filter::undefined))
    if (const Value* missing = undefined_among(input, arguments)) return *missing;
  if (!(filter.takes & Filter::unknown)) {
    std::optional<Value> unknown;
    if (input.is_unknown()) unknown = input;
    if (holds_unknown_argument(arguments, unknown) || unknown) return *unknown;
  }
  const Value whole_input = opened(input);
  const Bound bound = filter.signature.bind(callee, std::move(arguments));
  Value result = filter.apply(*this, whole_input, bound);
  if (result.is_string()) run_.spend(result.string().size());
  return result;
}

Value Interpreter::filter_input(const FilterUse& node, const Value* block_input) {
  if (!node.input) return block_input ? *block_input : Value();
  if (node.input->kind == Expression::Kind::filter && block_input)
    return filter(static_cast<const FilterUse&>(*node.input), block_input);
  return evaluate(*node.input);
}

Value Interpreter::filter(const FilterUse& node, const Value* block_input) {
  const Value input = filter_input(node, block_input);
  try {
    if (!node.filter) {
      Error error("there is no filter '" + node.name + "'");
      if (auto hint = did_you_mean(node.name, run_.registry().filter_names())) error.hint(*std::move(hint));
      throw error;
    }
    return apply(*node.filter, "filter '" + node.name + "'", input, arguments(node.arguments));
  } catch (Error& error) {
    placed(error, node.offset, node.end);
    throw;
  } catch (const Unknown& unknown) {
    return Value::unknown(unknown.reasons());
  }
}

Value Interpreter::test(const TestUse& node) {
  const Value input = evaluate(*node.input);
  try {
    if (!node.test) {
      Error error("there is no test '" + node.name + "'");
      if (auto hint = did_you_mean(node.name, run_.registry().test_names())) error.hint(*std::move(hint));
      throw error;
    }
    Arguments given = arguments(node.arguments);
    const Test& test = *node.test;
    if (!(test.takes & Filter::undefined)) {
      need_defined(input);
      for (const Value& value : given.positional) need_defined(value);
    }
    if (!(test.takes & Filter::unknown)) {
      std::optional<Value> unknown;
      if (input.is_unknown()) unknown = input;
      if (holds_unknown_argument(given, unknown) || unknown) return *unknown;
    }
    const Bound bound = test.signature.bind("test '" + node.name + "'", std::move(given));
    return test.holds(*this, opened(input), bound) != node.negated;
  } catch (Error& error) {
    placed(error, node.offset, node.end);
    throw;
  }
}

Value Interpreter::filtered(const std::string& name, const Value& input, Arguments arguments) {
  const Filter* filter = run_.registry().filter(name);
  if (!filter) {
    Error error("there is no filter '" + name + "'");
    if (auto hint = did_you_mean(name, run_.registry().filter_names())) error.hint(*std::move(hint));
    throw error;
  }
  try {
    return apply(*filter, "filter '" + name + "'", input, std::move(arguments));
  } catch (const Unknown& unknown) {
    return Value::unknown(unknown.reasons());
  }
}

bool Interpreter::tested(const std::string& name, const Value& input, Arguments arguments) {
  const Test* test = run_.registry().test(name);
  if (!test) {
    Error error("there is no test '" + name + "'");
    if (auto hint = did_you_mean(name, run_.registry().test_names())) error.hint(*std::move(hint));
    throw error;
  }
  if (!(test->takes & Filter::undefined)) need_defined(input);
  if (!(test->takes & Filter::unknown)) {
    std::optional<Value> unknown;
    if (input.is_unknown()) unknown = input;
    if (holds_unknown_argument(arguments, unknown) || unknown) throw Unknown(unknown->reasons());
  }
  return test->holds(*this, opened(input), test->signature.bind("test '" + name + "'", std::move(arguments)));
}

Value Interpreter::call_expression(const Call& node) {
  if (node.callee->kind == Expression::Kind::attribute)
    if (auto result = call_method(static_cast<const Attribute&>(*node.callee), node.arguments))
      return *std::move(result);
  const Value callee = evaluate(*node.callee);
  need_defined(callee);
  if (callee.is_unknown()) return callee;
  return call(callee, arguments(node.arguments));
}

Value Interpreter::call(const Value& callee, Arguments arguments) {
  const Thing* thing = as_thing(callee);
  if (!thing || !thing->is_callable())
    throw Error(std::string(kind_name(callee)) + " cannot be called").hint("take the brackets away to use the value");
  if (const auto* function = dynamic_cast<const Function*>(thing))
    return apply(function->filter(), "'" + std::string(function->filter().name) + "'", function->self(),
                 std::move(arguments));
  return thing->call(*this, std::move(arguments));
}

}  // namespace agent::jinja
