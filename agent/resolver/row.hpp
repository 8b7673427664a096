#pragma once

#include <set>
#include <string>

#include <agent/resolver/tables.hpp>
#include <agent/sdk/error.hpp>

namespace agent::resolver {

/// One row of a table while it is read: each field is asked for by name and type, and what is missing, of the wrong
/// kind or not asked for at all is an Error at its place.
class Row {
 public:
  /// `what` is how messages call it: "a toolkit".
  Row(const Value& row, std::string what, std::shared_ptr<const SourceTexts> sources);

  const Value& need(const std::string& key);
  /// The value, or null where the field is missing or null.
  const Value* find(const std::string& key);
  std::string text(const std::string& key);
  /// "" where the field is missing or null.
  std::string text_or_nothing(const std::string& key);
  bool flag(const std::string& key, bool otherwise);
  Strings texts(const std::string& key);
  Dotted dotted(const std::string& key);
  std::optional<Dotted> dotted_or_nothing(const std::string& key);
  Capability capability(const std::string& key);
  std::vector<Capability> capabilities(const std::string& key);
  pep440::Version version(const std::string& key);
  int branch(const std::string& key);
  std::optional<int> branch_or_nothing(const std::string& key);
  /// The fields that every row may have (source, verified, note), and the end of reading: a field that nobody asked for
  /// is an Error. `unused` are fields that are known and serve other readers.
  Origin finish(const Strings& unused = {});
  /// The error of a field that is there and makes no sense.
  Error wrong(const std::string& key, const std::string& expected);

 private:
  const Value& row_;
  std::string what_;
  std::shared_ptr<const SourceTexts> sources_;
  std::set<std::string, std::less<>> asked_;
};

}  // namespace agent::resolver
