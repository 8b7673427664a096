#include <set>

#include <agent/template/free_names.hpp>

namespace agent::jinja {

namespace {

using Names = std::set<std::string>;

class Finder {
 public:
  explicit Finder(const Registry& registry) : registry_(registry) {}

  std::vector<NameUse> uses;

  void body(const Body& statements) {
    for (const auto& statement : statements) visit(*statement);
  }

  void expression(const Expression* node, bool guarded = false) {
    if (node) visit(*node, guarded);
  }

 private:
  bool is_local(const std::string& name) const {
    for (const Names& names : local_)
      if (names.count(name)) return true;
    return false;
  }

  void use(const Name& node, bool guarded) {
    static const Names special = {"omit", "vars", "loop", "caller", "varargs", "kwargs", "self", "super"};
    if (is_local(node.name) || special.count(node.name) || registry_.global(node.name)) return;
    uses.push_back({node.name, node.offset, guarded || tested_.count(node.name) > 0});
  }

  void all(const Expressions& nodes, bool guarded) {
    for (const auto& node : nodes) expression(node.get(), guarded);
  }

  void arguments(const CallArguments& node, bool guarded) {
    all(node.positional, guarded);
    for (const auto& entry : node.named) expression(entry.second.get(), guarded);
    expression(node.star.get(), guarded);
    expression(node.double_star.get(), guarded);
  }

  static bool forgives(const std::string& filter) {
    return filter == "default" || filter == "d" || filter == "mandatory" || filter.ends_with(".default") ||
           filter.ends_with(".mandatory");
  }
  static bool asks_whether_defined(const std::string& test) { return test == "defined" || test == "undefined"; }

  // The names of which a condition says that they are defined, when it holds.
  void collect_tested(const Expression& node, Names& names) {
    if (node.kind == Expression::Kind::test) {
      const auto& test = static_cast<const TestUse&>(node);
      if (!asks_whether_defined(test.name)) return;
      const Expression* input = test.input.get();
      while (input->kind == Expression::Kind::attribute) input = static_cast<const Attribute*>(input)->object.get();
      if (input->kind == Expression::Kind::name) names.insert(static_cast<const Name*>(input)->name);
    } else if (node.kind == Expression::Kind::binary) {
      const auto& binary = static_cast<const Binary&>(node);
      collect_tested(*binary.left, names);
      collect_tested(*binary.right, names);
    } else if (node.kind == Expression::Kind::unary) {
      collect_tested(*static_cast<const Unary&>(node).operand, names);
    }
  }

  class Tested {
   public:
    Tested(Finder& finder, const Expression& condition) : finder_(finder), old_(finder.tested_) {
      finder.collect_tested(condition, finder.tested_);
    }
    ~Tested() { finder_.tested_ = std::move(old_); }

   private:
    Finder& finder_;
    Names old_;
  };

  void visit(const Expression& node, bool guarded) {
    using Kind = Expression::Kind;
    switch (node.kind) {
      case Kind::constant:
        return;
      case Kind::name:
        return use(static_cast<const Name&>(node), guarded);
      case Kind::list:
      case Kind::tuple:
        return all(static_cast<const Sequence&>(node).items, guarded);
      case Kind::map:
        for (const auto& [key, value] : static_cast<const MapDisplay&>(node).entries)
          expression(key.get(), guarded), expression(value.get(), guarded);
        return;
      case Kind::unary:
        return expression(static_cast<const Unary&>(node).operand.get(), guarded);
      case Kind::binary: {
        const auto& binary = static_cast<const Binary&>(node);
        expression(binary.left.get(), guarded);
        const Tested tested(*this, *binary.left);
        return expression(binary.right.get(), guarded);
      }
      case Kind::concat:
        return all(static_cast<const Concat&>(node).items, guarded);
      case Kind::compare: {
        const auto& compare = static_cast<const Compare&>(node);
        expression(compare.first.get(), guarded);
        for (const auto& entry : compare.rest) expression(entry.second.get(), guarded);
        return;
      }
      case Kind::conditional: {
        const auto& conditional = static_cast<const Conditional&>(node);
        expression(conditional.condition.get(), guarded);
        const Tested tested(*this, *conditional.condition);
        expression(conditional.yes.get(), guarded);
        return expression(conditional.no.get(), guarded);
      }
      case Kind::attribute:
        return expression(static_cast<const Attribute&>(node).object.get(), guarded);
      case Kind::subscript:
        expression(static_cast<const Subscript&>(node).object.get(), guarded);
        return expression(static_cast<const Subscript&>(node).index.get(), false);
      case Kind::slice: {
        const auto& slice = static_cast<const Slice&>(node);
        for (const auto* part : {&slice.start, &slice.stop, &slice.step}) expression(part->get(), guarded);
        return;
      }
      case Kind::call:
        expression(static_cast<const Call&>(node).callee.get(), guarded);
        return arguments(static_cast<const Call&>(node).arguments, guarded);
      case Kind::filter: {
        const auto& filter = static_cast<const FilterUse&>(node);
        expression(filter.input.get(), guarded || forgives(filter.name));
        return arguments(filter.arguments, guarded);
      }
      case Kind::test: {
        const auto& test = static_cast<const TestUse&>(node);
        expression(test.input.get(), guarded || asks_whether_defined(test.name));
        return arguments(test.arguments, guarded);
      }
    }
  }

  void bind(const Target& target) {
    if (!target.name.empty() && target.member.empty()) local_.back().insert(target.name);
    for (const Target& item : target.items) bind(item);
  }

  template <class Inside>
  void in_scope(Inside inside) {
    local_.emplace_back();
    inside();
    local_.pop_back();
  }

  void macro(const MacroDefinition& node) {
    for (const auto& value : node.parameters.defaults) expression(value.get());
    in_scope([&] {
      local_.back().insert(node.parameters.names.begin(), node.parameters.names.end());
      body(node.body);
    });
  }

  void visit(const If& node) {
    Names old = tested_;
    for (const auto& [condition, statements] : node.branches) {
      expression(condition.get());
      collect_tested(*condition, tested_);
      body(statements);
    }
    body(node.otherwise);
    tested_ = std::move(old);
  }

  void visit(const For& node) {
    expression(node.items.get());
    in_scope([&] {
      bind(node.target);
      expression(node.condition.get());
      body(node.body);
    });
    in_scope([&] { body(node.otherwise); });
  }

  void visit(const Statement& node) {
    using Kind = Statement::Kind;
    switch (node.kind) {
      case Kind::text:
      case Kind::leave:
        return;
      case Kind::output:
        return expression(static_cast<const Output&>(node).value.get());
      case Kind::condition:
        return visit(static_cast<const If&>(node));
      case Kind::loop:
        return visit(static_cast<const For&>(node));
      case Kind::assign:
        expression(static_cast<const Assign&>(node).value.get());
        return bind(static_cast<const Assign&>(node).target);
      case Kind::assign_block:
        expression(static_cast<const AssignBlock&>(node).filter.get());
        in_scope([&] { body(static_cast<const AssignBlock&>(node).body); });
        return bind(static_cast<const AssignBlock&>(node).target);
      case Kind::macro:
        local_.back().insert(static_cast<const MacroDefinition&>(node).name);
        return macro(static_cast<const MacroDefinition&>(node));
      case Kind::call_block:
        expression(static_cast<const CallBlock&>(node).call.get());
        return macro(*static_cast<const CallBlock&>(node).caller);
      case Kind::filter_block:
        expression(static_cast<const FilterBlock&>(node).filter.get());
        return in_scope([&] { body(static_cast<const FilterBlock&>(node).body); });
      case Kind::with:
        return in_scope([&] {
          for (const auto& [target, value] : static_cast<const With&>(node).values) {
            expression(value.get());
            bind(target);
          }
          body(static_cast<const With&>(node).body);
        });
      case Kind::include:
        return expression(static_cast<const Include&>(node).source.get());
      case Kind::import:
        expression(static_cast<const Import&>(node).source.get());
        local_.back().insert(static_cast<const Import&>(node).name);
        return;
      case Kind::from_import:
        expression(static_cast<const FromImport&>(node).source.get());
        for (const auto& entry : static_cast<const FromImport&>(node).names) local_.back().insert(entry.second);
        return;
      case Kind::extends:
        return expression(static_cast<const Extends&>(node).source.get());
      case Kind::block:
        return in_scope([&] { body(static_cast<const Block&>(node).body); });
      case Kind::run:
        return expression(static_cast<const RunStatement&>(node).value.get());
      case Kind::scope:
        return in_scope([&] { body(static_cast<const ScopeBlock&>(node).body); });
    }
  }

  const Registry& registry_;
  std::vector<Names> local_ = std::vector<Names>(1);
  Names tested_;
};

}  // namespace

std::vector<NameUse> free_names(const Program& program, const Registry& registry) {
  Finder finder(registry);
  finder.body(program.body);
  finder.expression(program.expression.get());
  return std::move(finder.uses);
}

}  // namespace agent::jinja
