#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <agent/sdk/error.hpp>
#include <agent/sdk/plan.hpp>
#include <agent/sdk/value.hpp>

/// The one door for yaml-cpp. It is a library of its own, because playbook and inventory both read YAML and neither may
/// include the other.
namespace agent::yaml {

/// What a text may cost (reliability R17). Nodes are counted after alias expansion.
struct Limits {
  std::size_t depth = 64;
  std::size_t nodes = 400'000;  ///< R17 allows a million; this many are read within a second
  std::size_t file = std::size_t{16} << 20;
  std::size_t scalar = std::size_t{6} << 20;  ///< R17 allows 8 MiB; see `nodes`
  std::size_t line = std::size_t{6} << 20;    ///< nothing that people write is longer, and it is slow to read
};

struct Options {
  /// Text is marked as a template (`Value::is_template`), unless it is `!unsafe`. Off for text that came from a host.
  bool templates = true;
  Limits limits = {};
};

/// Where the keys of a document's mappings stand: beside the values, since a Map has no room for it. Valid for the maps
/// of the document it came with, however their values were copied.
class KeyPlaces {
 public:
  /// The place of `key` in `map`; nowhere when the map did not come from the document.
  Where find(const Map& map, std::string_view key) const;
  /// The places of all keys of `map`, in its order; null when it did not come from the document.
  const std::vector<Where>* all(const Map& map) const;
  void put(const Map& map, std::vector<Where> places);

 private:
  std::unordered_map<const Map*, std::vector<Where>> places_;
};

/// A text, understood. Of several documents in one file only the first counts.
struct Document {
  Value root;  ///< null for an empty text
  KeyPlaces keys;
  std::vector<Error> warnings;  ///< duplicate keys: the last one counts
};

/// Reads YAML 1.1 as PyYAML does, or JSON when the text is JSON. `file` is the name that places show; the place of a
/// text is that of its first character, behind the quote or below the `|`. Throws Error for
/// what is not YAML, for tags other than !unsafe, !vault and the core ones, and past the limits.
Document read(std::string_view text, std::shared_ptr<const std::string> file, const Options& options = {});
Document read(std::string_view text, const std::string& file, const Options& options = {});

/// The whole text of a file, at most `limits.file` bytes. Throws Error that says why it cannot be read.
std::string load(const Path& file, const Limits& limits = {});

/// What a plain scalar stands for by YAML 1.1: `yes` is true, `0644` is 420, `1:30` is 90. Text stays text, unmarked.
Value plain_scalar(std::string_view text);

/// The place of the character `offset` (in bytes) of a text value that stands at `start`. Exact for plain, quoted and
/// `|` scalars, as long as there are no escapes and no folded lines before it.
Where place_inside(const Where& start, std::string_view value, std::size_t offset);

}  // namespace agent::yaml
