#include <algorithm>

#include <agent/template/compare.hpp>
#include <agent/template/printing.hpp>
#include <agent/template/signature.hpp>
#include <agent/template/unicode.hpp>

namespace agent::jinja {

namespace {

const Value nothing;

std::string counted(std::size_t count) {
  return count == 0 ? "no arguments" : count == 1 ? "one argument" : std::to_string(count) + " arguments";
}

}  // namespace

const Value& Bound::operator[](std::size_t i) const {
  return has(i) ? *given_[i] : nothing;
}

std::string Bound::text(std::size_t i, std::string_view otherwise) const {
  if (!has(i)) return std::string(otherwise);
  const Value& value = *given_[i];
  if (value.is_list() || value.is_map())
    throw Error("'" + signature_->names()[i] + "' has to be text, and this is " + std::string(kind_name(value)));
  return print(value);
}

std::int64_t Bound::integer(std::size_t i, std::int64_t otherwise) const {
  if (!has(i) || given_[i]->is_null()) return otherwise;
  const Value& value = *given_[i];
  if (is_whole(value)) return whole(value);
  if (value.is_real() && value.real() == static_cast<double>(static_cast<std::int64_t>(value.real())))
    return static_cast<std::int64_t>(value.real());
  if (value.is_string())
    if (const auto number = parse_integer(value.string())) return *number;
  throw Error("'" + signature_->names()[i] + "' has to be a whole number, and this is " + repr(value));
}

bool Bound::flag(std::size_t i, bool otherwise) const {
  return has(i) ? truth(*given_[i]) : otherwise;
}

Signature::Signature(const char* parameters) {
  for (std::string& part : split(parameters, ",")) {
    std::string name = strip(part);
    if (name.empty()) continue;
    if (name == "*") {
      rest_ = true;
    } else if (name == "**") {
      named_rest_ = true;
    } else {
      const bool is_optional = name.back() == '=';
      if (is_optional) name.pop_back();
      names_.push_back(std::move(name));
      optional_.push_back(is_optional);
    }
  }
}

void Signature::check(const std::string& callee, std::size_t positional, const Strings& named) const {
  if (positional > names_.size() && !rest_)
    throw Error(callee + " takes at most " + counted(names_.size()) + ", and here are " + std::to_string(positional));
  for (const std::string& name : named) {
    const auto found = std::find(names_.begin(), names_.end(), name);
    if (found == names_.end() && named_rest_) continue;
    if (found == names_.end()) {
      Error error(callee + " has no argument '" + name + "'");
      if (auto hint = did_you_mean(name, names_)) error.hint(*std::move(hint));
      throw error;
    }
    if (static_cast<std::size_t>(found - names_.begin()) < positional)
      throw Error(callee + " is given its argument '" + name + "' twice");
  }
  for (std::size_t i = positional; i < names_.size(); ++i)
    if (!optional_[i] && std::find(named.begin(), named.end(), names_[i]) == named.end())
      throw Error(callee + " needs its argument '" + names_[i] + "'");
}

Bound Signature::bind(const std::string& callee, Arguments arguments) const {
  Bound bound;
  bound.signature_ = this;
  if (!arguments.named.empty() || arguments.positional.size() > names_.size() ||
      (arguments.positional.size() < names_.size() && !optional_[arguments.positional.size()])) {
    Strings named;
    for (const auto& entry : arguments.named) named.push_back(entry.first);
    check(callee, arguments.positional.size(), named);
  }
  bound.given_.resize(names_.size());
  for (std::size_t i = 0; i < arguments.positional.size(); ++i) {
    if (i < names_.size())
      bound.given_[i] = std::move(arguments.positional[i]);
    else
      bound.rest_.push_back(std::move(arguments.positional[i]));
  }
  for (auto& [name, value] : arguments.named) {
    const auto found = std::find(names_.begin(), names_.end(), name);
    if (found == names_.end())
      bound.named_rest_.emplace_back(name, std::move(value));
    else
      bound.given_[static_cast<std::size_t>(found - names_.begin())] = std::move(value);
  }
  return bound;
}

}  // namespace agent::jinja
