#include <algorithm>

#include <agent/template/compare.hpp>
#include <agent/template/interpreter.hpp>
#include <agent/template/macro.hpp>
#include <agent/template/printing.hpp>
#include <agent/template/unicode.hpp>

namespace agent::jinja {

namespace {

// Runs the body in a frame of its own, and comes back to the old one whatever happens.
class InFrame {
 public:
  InFrame(FramePtr& current, FramePtr next) : current_(current), old_(std::exchange(current, std::move(next))) {}
  ~InFrame() { current_ = std::move(old_); }
  InFrame(const InFrame&) = delete;
  InFrame& operator=(const InFrame&) = delete;

 private:
  FramePtr& current_;
  FramePtr old_;
};

bool only_assigns(const Body& body) {
  for (const auto& statement : body)
    if (statement->kind != Statement::Kind::assign && statement->kind != Statement::Kind::assign_block) return false;
  return true;
}

}  // namespace

void Collected::put_text(Run& run, std::string_view text) {
  if (text.empty()) return;
  run.spend(text.size());
  flatten();
  many_ = true;
  text_ += text;
}

void Collected::put(Run& run, const Value& value) {
  if (const auto unknown = unknown_of(value)) {
    if (single_ || many_ || !value.is_unknown()) put_unknown(*unknown);
    if (!single_ && !many_) single_ = value;
    return;
  }
  if (value.is_null()) return;  // Ansible: nothing is written as nothing
  if (!single_ && !many_) {
    // An undefined value is found out by whoever uses the result; text is what most results are.
    const Undefined* missing = as_undefined(value);
    if (missing && !missing->is_missing_else()) throw UndefinedError(missing->error());
    single_ = missing ? Value("") : value;
    return;
  }
  const std::string text = print_output(value);
  run.spend(text.size());
  flatten();
  many_ = true;
  text_ += text;
}

void Collected::put_unknown(const Value& unknown) {
  for (const std::string& reason : unknown.reasons()) unknown_.push_back(reason);
}

void Collected::flatten() {
  if (!single_) return;
  if (const auto unknown = unknown_of(*single_))
    put_unknown(*unknown);
  else
    text_ += print_output(*single_);
  single_.reset();
}

Value Collected::value(std::size_t final_newlines) const {
  if (unknown_.empty() && !many_ && (!single_ || !single_->is_string())) return single_ ? *single_ : Value();
  return text(final_newlines);
}

Value Collected::text(std::size_t final_newlines) const {
  if (!unknown_.empty()) return both_unknown(Value::unknown(unknown_), Value());
  if (single_)
    if (const auto unknown = unknown_of(*single_)) return *unknown;
  std::string text = single_ ? print_output(*single_) : text_;
  std::size_t newlines = 0;
  while (newlines < text.size() && text[text.size() - 1 - newlines] == '\n') ++newlines;
  if (newlines < final_newlines) text.append(final_newlines - newlines, '\n');
  return text;
}

Interpreter::Interpreter(Run& run, Variables& variables, ProgramPtr program, Where start)
    : run_(run),
      variables_(variables),
      program_(std::move(program)),
      start_(std::move(start)),
      frame_(std::make_shared<Frame>()) {}

Where Interpreter::place(const Program& program, const Where& start, std::size_t offset) {
  if (!start || start.line == 0) return start;
  const std::string_view before = std::string_view(program.text).substr(0, offset);
  const auto lines = static_cast<int>(std::count(before.begin(), before.end(), '\n'));
  const std::size_t newline = before.rfind('\n');
  const std::string_view line = newline == before.npos ? before : before.substr(newline + 1);
  return {start.file, start.line + lines, start.column + static_cast<int>(character_count(line))};
}

void Interpreter::need_sound(const Program& program, const Where& start) {
  if (program.mistakes.empty()) return;
  const Mistake& mistake = program.mistakes.front();
  throw Error(mistake.error).at(place(program, start, mistake.offset)).spanning(static_cast<int>(mistake.width));
}

void Interpreter::run(Collected& output) {
  const Run::Level level(run_);
  need_sound(*program_, start_);
  register_blocks();
  execute(program_->body, output);
  if (!parent_) return;
  Interpreter parent(run_, variables_, parent_->program, parent_->start);
  parent.frame_ = frame_;
  parent.blocks_ = blocks_;
  parent.run(output);
}

void Interpreter::register_blocks() {
  for (const auto& [name, block] : program_->blocks) (*blocks_)[name].push_back({block, program_, start_});
}

Interpreter::Flow Interpreter::execute(const Body& body, Collected& output) {
  for (const auto& statement : body)
    if (const Flow flow = execute(*statement, output); flow != Flow::on) return flow;
  return Flow::on;
}

Interpreter::Flow Interpreter::execute(const Statement& statement, Collected& output) {
  using Kind = Statement::Kind;
  try {
    switch (statement.kind) {
      case Kind::text:
        if (!parent_) output.put_text(run_, static_cast<const Text&>(statement).text);
        break;
      case Kind::output: {
        const Expression& expression = *static_cast<const Output&>(statement).value;
        const Value value = evaluate(expression);
        if (!parent_) output.put(run_, opened(value));
        break;
      }
      case Kind::condition:
        return execute_condition(static_cast<const If&>(statement), output);
      case Kind::loop:
        return execute_loop(static_cast<const For&>(statement), output);
      case Kind::assign: {
        const auto& node = static_cast<const Assign&>(statement);
        assign(node.target, evaluate(*node.value));
        break;
      }
      case Kind::assign_block: {
        const auto& node = static_cast<const AssignBlock&>(statement);
        const Collected collected = block_output(node.body);
        if (node.filter) {
          const Value text = collected.text();
          assign(node.target, filter(static_cast<const FilterUse&>(*node.filter), &text));
        } else {
          assign(node.target, collected.value());
        }
        break;
      }
      case Kind::macro: {
        const auto& node = static_cast<const MacroDefinition&>(statement);
        run_.keep(frame_);
        frame_->set(node.name, Value(std::make_shared<const Macro>(node, program_, start_, variables_, *frame_)));
        break;
      }
      case Kind::call_block: {
        const Value value = call_block(static_cast<const CallBlock&>(statement));
        if (!parent_) output.put(run_, value);
        break;
      }
      case Kind::filter_block: {
        const auto& node = static_cast<const FilterBlock&>(statement);
        const Value input = block_output(node.body).text();
        const Value value = filter(static_cast<const FilterUse&>(*node.filter), &input);
        if (!parent_) output.put(run_, value);
        break;
      }
      case Kind::with: {
        const auto& node = static_cast<const With&>(statement);
        auto frame = std::make_shared<Frame>(frame_);
        for (const auto& [target, value] : node.values) frame->set(target.name, evaluate(*value));
        const InFrame in(frame_, std::move(frame));
        return execute(node.body, output);
      }
      case Kind::include:
        include(static_cast<const Include&>(statement), output);
        break;
      case Kind::import: {
        const auto& node = static_cast<const Import&>(statement);
        frame_->set(node.name, import_module(*node.source, node.with_context));
        break;
      }
      case Kind::from_import:
        from_import(static_cast<const FromImport&>(statement));
        break;
      case Kind::extends:
        extend(static_cast<const Extends&>(statement), output);
        break;
      case Kind::block:
        block(static_cast<const Block&>(statement), output);
        break;
      case Kind::run:
        evaluate(*static_cast<const RunStatement&>(statement).value);
        break;
      case Kind::leave:
        return static_cast<const Leave&>(statement).is_continue ? Flow::again : Flow::stop;
      case Kind::scope: {
        const InFrame in(frame_, std::make_shared<Frame>(frame_));
        return execute(static_cast<const ScopeBlock&>(statement).body, output);
      }
    }
  } catch (Error& error) {
    placed(error, statement.offset, 0);
    throw;
  }
  return Flow::on;
}

Interpreter::Flow Interpreter::execute_condition(const If& node, Collected& output) {
  for (std::size_t i = 0; i < node.branches.size(); ++i) {
    const Value condition = evaluate(*node.branches[i].first);
    if (condition.is_unknown()) {
      bool puts_out = !only_assigns(node.otherwise);
      for (; i < node.branches.size(); ++i) {
        forget(node.branches[i].second, condition);
        puts_out = puts_out || !only_assigns(node.branches[i].second);
      }
      forget(node.otherwise, condition);
      if (puts_out) output.put_unknown(condition);
      return Flow::on;
    }
    bool holds = false;
    try {
      holds = truth(condition);
    } catch (Error& error) {
      placed(error, node.branches[i].first->offset, node.branches[i].first->end);
      throw;
    }
    if (holds) return execute(node.branches[i].second, output);
  }
  return execute(node.otherwise, output);
}

// What a body that may or may not have run would have set.
void Interpreter::forget(const Body& body, const Value& unknown) {
  for (const auto& statement : body) {
    if (statement->kind == Statement::Kind::assign)
      assign(static_cast<const Assign&>(*statement).target, unknown);
    else if (statement->kind == Statement::Kind::assign_block)
      assign(static_cast<const AssignBlock&>(*statement).target, unknown);
    else if (statement->kind == Statement::Kind::condition) {
      const auto& node = static_cast<const If&>(*statement);
      for (const auto& branch : node.branches) forget(branch.second, unknown);
      forget(node.otherwise, unknown);
    }
  }
}

void Interpreter::assign(const Target& target, const Value& value) {
  if (!target.items.empty()) {
    if (value.is_unknown()) {
      for (const Target& item : target.items) assign(item, value);
      return;
    }
    const auto items = items_of(value);
    if (!items || items->size() != target.items.size())
      throw Error(items ? "there are " + std::to_string(items->size()) + " values for " +
                              std::to_string(target.items.size()) + " names"
                        : "several names need a list, and this is " + std::string(kind_name(value)))
          .at(place(target.offset));
    for (std::size_t i = 0; i < items->size(); ++i) assign(target.items[i], (*items)[i]);
    return;
  }
  need_shallow(value);
  if (target.member.empty()) return frame_->set(target.name, value);
  Slot* slot = frame_->find(target.name);
  const Value object = slot ? slot->read() : Value();
  const auto* space = object.is_object() ? dynamic_cast<const Namespace*>(object.object().get()) : nullptr;
  if (!space)
    throw Error("'" + target.name + "' is no namespace, so '" + target.name + "." + target.member + "' cannot be set")
        .hint("begin with '{% set " + target.name + " = namespace() %}'")
        .at(place(target.offset));
  space->set(target.member, value);
}

Collected Interpreter::block_output(const Body& body) {
  Collected output;
  const InFrame in(frame_, std::make_shared<Frame>(frame_));
  auto parent = std::exchange(parent_, std::nullopt);
  execute(body, output);
  parent_ = std::move(parent);
  return output;
}

std::optional<List> Interpreter::items_of(const Value& value) {
  if (const Undefined* missing = as_undefined(value)) throw UndefinedError(missing->error());
  return iterated(opened(value));
}

std::optional<List> Interpreter::loop_items(const For& node, const Value& value) {
  auto items = items_of(value);
  if (!items)
    throw Error("cannot loop over " + std::string(kind_name(value)))
        .hint(is_numeric(value) ? "'range(n)' gives the numbers below n" : "expected a list, a mapping or text");
  if (!node.condition) return items;
  List chosen;
  for (Value& item : *items) {
    const InFrame in(frame_, std::make_shared<Frame>(frame_));
    assign(node.target, item);
    const Value condition = evaluate(*node.condition);
    if (condition.is_unknown()) throw Unknown(condition.reasons());
    if (truth(condition)) chosen.push_back(std::move(item));
  }
  return chosen;
}

Interpreter::Flow Interpreter::execute_loop(const For& node, Collected& output) {
  const Value items = evaluate(*node.items);
  try {
    return iterate(node, items, 0, output);
  } catch (Error& error) {
    placed(error, node.items->offset, node.items->end);
    throw;
  } catch (const Unknown& unknown) {
    const Value value = Value::unknown(unknown.reasons());
    forget(node.body, value);
    output.put_unknown(value);
    return Flow::on;
  }
}

Interpreter::Flow Interpreter::iterate(const For& node, const Value& value, int depth, Collected& output) {
  if (value.is_unknown()) throw Unknown(value.reasons());
  const std::optional<List> items = loop_items(node, value);
  if (items->empty()) {
    const InFrame in(frame_, std::make_shared<Frame>(frame_));
    return execute(node.otherwise, output);
  }
  if (node.recursive) run_.keep(frame_);
  const auto loop = std::make_shared<Loop>(program_, node, *items, depth, *frame_);
  const Value loop_value{std::shared_ptr<const Object>(loop)};
  const FramePtr outer = frame_;
  for (; loop->index < loop->items.size(); ++loop->index) {
    run_.spend(0);
    const InFrame in(frame_, std::make_shared<Frame>(outer));
    frame_->set("loop", loop_value);
    assign(node.target, loop->items[loop->index]);
    if (execute(node.body, output) == Flow::stop) break;
  }
  return Flow::on;
}

Value Interpreter::loop_again(const Loop& loop, const Value& items) {
  const Run::Level level(run_);
  Collected output;
  const InFrame in(frame_, FramePtr(FramePtr(), &loop.frame));
  iterate(loop.loop, items, loop.depth + 1, output);
  return output.value();
}

}  // namespace agent::jinja
