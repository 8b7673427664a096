// Any text, read and evaluated as a template, as an expression and as a condition: it ends in a value or an Error.
#include <chrono>
#include <cstdint>
#include <string>

#include <agent/template/engine.hpp>

namespace {

using namespace agent;

/// A machine with nothing in it: no text may reach the real one.
class NoServices : public jinja::Services {
 public:
  std::optional<List> lookup(const jinja::LookupCall&) const override { return std::nullopt; }
  std::optional<jinja::Source> source(const std::string& name, const Strings&) const override {
    if (name != "other") return std::nullopt;
    return jinja::Source{"{% macro m(x) %}<{{ x }}>{% endmacro %}{% block b %}base{% endblock %}{{ a }}", "other"};
  }
  std::chrono::system_clock::time_point now() const override { return std::chrono::system_clock::time_point(); }
  std::uint64_t random() const override { return 42; }
  std::filesystem::file_status status(const std::filesystem::path&, bool) const override {
    return std::filesystem::file_status(std::filesystem::file_type::not_found);
  }
};

Map variables() {
  const auto text = [](const char* content) { return Value::template_text(content); };
  return Map{{"a", 1},
             {"b", text("{{ a }}")},
             {"c", text("{{ c }}")},
             {"s", "some text"},
             {"l", List{1, "two", 3.5, nullptr, List{4}}},
             {"m", Map{{"k", "v"}, {"t", text("{{ s }}")}, {"n", Map{{"x", 1}}}}},
             {"u", Value::unknown("nobody knows")}};
}

jinja::Options small() {
  jinja::Options options;
  options.do_statement = options.loop_controls = true;
  options.max_output = std::size_t{1} << 16;
  options.max_time = std::chrono::milliseconds(20);
  return options;
}

template <class Use>
void attempt(Use use) {
  try {
    use();
  } catch (const Error&) {
  } catch (const Unknown&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // Made once: what is compiled is kept by its text only, so one run does not change another.
  static const NoServices services;
  static const jinja::Engine engine(services, small());
  static const jinja::MapScope scope(variables());
  const std::string text(reinterpret_cast<const char*>(data), size);
  const Where start{std::make_shared<const std::string>("fuzz"), 1, 1};
  const Value marked = Value::template_text(text, start);
  // A guided run takes one door for each text, by its length, and tries five times as many texts; a replay takes all.
#ifdef AGENT_FUZZ
  const auto opens = [size](std::size_t door) { return size % 5 == door; };
#else
  const auto opens = [](std::size_t) { return true; };
#endif
  if (opens(0)) attempt([&] { engine.render(marked, scope); });
  if (opens(1)) attempt([&] { engine.render_file(text, start, scope); });
  if (opens(2)) attempt([&] { engine.evaluate(marked, scope); });
  if (opens(3)) attempt([&] { engine.test(marked, scope); });
  if (opens(4)) {
    engine.syntax_errors(marked);
    engine.syntax_errors(marked, true);
    engine.free_variables(marked);
  }
  return 0;
}
