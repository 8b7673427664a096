#include <algorithm>

#include <agent/template/run.hpp>

namespace agent::jinja {

namespace {

constexpr int highest = 1000;  // expressions within expressions, over all variables that are being rendered
constexpr std::size_t most_programs = 20'000;  // of one kind; playbooks have some hundred

}  // namespace

template <class Parse>
ProgramPtr Cache::find(Programs& programs, const std::string& text, Parse parse) const {
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = programs.find(text); found != programs.end()) return found->second;
  }
  ProgramPtr program = parse();
  const std::lock_guard lock(mutex_);
  if (programs.size() >= most_programs) programs.clear();
  return programs.emplace(text, std::move(program)).first->second;
}

ProgramPtr Cache::text(const std::string& text, const Options& options) const {
  return find(texts_, text, [&] {
    Syntax syntax;
    syntax.trim_blocks = options.trim_blocks;
    syntax.lstrip_blocks = options.lstrip_blocks;
    syntax.raw_literals = true;
    syntax.do_statement = options.do_statement;
    syntax.loop_controls = options.loop_controls;
    return parse_template(text, syntax, registry_);
  });
}

ProgramPtr Cache::expression(const std::string& text, bool raw_literals) const {
  return find(raw_literals ? expressions_ : conditions_, text,
              [&] { return parse_expression(text, raw_literals, registry_); });
}

const Variables::Known* Variables::find(std::string_view name) {
  const auto [entry, is_new] = known_.try_emplace(std::string(name));
  if (is_new)
    if (auto raw = scope_.find(name)) {
      const bool may_render = raw->is_template() || raw->is_list() || raw->is_map();
      entry->second = Known{*std::move(raw), may_render};
    }
  return entry->second ? &*entry->second : nullptr;
}

void Variables::put(std::string_view name, Value value) {
  known_[std::string(name)] = Known{std::move(value), false};
}

void Run::spend(std::size_t bytes) {
  bytes_ += bytes;
  if (bytes_ > options_.max_output)
    throw Error("the result is too large").hint("the limit is " + std::to_string(options_.max_output >> 20) + " MiB");
  if (++steps_ % 512 == 0 && std::chrono::steady_clock::now() - start_ > options_.max_time)
    throw Error("this takes too long to evaluate")
        .hint("the limit is " + std::to_string(options_.max_time.count() / 1000) + " seconds");
}

Variables& Run::variables_of(const std::shared_ptr<const Object>& view) {
  auto& [kept, variables] = views_[view.get()];
  if (!variables) {
    kept = view;
    variables = std::make_unique<Variables>(static_cast<const View&>(*view).scope());
  }
  return *variables;
}

Run::Rendering::Rendering(Run& run, const Variables& variables, const Value& text, std::string name) : run_(run) {
  const void* address = &text.string();
  auto& open = run.steps_open_;
  const auto same = std::find_if(
      open.begin(), open.end(), [&](const Step& step) { return step.variables == &variables && step.text == address; });
  if (same != open.end()) {
    std::string chain;
    for (auto step = same; step != open.end(); ++step)
      if (!step->name.empty()) chain += step->name + " -> ";
    throw Error("variable '" + name + "' needs itself: " + chain + name);
  }
  if (open.size() >= static_cast<std::size_t>(run.options_.max_depth))
    throw Error("variables need variables too deeply: " + run.chain() + name);
  open.push_back({&variables, address, std::move(name)});
}

Run::Rendering::~Rendering() {
  run_.steps_open_.pop_back();
}

std::string Run::chain() const {
  std::string chain;
  for (const Step& step : steps_open_)
    if (!step.name.empty()) chain += step.name + " -> ";
  return chain;
}

Run::Climb::Climb(Run& run) : run_(run) {
  if (run.climbed_ >= highest)
    throw Error("expressions are nested too deeply" + (run.chain().empty() ? "" : ": " + run.chain() + "..."));
  ++run.climbed_;
}

Run::Level::Level(Run& run) : run_(run) {
  if (run.depth_ >= run.options_.max_depth) throw Error("macros, includes or lookups are nested too deeply");
  ++run.depth_;
}

}  // namespace agent::jinja
