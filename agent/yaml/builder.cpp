#include <algorithm>
#include <unordered_map>

#include <agent/yaml/builder.hpp>
#include <agent/yaml/encrypted.hpp>
#include <agent/yaml/mistakes.hpp>

namespace agent::yaml {
namespace {

constexpr std::string_view core = "tag:yaml.org,2002:";

/// "!!str" for "tag:yaml.org,2002:str", as people write it.
std::string short_tag(std::string_view tag) {
  return tag.substr(0, core.size()) == core ? "!!" + std::string(tag.substr(core.size())) : std::string(tag);
}

bool is_core(std::string_view tag, std::string_view name) {
  return tag.substr(0, core.size()) == core && tag.substr(core.size()) == name;
}

Error unknown_tag(std::string_view tag, const Where& where) {
  return Error("tag '" + short_tag(tag) + "' is not supported")
      .at(where)
      .spanning(static_cast<int>(short_tag(tag).size()))
      .hint("'!unsafe' and '!vault' are; text that starts with '!' must be quoted");
}

/// How Python prints a key that is no text: `1: x` has the key "1", `yes: x` the key "True".
std::string key_text(const Value& value) {
  if (value.is_string()) return value.string();
  if (value.is_null()) return "None";
  if (value.is_boolean()) return value.boolean() ? "True" : "False";
  return value.json();
}

Error key_is_collection(const Source& source, const Where& where) {
  // An unquoted `{{ x }}` is a mapping in a mapping: what beginners meet first.
  reject_bare_template(source, where.line - 1);
  return Error("a mapping or list cannot be a key").at(where).hint("a key that starts with '{' or '[' must be quoted");
}

}  // namespace

void Builder::spend(std::size_t nodes, const Where& where) {
  nodes_ += nodes;
  if (nodes_ > options_.limits.nodes)
    throw Error("more than " + std::to_string(options_.limits.nodes) + " values, aliases counted each time")
        .at(where)
        .hint("split the file");
}

void Builder::scalar(const Where& where, std::string_view tag, std::size_t anchor, std::string_view text, Style style) {
  if (text.size() > options_.limits.scalar)
    throw Error("text of " + std::to_string(text.size()) + " bytes is longer than the limit of " +
                std::to_string(options_.limits.scalar))
        .at(where);
  spend(1, where);
  if (is_in_map() && !frames_.back().key && anchor == 0) return add_key(where, tag, text, style);
  if (is_in_map() && !frames_.back().key) {
    reserve_anchor(anchor, where);
    anchors_[anchor] = Built{scalar_value(where, tag, text, style)};
    return add_key(where, tag, text, style);
  }
  // The parser notices a missing value only at the next line: say where it is missing.
  const bool is_missing = text.empty() && tag.empty() && style == Style::plain && is_in_map();
  add({scalar_value(is_missing ? frames_.back().key_where : where, tag, text, style)}, anchor);
}

/// Room for anchor number `anchor`. yaml-cpp remembers their names, so their number is limited too.
void Builder::reserve_anchor(std::size_t anchor, const Where& where) {
  if (anchor > 100'000) throw Error("more than 100000 anchors").at(where);
  if (anchor >= anchors_.size()) anchors_.resize(anchor + 1);
}

void Builder::add_key(const Where& where, std::string_view tag, std::string_view text, Style style) {
  Frame& frame = frames_.back();
  frame.key_where = where;
  frame.is_merge = style == Style::plain && tag.empty() && text == "<<";
  frame.key =
      style == Style::quoted && tag.empty() ? std::string(text) : key_text(scalar_value(where, tag, text, style));
}

Value Builder::text_value(const Where& where, std::string_view text, bool unsafe) const {
  if (options_.templates && !unsafe) return Value::template_text(std::string(text), where);
  return Value(std::string(text)).at(where);
}

Value Builder::scalar_value(const Where& where, std::string_view tag, std::string_view text, Style style) const {
  if (tag.empty() && style == Style::quoted) return text_value(where, text, is_unsafe());
  if (tag.empty()) {
    const Value value = plain_scalar(text);
    return value.is_string() ? text_value(where, text, is_unsafe()) : value.at(where);
  }
  if (tag == "!unsafe") return text_value(where, text, true);
  if (tag == "!vault" || tag == "!vault-encrypted")
    return Value(std::shared_ptr<const Object>(std::make_shared<Encrypted>(std::string(text)))).at(where);
  if (is_core(tag, "str")) return text_value(where, text, is_unsafe());
  const Value value = plain_scalar(text);
  const bool fits = (is_core(tag, "int") && value.is_integer()) || (is_core(tag, "bool") && value.is_boolean()) ||
                    (is_core(tag, "null") && value.is_null()) || (is_core(tag, "float") && value.is_number());
  if (fits) return (is_core(tag, "float") ? Value(value.real()) : value).at(where);
  for (const std::string_view name : {"int", "bool", "null", "float"})
    if (is_core(tag, name)) throw Error("'" + std::string(text) + "' is no '" + short_tag(tag) + "' value").at(where);
  throw unknown_tag(tag, where);
}

void Builder::value(const Where& where, Value value) {
  spend(1, where);
  add({std::move(value).at(where)}, 0);
}

void Builder::alias(const Where& where, std::size_t anchor) {
  if (anchor >= anchors_.size() || !anchors_[anchor])
    throw Error("an alias inside the value that it stands for would never end").at(where);
  Built copy = *anchors_[anchor];
  spend(copy.nodes, where);
  if (frames_.size() + copy.depth > options_.limits.depth + 1)
    throw Error("nested more than " + std::to_string(options_.limits.depth) + " levels deep").at(where);
  if (is_in_map() && !frames_.back().key) {
    if (copy.value.is_list() || copy.value.is_map()) throw key_is_collection(source_, where);
    frames_.back().key = key_text(copy.value);
    frames_.back().key_where = where;
    frames_.back().is_merge = false;
    return;
  }
  add(std::move(copy), 0);
}

void Builder::begin_list(const Where& where, std::string_view tag, std::size_t anchor) {
  if (!tag.empty() && tag != "!unsafe" && !is_core(tag, "seq")) throw unknown_tag(tag, where);
  Frame frame;
  frame.where = where;
  frame.anchor = anchor;
  begin(std::move(frame), tag);
}

void Builder::begin_map(const Where& where, std::string_view tag, std::size_t anchor) {
  if (!tag.empty() && tag != "!unsafe" && !is_core(tag, "map")) throw unknown_tag(tag, where);
  Frame frame;
  frame.is_map = true;
  frame.where = where;
  frame.anchor = anchor;
  begin(std::move(frame), tag);
}

void Builder::begin(Frame frame, std::string_view tag) {
  spend(1, frame.where);
  if (is_in_map() && !frames_.back().key) throw key_is_collection(source_, frame.where);
  if (frames_.size() >= options_.limits.depth)
    throw Error("nested more than " + std::to_string(options_.limits.depth) + " levels deep").at(frame.where);
  frame.unsafe = tag == "!unsafe" || is_unsafe();
  reserve_anchor(frame.anchor, frame.where);
  if (frame.anchor != 0) anchors_[frame.anchor].reset();
  frames_.push_back(std::move(frame));
}

void Builder::end() {
  Frame frame = std::move(frames_.back());
  frames_.pop_back();
  Built built{{}, frame.nodes, frame.depth};
  if (frame.is_map)
    built.value = merged(frame);
  else
    built.value = Value(std::move(frame.items)).at(frame.where);
  add(std::move(built), frame.anchor);
}

void Builder::add(Built built, std::size_t anchor) {
  if (anchor != 0) {
    reserve_anchor(anchor, built.value.where());
    anchors_[anchor] = built;
  }
  if (frames_.empty()) {
    document_.root = std::move(built.value);
    return;
  }
  Frame& frame = frames_.back();
  frame.nodes += built.nodes;
  frame.depth = std::max(frame.depth, built.depth + 1);
  if (!frame.is_map)
    frame.items.push_back(std::move(built.value));
  else if (frame.is_merge)
    frame.merges.push_back(std::move(built.value)), frame.key.reset();
  else
    add_entry(frame, std::move(built.value));
}

void Builder::add_entry(Frame& frame, Value value) {
  const std::string key = std::move(*frame.key);
  frame.key.reset();
  const std::size_t before = frame.map.size();
  frame.map.set(key, std::move(value));
  if (frame.map.size() > before) return frame.places.push_back(frame.key_where);
  const auto entry = std::find_if(frame.map.begin(), frame.map.end(), [&](const auto& e) { return e.first == key; });
  // A file with more of them than this is no file that a person wrote; each costs a search.
  if (document_.warnings.size() >= 100) throw Error("more than 100 keys are given twice").at(frame.key_where);
  Where& place = frame.places[static_cast<std::size_t>(entry - frame.map.begin())];
  document_.warnings.push_back(Error("key '" + key + "' is given twice, in line " + std::to_string(place.line) +
                                     " and in line " + std::to_string(frame.key_where.line) + "; the last one counts")
                                   .at(frame.key_where)
                                   .spanning(static_cast<int>(key.size()))
                                   .hint("remove one of them"));
  place = frame.key_where;
}

/// A mapping that grows by whole mappings: later entries win and keep the place of the earlier in the order.
class Builder::Merge {
 public:
  void put(const std::string& key, const Value& value, const Where& place) {
    const auto [at, is_new] = index_.emplace(key, places_.size());
    if (is_new)
      places_.push_back(place);
    else
      places_[at->second] = place;
    map_.set(key, value);
  }
  void put_all(const Map& map, const std::vector<Where>* places) {
    std::size_t index = 0;
    for (const auto& [key, value] : map) put(key, value, places ? (*places)[index++] : value.where());
  }
  Map map_;
  std::vector<Where> places_;

 private:
  std::unordered_map<std::string, std::size_t> index_;
};

/// The finished mapping. What `<<` brings comes first, and the mapping's own keys win, as in PyYAML.
Value Builder::merged(Frame& frame) {
  if (!frame.merges.empty()) {
    Merge merge;
    for (const Value& source : frame.merges) merge_one(source, merge);
    merge.put_all(frame.map, &frame.places);
    frame.map = std::move(merge.map_);
    frame.places = std::move(merge.places_);
  }
  Value value = Value(std::move(frame.map)).at(frame.where);
  document_.keys.put(value.map(), std::move(frame.places));
  return value;
}

void Builder::merge_one(const Value& source, Merge& merge) {
  if (source.is_map()) return merge.put_all(source.map(), document_.keys.all(source.map()));
  if (!source.is_list())
    throw Error("'<<' merges a mapping or a list of mappings, not " + std::string(name_of(source.kind())))
        .at(source.where());
  // Of a list of mappings the first wins: lay them from the last to the first.
  for (auto item = source.list().rbegin(); item != source.list().rend(); ++item) merge_one(*item, merge);
}

}  // namespace agent::yaml
