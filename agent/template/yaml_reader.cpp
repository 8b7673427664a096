// The engine's door to yaml-cpp.
#include <map>
#include <sstream>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <agent/sdk/error.hpp>
#include <agent/template/base64.hpp>
#include <agent/template/printing.hpp>
#include <agent/template/yaml_reader.hpp>
#include <agent/template/yaml_scalar.hpp>

namespace agent::jinja {

namespace {

constexpr std::size_t most_nodes = 1'000'000, deepest = 64;

class Builder : public YAML::EventHandler {
 public:
  List documents;

  void OnDocumentStart(const YAML::Mark& mark) override {
    // yaml-cpp makes empty documents without end of a ',' that stands where none may: it never gets past it.
    if (mark.pos == start_) fail("a node was expected", mark);
    start_ = mark.pos;
    anchors_.clear();
    open_.clear();
    root_ = Value();
  }
  void OnDocumentEnd() override { documents.push_back(std::move(root_)); }
  void OnNull(const YAML::Mark&, YAML::anchor_t anchor) override { add({Value(), 1}, anchor); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) fail("an alias names what it is a part of", mark);
    add(found->second, 0);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    add({scalar(mark, tag, text), 1}, anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    begin(false, mark, tag, anchor);
  }
  void OnSequenceEnd() override {
    Open done = end();
    add({Value(std::move(done.items)), done.nodes}, done.anchor);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    begin(true, mark, tag, anchor);
  }
  void OnMapEnd() override {
    Open done = end();
    // A key that is written beats one that is merged in, wherever the `<<` stands.
    Map map;
    for (const Value& merge : done.merges) {
      const List several = merge.is_list() ? merge.list() : List{merge};
      for (auto it = several.rbegin(); it != several.rend(); ++it)
        if (it->is_map()) map.merge(it->map());
    }
    map.merge(done.map);
    add({Value(std::move(map)), done.nodes}, done.anchor);
  }

 private:
  struct Built {
    Value value;
    std::size_t nodes;
  };
  struct Open {
    bool is_map = false;
    YAML::anchor_t anchor = 0;
    List items, merges;
    Map map;
    std::optional<Value> key;
    std::size_t nodes = 1;
  };

  [[noreturn]] static void fail(const std::string& what, const YAML::Mark& mark) {
    throw Error("this is no YAML: " + what + ", at line " + std::to_string(mark.line + 1) + ", column " +
                std::to_string(mark.column + 1));
  }

  static Value scalar(const YAML::Mark& mark, const std::string& tag, const std::string& text) {
    if (tag == "?") return yaml_scalar(text);
    if (tag == "!" || tag.empty() || tag == "tag:yaml.org,2002:str" || tag == "!unsafe") return text;
    if (tag == "tag:yaml.org,2002:binary") return base64_decoded(text);
    for (const char* known : {"int", "float", "bool", "null", "timestamp"})
      if (tag == std::string("tag:yaml.org,2002:") + known) return yaml_scalar(text);
    fail("the tag '" + tag + "' means nothing here", mark);
  }

  void begin(bool is_map, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    if (open_.size() >= deepest) fail("it is nested too deeply", mark);
    if (tag != "?" && tag != "!" && !tag.empty() && tag != "tag:yaml.org,2002:map" && tag != "tag:yaml.org,2002:seq")
      fail("the tag '" + tag + "' means nothing here", mark);
    open_.push_back({is_map, anchor, {}, {}, {}, {}, 1});
  }

  Open end() {
    Open done = std::move(open_.back());
    open_.pop_back();
    return done;
  }

  void add(Built built, YAML::anchor_t anchor) {
    if (anchor != 0) anchors_[anchor] = built;
    nodes_ += built.nodes;
    if (nodes_ > most_nodes) throw Error("the YAML is too large").hint("aliases count with all that they stand for");
    if (open_.empty()) {
      root_ = std::move(built.value);
      return;
    }
    Open& open = open_.back();
    open.nodes += built.nodes;
    if (!open.is_map)
      open.items.push_back(std::move(built.value));
    else if (!open.key)
      open.key = std::move(built.value);
    else if (open.key->is_string() && open.key->string() == "<<")
      open.merges.push_back(std::move(built.value)), open.key.reset();
    else
      open.map.set(print(*open.key), std::move(built.value)), open.key.reset();
  }

  std::map<YAML::anchor_t, Built> anchors_;
  std::vector<Open> open_;
  Value root_;
  std::size_t nodes_ = 0;
  int start_ = -1;  // of the document
};

}  // namespace

List read_yaml(const std::string& text) {
  std::istringstream stream(text);
  Builder builder;
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) continue;
  } catch (const YAML::Exception& error) {
    throw Error("this is no YAML: " + error.msg + ", at line " + std::to_string(error.mark.line + 1) + ", column " +
                std::to_string(error.mark.column + 1));
  }
  return std::move(builder.documents);
}

}  // namespace agent::jinja
