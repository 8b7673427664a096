#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <agent/template/objects.hpp>

namespace agent::jinja {

/// The arguments of a call in the order of a signature.
class Bound {
 public:
  /// The argument, or null when it was not given. (Null may also be what was given; see `has`.)
  const Value& operator[](std::size_t i) const;
  bool has(std::size_t i) const { return i < given_.size() && given_[i]; }
  /// What exceeds the signature, where it ends in `*` or `**`.
  const List& rest() const { return rest_; }
  const std::vector<std::pair<std::string, Value>>& named_rest() const { return named_rest_; }

  // The argument as what it has to be. Throw Error that names it otherwise.
  std::string text(std::size_t i, std::string_view otherwise = "") const;
  std::int64_t integer(std::size_t i, std::int64_t otherwise) const;
  bool flag(std::size_t i, bool otherwise = false) const;

 private:
  friend class Signature;
  std::vector<std::optional<Value>> given_;
  List rest_;
  std::vector<std::pair<std::string, Value>> named_rest_;
  const class Signature* signature_ = nullptr;
};

/// What a filter, test, method or function may be given: "old, new, count=": `=` marks what may be left out, `*` at the
/// end takes any more, `**` any more with names.
class Signature {
 public:
  Signature(const char* parameters);

  /// Puts arguments in order. Throws Error for too many, too few, unknown and doubled ones; `callee` is for messages:
  /// "filter 'replace'".
  Bound bind(const std::string& callee, Arguments arguments) const;
  const Strings& names() const { return names_; }
  /// What is wrong with so many arguments of these names, if anything: as bind() would say it.
  void check(const std::string& callee, std::size_t positional, const Strings& named) const;

 private:
  Strings names_;
  std::vector<bool> optional_;
  bool rest_ = false, named_rest_ = false;
};

}  // namespace agent::jinja
