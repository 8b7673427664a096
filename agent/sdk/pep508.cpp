#include <algorithm>
#include <array>

#include <agent/sdk/error.hpp>
#include <agent/sdk/pep508.hpp>

namespace agent::pep508 {

/// A comparison (`op` is "==", "in", ...), a joint ("and", "or") of two, or one side of a comparison ("" with `value`).
struct Marker::Node {
  std::string op;
  std::string value;
  bool is_variable = false;
  std::shared_ptr<const Node> left, right;
};

namespace {

using Node = Marker::Node;
using NodePointer = std::shared_ptr<const Node>;

constexpr bool is_alnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
constexpr bool is_word(char c) {
  return is_alnum(c) || c == '_' || c == '.' || c == '-';
}

constexpr std::array variables = {"python_version",
                                  "python_full_version",
                                  "os_name",
                                  "sys_platform",
                                  "platform_release",
                                  "platform_system",
                                  "platform_version",
                                  "platform_machine",
                                  "implementation_name",
                                  "implementation_version",
                                  "extra",
                                  "platform_python_implementation"};

/// Old spellings that published packages still carry.
std::string canonical_variable(std::string name) {
  if (name == "os.name" || name == "sys.platform" || name.starts_with("platform."))
    std::replace(name.begin(), name.end(), '.', '_');
  return name == "python_implementation" ? "platform_python_implementation" : name;
}

bool needs_version(const std::string& variable) {
  return variable == "python_version" || variable == "python_full_version" || variable == "implementation_version" ||
         variable == "platform_release";
}

/// Walks a text that must be a requirement or a marker.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Requirement requirement() {
    Requirement found;
    spaces();
    found.name = identifier("a package name");
    spaces();
    if (skip("[")) extras(found.extras);
    spaces();
    if (skip("@")) {
      url(found);
    } else {
      specifiers(found);
    }
    spaces();
    if (skip(";"))
      found.marker = Marker::parse(rest());
    else if (!rest().empty())
      fail("a version comparison or ';'");
    return found;
  }

  NodePointer marker() {
    NodePointer node = any();
    spaces();
    if (!rest().empty()) fail("'and', 'or' or the end");
    return node;
  }

 private:
  std::string_view rest() const { return text_.substr(at_); }
  [[noreturn]] void fail(const std::string& expected) const {
    const std::string found = rest().empty() ? "the end" : "'" + std::string(rest().substr(0, 20)) + "'";
    throw Error("cannot read '" + std::string(text_) + "': expected " + expected + ", found " + found);
  }
  void spaces() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }
  bool skip(std::string_view word) {
    if (!rest().starts_with(word)) return false;
    at_ += word.size();
    return true;
  }
  /// A word that ends here: "in" but not "index".
  bool keyword(std::string_view word) {
    if (!rest().starts_with(word)) return false;
    if (const auto after = rest().substr(word.size()); !after.empty() && is_word(after.front())) return false;
    at_ += word.size();
    return true;
  }
  std::string identifier(const std::string& what) {
    std::size_t size = 0;
    while (size < rest().size() && is_word(rest()[size])) ++size;
    while (size > 0 && !is_alnum(rest()[size - 1])) --size;
    if (size == 0 || !is_alnum(rest().front())) fail(what);
    std::string name(rest().substr(0, size));
    at_ += size;
    return name;
  }

  void extras(Strings& names) {
    spaces();
    if (skip("]")) return;
    for (;;) {
      spaces();
      names.push_back(normalized(identifier("the name of an extra")));
      spaces();
      if (skip("]")) return;
      if (!skip(",")) fail("',' or ']'");
    }
  }
  void url(Requirement& found) {
    spaces();
    const auto end = std::min(rest().find_first_of(" \t"), rest().size());
    if (end == 0) fail("a URL");
    found.url = rest().substr(0, end);
    at_ += end;
  }
  void specifiers(Requirement& found) {
    const bool parenthesis = skip("(");
    const auto end = std::min(rest().find_first_of(parenthesis ? ")" : ";"), rest().size());
    const auto set = pep440::SpecifierSet::parse(rest().substr(0, end));
    if (!set) fail("a version comparison such as '>=1.2'");
    found.versions = *set;
    at_ += end;
    if (parenthesis && !skip(")")) fail("')'");
  }

  // or binds less than and; both from left to right
  NodePointer any() {
    NodePointer left = all();
    for (spaces(); keyword("or"); spaces()) left = join("or", left, all());
    return left;
  }
  NodePointer all() {
    NodePointer left = atom();
    for (spaces(); keyword("and"); spaces()) left = join("and", left, atom());
    return left;
  }
  static NodePointer join(std::string op, NodePointer left, NodePointer right) {
    return std::make_shared<Node>(Node{std::move(op), "", false, std::move(left), std::move(right)});
  }
  NodePointer atom() {
    spaces();
    if (skip("(")) {
      if (++depth_ > 100) fail("fewer parentheses");
      NodePointer inner = any();
      --depth_;
      spaces();
      if (!skip(")")) fail("')'");
      return inner;
    }
    NodePointer left = side();
    spaces();
    std::string op = comparison();
    spaces();
    NodePointer right = side();
    if (left->is_variable == right->is_variable) fail("one marker name and one quoted text");
    return join(std::move(op), std::move(left), std::move(right));
  }
  std::string comparison() {
    for (const char* op : {"===", "==", "~=", "!=", "<=", ">=", "<", ">"})
      if (skip(op)) return op;
    if (keyword("in")) return "in";
    if (keyword("not")) {
      spaces();
      if (keyword("in")) return "not in";
      fail("'in'");
    }
    fail("a comparison such as '==' or 'in'");
  }
  NodePointer side() {
    spaces();
    Node node;
    if (const char quote = rest().empty() ? ' ' : rest().front(); quote == '"' || quote == '\'') {
      const auto end = rest().find(quote, 1);
      if (end == std::string_view::npos) fail("the closing quote");
      node.value = rest().substr(1, end - 1);
      at_ += end + 1;
    } else {
      const auto before = at_;
      node.value = canonical_variable(identifier("a marker name or a quoted text"));
      node.is_variable = true;
      if (std::find(variables.begin(), variables.end(), node.value) == variables.end()) {
        at_ = before;
        fail("a marker name such as 'python_version'");
      }
    }
    return std::make_shared<Node>(std::move(node));
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

std::string value_of(const Node& side, const std::string& variable, const MarkerValues& values,
                     std::string_view extra) {
  if (variable == "extra") return normalized(side.is_variable ? extra : std::string_view(side.value));
  if (!side.is_variable) return side.value;
  const auto found = values.find(side.value);
  return found == values.end() ? "" : found->second;
}

/// As `packaging` decides: names that hold versions compare as versions where the text is one, all others as texts,
/// which are equal or not and never less.
bool compare(const Node& node, const MarkerValues& values, std::string_view extra) {
  const std::string& variable = node.left->is_variable ? node.left->value : node.right->value;
  const std::string left = value_of(*node.left, variable, values, extra);
  const std::string right = value_of(*node.right, variable, values, extra);
  if (needs_version(variable))
    if (const auto specifier = pep440::Specifier::parse(node.op + right)) return specifier->contains(left);
  if (node.op == "in") return right.find(left) != std::string::npos;
  if (node.op == "not in") return right.find(left) == std::string::npos;
  if (node.op == "==" || node.op == "<=" || node.op == ">=") return left == right;
  return node.op == "!=" && left != right;
}

bool holds(const Node& node, const MarkerValues& values, std::string_view extra) {
  if (node.op == "and") return holds(*node.left, values, extra) && holds(*node.right, values, extra);
  if (node.op == "or") return holds(*node.left, values, extra) || holds(*node.right, values, extra);
  return compare(node, values, extra);
}

std::string text_of(const Node& node) {
  if (node.op.empty()) {
    if (node.is_variable) return node.value;
    const char quote = node.value.find('"') == std::string::npos ? '"' : '\'';
    return quote + node.value + quote;
  }
  const auto side = [&](const Node& part) {
    return node.op == "and" && part.op == "or" ? "(" + text_of(part) + ")" : text_of(part);
  };
  return side(*node.left) + " " + node.op + " " + side(*node.right);
}

}  // namespace

std::string normalized(std::string_view name) {
  std::string out;
  bool gap = false;
  for (const char c : name) {
    if (c == '-' || c == '_' || c == '.') {
      gap = true;
      continue;
    }
    if (gap) out += '-';
    gap = false;
    out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return gap ? out + "-" : out;
}

Marker Marker::parse(std::string_view text) {
  Marker marker;
  marker.root_ = Reader(text).marker();
  return marker;
}

bool Marker::holds(const MarkerValues& values, std::string_view extra) const {
  return pep508::holds(*root_, values, extra);
}

std::string Marker::text() const {
  return text_of(*root_);
}

Requirement Requirement::parse(std::string_view text) {
  return Reader(text).requirement();
}

std::string Requirement::text() const {
  std::string out = name;
  for (std::size_t i = 0; i < extras.size(); ++i) out += (i ? "," : "[") + extras[i];
  if (!extras.empty()) out += "]";
  return url.empty() ? out + versions.text() : out + " @ " + url;
}

}  // namespace agent::pep508
