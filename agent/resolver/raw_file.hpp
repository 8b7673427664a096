#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <agent/resolver/tables.hpp>
#include <agent/sdk/plan.hpp>

namespace agent::resolver {

/// A row of a table as it is written, told apart from the others but not understood yet.
struct RawRow {
  std::string identity;
  Value value;
  std::shared_ptr<const SourceTexts> sources;
};

/// One file of the tables as it is written.
struct RawFile {
  std::string updated;  ///< its date; empty: it has none
  std::shared_ptr<const SourceTexts> sources;
  std::map<std::string, Rule> rules;                 ///< by name, without the file's
  std::map<std::string, std::vector<RawRow>> lists;  ///< by name
};

/// Reads `text`, the table NAME.yml at `path`. Throws Error at what is broken.
RawFile read_raw_file(const std::string& name, const Path& path, const std::string& text);

/// The tables of a folder in a form that is read in a tenth of the time, with the digest of the text of each: what
/// `Compiled` reads. Throws Error where a table is broken.
std::string compiled_tables(const Path& folder);

/// What the build made of a folder's tables.
class Compiled {
 public:
  /// Reads `file`; nothing that is missing, broken or of another version of the agent is in it.
  explicit Compiled(const Path& file);
  /// The table NAME.yml at `path`, if it was made of exactly this text.
  std::optional<RawFile> find(const std::string& name, const Path& path, const std::string& text) const;

 private:
  Value files_;
};

}  // namespace agent::resolver
