#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <agent/sdk/error.hpp>
#include <agent/sdk/value.hpp>

namespace agent::jinja {

/// A lookup that has to leave the engine, as plain data: it may be sent to the controller.
struct LookupCall {
  std::string name;          ///< "file", "env", ...
  List terms;                ///< rendered
  Map options;               ///< rendered keyword arguments, without `wantlist` and `errors`
  Strings search_path = {};  ///< directories, first place first: the variable `ansible_search_path`
};

/// The text of a template that another one names.
struct Source {
  std::string text;
  std::string path;
};

/// What the engine asks of its surroundings. All of it happens on the controller.
class Services {
 public:
  virtual ~Services() = default;
  /// The results of a lookup, one list member each, or nothing when there is no lookup of that name. Asked for those
  /// that need the machine (`outside_lookups`). Throws Error when it fails.
  virtual std::optional<List> lookup(const LookupCall& call) const = 0;
  /// The template `name` that an include, import, extends or the lookup `template` asks for; nothing when there is
  /// none.
  virtual std::optional<Source> source(const std::string& name, const Strings& search_path) const = 0;
  /// For now() and strftime.
  virtual std::chrono::system_clock::time_point now() const = 0;
  /// For random, shuffle, random_choice and password_hash without a seed.
  virtual std::uint64_t random() const = 0;
  /// The value of an object that the engine does not know: an encrypted text, opened. Throws Error unless overridden.
  virtual Value open(const Value& object) const;
  /// The filters and tests that look at files (`is exists`, realpath, fileglob): whether and what `path` is there.
  virtual std::filesystem::file_status status(const std::filesystem::path& path, bool follow) const = 0;
};

/// The names that are asked of `Services::lookup`.
const Strings& outside_lookups();

/// The machine this process runs on.
class LocalServices : public Services {
 public:
  std::optional<List> lookup(const LookupCall& call) const override;
  std::optional<Source> source(const std::string& name, const Strings& search_path) const override;
  std::chrono::system_clock::time_point now() const override;
  std::uint64_t random() const override;
  std::filesystem::file_status status(const std::filesystem::path& path, bool follow) const override;
};

}  // namespace agent::jinja
