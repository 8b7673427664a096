#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <agent/sdk/error.hpp>
#include <agent/sdk/value.hpp>

/// What lives inside the engine and never leaves it.
namespace agent::jinja {

class Context;

/// The arguments of a call, evaluated.
struct Arguments {
  List positional;
  std::vector<std::pair<std::string, Value>> named;

  /// Takes the named argument out, or nothing.
  std::optional<Value> take(std::string_view name);
};

/// An object of the engine: something with members, that prints, and maybe may be called.
class Thing : public Object {
 public:
  virtual std::optional<Value> member(std::string_view name) const;
  virtual bool is_callable() const { return false; }
  virtual Value call(Context& context, Arguments arguments) const;
  /// As Python's str() shows it.
  virtual std::string print() const;
  /// `this + other` and `this - other` ('+', '-'); nothing when that has no meaning.
  virtual std::optional<Value> operate(char operation, const Value& other) const;
  /// Below, equal to or above zero as this is before, equal to or after `other`; nothing when they do not compare.
  virtual std::optional<int> order(const Thing& other) const;
};

/// A name, or a member, that is not there. Any use of it is an error, but for `default`, `is defined` and the like.
class Undefined : public Object {
 public:
  Undefined(std::string name, Error error) : name_(std::move(name)), error_(std::move(error)) {}
  std::string_view what() const override { return "an undefined variable"; }
  const std::string& name() const { return name_; }
  const Error& error() const { return error_; }
  /// What `x if false` is: it prints as nothing, as in Jinja, where only this one undefined value does.
  bool is_missing_else() const { return name_.empty(); }

 private:
  std::string name_;
  Error error_;
};

/// The error of using one. A type of its own, because a variable whose text needs what is not there is itself not
/// there.
class UndefinedError : public Error {
 public:
  explicit UndefinedError(Error error) : Error(std::move(error)) {}
};

Value undefined(std::string name, Error error);
const Undefined* as_undefined(const Value& value);
inline bool is_undefined(const Value& value) {
  return value.is_object() && as_undefined(value) != nullptr;
}

/// A list that prints in round brackets and is not equal to a list.
class Tuple : public Object {
 public:
  explicit Tuple(List items) : items_(std::move(items)) {}
  std::string_view what() const override { return "a tuple"; }
  const List& items() const { return items_; }
  /// Some tuples have names for their items.
  virtual std::optional<Value> member(std::string_view) const { return std::nullopt; }

 private:
  List items_;
};

Value tuple(List items);
const Tuple* as_tuple(const Value& value);
/// The items of a list or a tuple, or null.
const List* as_list(const Value& value);
const Thing* as_thing(const Value& value);
/// What a loop over the value goes through: items, keys, characters; nothing for what has no parts.
std::optional<List> iterated(const Value& value);

/// `namespace(...)`: the one thing that a loop's body may change outside itself.
class Namespace : public Thing {
 public:
  explicit Namespace(Map members) : members_(std::move(members)) {}
  std::string_view what() const override { return "a namespace"; }
  std::optional<Value> member(std::string_view name) const override;
  void set(std::string_view name, Value value) const { members_.set(name, std::move(value)); }
  const Map& members() const { return members_; }

 private:
  mutable Map members_;  // objects are const to all who share them; this one is there to be changed
};

/// What kind of thing a value is, tuples and the like included: for messages.
std::string_view kind_name(const Value& value);

/// An unknown value with the reasons of both (either may be known).
Value both_unknown(const Value& a, const Value& b);
/// Throws Error when a value is nested so deeply that no code should have to climb it.
void need_shallow(const Value& value);
/// The first unknown value in a tree, or null. Throws Error for a tree that is too large, counting what it repeats.
const Value* unknown_within(const Value& value);
/// All reasons in a tree as one unknown value; a known tree gives nothing.
std::optional<Value> unknown_of(const Value& value);

}  // namespace agent::jinja
