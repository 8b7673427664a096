#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <agent/yaml/source.hpp>
#include <agent/yaml/yaml.hpp>

namespace agent::yaml {

/// Puts a document together from what a parser meets, in order: values, merges, anchors, and the limits, which hold
/// while the text is still being read. Whoever calls it need not check anything.
class Builder {
 public:
  Builder(const Source& source, const Options& options) : source_(source), options_(options) {}

  enum class Style { plain, quoted };
  /// `tag` is empty where the text has none; `anchor` 0 is none.
  void scalar(const Where& where, std::string_view tag, std::size_t anchor, std::string_view text, Style style);
  /// A value whose kind the text itself says (JSON).
  void value(const Where& where, Value value);
  void alias(const Where& where, std::size_t anchor);
  void begin_list(const Where& where, std::string_view tag, std::size_t anchor);
  void begin_map(const Where& where, std::string_view tag, std::size_t anchor);
  void end();

  bool is_in_map() const { return !frames_.empty() && frames_.back().is_map; }
  Document take() { return std::move(document_); }

 private:
  /// A value with what it costs: nodes and depth, for aliases that repeat it.
  struct Built {
    Value value;
    std::size_t nodes = 1, depth = 1;
  };
  struct Frame {
    bool is_map = false, unsafe = false;
    Where where;
    std::size_t anchor = 0;
    std::size_t nodes = 1, depth = 1;
    List items;
    Map map;
    std::vector<Where> places;
    std::optional<std::string> key;  ///< read, its value is next
    Where key_where;
    bool is_merge = false;  ///< the key is a plain `<<`
    List merges;
  };
  void begin(Frame frame, std::string_view tag);
  void add(Built built, std::size_t anchor);
  void add_key(const Where& where, std::string_view tag, std::string_view text, Style style);
  void add_entry(Frame& frame, Value value);
  void reserve_anchor(std::size_t anchor, const Where& where);
  void spend(std::size_t nodes, const Where& where);
  bool is_unsafe() const { return !frames_.empty() && frames_.back().unsafe; }
  Value scalar_value(const Where& where, std::string_view tag, std::string_view text, Style style) const;
  Value text_value(const Where& where, std::string_view text, bool unsafe) const;
  class Merge;
  Value merged(Frame& frame);
  void merge_one(const Value& source, Merge& merge);

  const Source& source_;
  const Options& options_;
  std::vector<Frame> frames_;
  std::vector<std::optional<Built>> anchors_;  ///< by number; empty while the anchored node is not finished
  std::size_t nodes_ = 0;
  Document document_;
};

}  // namespace agent::yaml
