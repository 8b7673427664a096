#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <agent/sdk/error.hpp>
#include <agent/sdk/value.hpp>
#include <agent/template/services.hpp>

/// The language of `{{ ... }}`: Jinja as Ansible speaks it. Text is compiled once and evaluated many times.
namespace agent::jinja {

/// Where names get their values. What it returns is raw: it may be template text, or a tree that holds such, which the
/// engine renders at use and, within one call of the engine, once.
class Scope {
 public:
  virtual ~Scope() = default;
  virtual std::optional<Value> find(std::string_view name) const = 0;
  /// Every name there is: for "did you mean", `vars` and the varnames lookup.
  virtual Strings names() const = 0;
};

/// A scope made of a map, in front of another one if there is one (which has to outlive it).
class MapScope : public Scope {
 public:
  explicit MapScope(Map variables, const Scope* parent = nullptr) : variables_(std::move(variables)), parent_(parent) {}
  std::optional<Value> find(std::string_view name) const override;
  Strings names() const override;

 private:
  Map variables_;
  const Scope* parent_;
};

/// A mapping that is another scope: a host in `hostvars`, or `hostvars` itself. Its members are rendered in that scope,
/// when somebody asks for them.
class View : public Object {
 public:
  explicit View(std::shared_ptr<const Scope> scope) : scope_(std::move(scope)) {}
  std::string_view what() const override { return "a mapping of variables"; }
  const Scope& scope() const { return *scope_; }

 private:
  std::shared_ptr<const Scope> scope_;
};

/// What the variable `omit` is: an argument that renders to it is as if it had not been written.
Value omit();
bool is_omit(const Value& value);
/// `value` without the map entries and list items that are `omit`, at any depth.
Value without_omitted(const Value& value);

/// The answer to a condition. In check mode there is a third one.
struct Truth {
  enum class Answer { no, yes, unknown };
  Answer answer = Answer::no;
  Strings reasons = {};                     ///< why it is unknown
  std::optional<std::string> warning = {};  ///< it was answered, but says something that it should not
  Value value = {};                         ///< what the expression gave, before it was taken as yes or no

  bool is_yes() const { return answer == Answer::yes; }
  bool is_no() const { return answer == Answer::no; }
  bool is_unknown() const { return answer == Answer::unknown; }
};

/// A name that a text needs from its scope, and where it stands.
struct FreeName {
  std::string name;
  Where where;
  /// Nothing breaks when it is not defined: `x is defined`, `x | default(1)`, or behind such a test.
  bool guarded = false;
};

struct Options {
  bool trim_blocks = true;
  bool lstrip_blocks = false;
  /// The extensions `jinja2.ext.do` and `jinja2.ext.loopcontrols`.
  bool do_statement = false, loop_controls = false;
  std::size_t max_output = std::size_t{64} << 20;
  int max_depth = 100;  ///< of calls, includes, and variables that need variables
  std::chrono::milliseconds max_time = std::chrono::seconds(60);
};

/// How one file of the `template` module is read; its own `#jinja2:` line comes on top.
struct TemplateFileOptions {
  bool trim_blocks = true;
  bool lstrip_blocks = false;
  std::string newline_sequence = "\n";
  std::string block_start = "{%", block_end = "%}";
  std::string variable_start = "{{", variable_end = "}}";
  std::string comment_start = "{#", comment_end = "#}";
};

/// Compiles and evaluates. Const and safe to share between threads; compiled texts are kept as long as it lives.
///
/// All of these throw Error that points into the text that is wrong, and nothing else. Values that are unknown are no
/// error: results are unknown, or hold members that are.
class Engine {
 public:
  /// `services` has to outlive the engine.
  explicit Engine(const Services& services, Options options = {});
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// `value` with every template in it rendered, at any depth; keys stay as they are, as in Ansible. Text that is
  /// exactly one expression gives that expression's value with its type, any other text gives text. Text that is not
  /// marked as a template stays as it is, and nothing in the result is marked. The result holds no objects but
  /// `omit()`: see `without_omitted`.
  Value render(const Value& value, const Scope& scope) const;
  /// A whole file as the `template` module does it: always text. `start` names the file. Throws Unknown when it
  /// depends on a value that is.
  std::string render_file(const std::string& text, const Where& start, const Scope& scope,
                          const TemplateFileOptions& options = {}) const;
  /// A bare expression, as in `debug: var=`. Values that are not text are returned as they are.
  Value evaluate(const Value& expression, const Scope& scope) const;
  /// A condition: `when`, `until`, `changed_when`, `assert.that`. A boolean is its own answer; a list means all of
  /// them.
  Truth test(const Value& condition, const Scope& scope) const;
  /// What `with_NAME: terms` loops over: the lookup NAME with `terms`, rendered here, and wantlist.
  List loop_items(std::string_view lookup, const Value& terms, const Scope& scope) const;

  /// Every mistake that can be seen without any variable: syntax, unknown filters and tests; in all templates of a
  /// tree.
  std::vector<Error> syntax_errors(const Value& value, bool is_expression = false) const;
  /// What a text (or every text of a tree) needs from its scope.
  std::vector<FreeName> free_variables(const Value& value, bool is_expression = false) const;
  /// Whether there is anything to render in `value`: a marked text with a `{{`, `{%` or `{#`, at any depth.
  static bool has_templates(const Value& value);

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace agent::jinja
