#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <agent/template/frame.hpp>
#include <agent/template/run.hpp>

namespace agent::jinja {

/// What a template has put out so far. As long as that is one value, it keeps its type.
class Collected {
 public:
  void put_text(Run& run, std::string_view text);
  void put(Run& run, const Value& value);
  /// What is put out from here on hangs on this unknown value.
  void put_unknown(const Value& unknown);
  bool is_unknown() const { return !unknown_.empty(); }
  /// The one value that was put out, or all of it as text, or nothing (null).
  Value value(std::size_t final_newlines = 0) const;
  Value text(std::size_t final_newlines = 0) const;

 private:
  void flatten();
  std::optional<Value> single_;
  std::string text_;
  bool many_ = false;
  Strings unknown_;
};

/// Walks one program over the variables of one scope.
class Interpreter : public Context {
 public:
  Interpreter(Run& run, Variables& variables, ProgramPtr program, Where start);

  /// The whole template into `output`.
  void run(Collected& output);
  Value evaluate(const Expression& expression);
  /// Throws the first mistake of the program, if it has one.
  static void need_sound(const Program& program, const Where& start);
  static Where place(const Program& program, const Where& start, std::size_t offset);

  /// Whatever a variable holds, rendered at every depth.
  Value rendered(const Value& raw, Variables& variables, const std::string& name);

  // What filters and tests ask.
  const Services& services() const override { return run_.services(); }
  std::optional<Value> variable(std::string_view name) override;
  Strings variable_names() override;
  Value filtered(const std::string& filter, const Value& input, Arguments arguments) override;
  bool tested(const std::string& test, const Value& input, Arguments arguments) override;
  bool has_filter(const std::string& name) const override { return run_.registry().filter(name) != nullptr; }
  bool has_test(const std::string& name) const override { return run_.registry().test(name) != nullptr; }
  Value call(const Value& callee, Arguments arguments) override;
  Value attribute(const Value& value, std::string_view name) override;
  Value item(const Value& value, const Value& index) override;
  Value opened(const Value& value) override;
  Value lookup(const std::string& name, List terms, Arguments options, bool want_list) override;
  Value render_source(const Source& source, const Map& variables) override;
  Strings search_path() override;
  void spend(std::size_t bytes) override { run_.spend(bytes); }
  std::size_t max_output() const override { return run_.options().max_output; }

  /// The text of a macro called with `arguments`, in the frame it was made in.
  Value call_macro(const class Macro& macro, Arguments arguments);
  /// `loop(items)` of a recursive loop.
  Value loop_again(const class Loop& loop, const Value& items);
  /// What the block `name` puts out; `level` 0 is the most derived one.
  Value block_value(const std::string& name, std::size_t level);

 private:
  /// A value that may still hold templates of `raw_in`.
  struct Lazy {
    Value value;
    Variables* raw_in = nullptr;
  };
  enum class Flow { on, stop, again };

  // Expressions.
  Value evaluate_placed(const Expression& expression);
  Lazy lazy(const Expression& expression);
  Lazy lazy_name(const Name& name);
  Lazy lazy_variable(std::string_view name, Variables& variables);
  Lazy lazy_member(const Lazy& object, const Expression& expression, const Value& index, bool is_attribute);
  Value forced(Lazy lazy, const Expression& expression);
  Value missing_name(const std::string& name);
  Value unary(const Unary& node);
  Value binary(const Binary& node);
  Value both_or_either(const Binary& node);
  Value concat(const Concat& node);
  Value compare(const Compare& node);
  Value compare_pair(Comparison comparison, const Value& left, const Value& right);
  Value conditional(const Conditional& node);
  Value subscript(const Subscript& node);
  Value slice(const Value& value, const Slice& node);
  Value call_expression(const Call& node);
  std::optional<Value> call_method(const Attribute& callee, const CallArguments& arguments);
  std::optional<Value> change(const Expression& target, std::string_view method, const Arguments& arguments);
  void store(const Expression& target, Value value);
  Value filter(const FilterUse& node, const Value* block_input);
  Value filter_input(const FilterUse& node, const Value* block_input);
  Value test(const TestUse& node);
  Arguments arguments(const CallArguments& node);
  Value apply(const Filter& filter, const std::string& callee, const Value& input, Arguments arguments);
  Value render_text(const Value& text, Variables& variables, const std::string& name);
  std::string path_of(const Expression& expression) const;

  // Statements.
  Flow execute(const Body& body, Collected& output);
  Flow execute(const Statement& statement, Collected& output);
  Flow execute_condition(const If& node, Collected& output);
  Flow execute_loop(const For& node, Collected& output);
  Flow iterate(const For& node, const Value& items, int depth, Collected& output);
  std::optional<List> items_of(const Value& value);
  std::optional<List> loop_items(const For& node, const Value& items);
  Collected block_output(const Body& body);
  void assign(const Target& target, const Value& value);
  void forget(const Body& body, const Value& unknown);
  Value call_block(const CallBlock& node);
  void include(const Include& node, Collected& output);
  Value import_module(const Expression& source, bool with_context);
  void register_blocks();
  void from_import(const FromImport& node);
  void extend(const Extends& node, Collected& output);
  void block(const Block& node, Collected& output);
  void block(const std::string& name, std::size_t level, Collected& output);
  struct Loaded {
    ProgramPtr program;
    Where start;
  };
  std::optional<Loaded> load(const Value& names);

  [[nodiscard]] Where place(std::size_t offset) const { return place(*program_, start_, offset); }
  Error& placed(Error& error, std::size_t offset, std::size_t end) const;

  Run& run_;
  Variables& variables_;
  ProgramPtr program_;
  Where start_;
  FramePtr frame_;
  /// The blocks of a template and of what it extends: the most derived first.
  struct BlockLevel {
    const Block* block;
    ProgramPtr program;
    Where start;
  };
  using BlockLevels = std::map<std::string, std::vector<BlockLevel>>;
  std::shared_ptr<BlockLevels> blocks_ = std::make_shared<BlockLevels>();
  /// `extends` was met: what else this template puts out does not count.
  std::optional<Loaded> parent_;
  friend class Macro;
};

}  // namespace agent::jinja
