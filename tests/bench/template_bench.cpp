// What the template engine costs, as tests/bench/run.py shows it. Not a test: a machine may be busy.
#include <chrono>
#include <cstdio>
#include <string>

#include <agent/template/engine.hpp>

namespace {

using namespace agent;
using Clock = std::chrono::steady_clock;

template <class Work>
void measure(const char* what, Work work) {
  constexpr double bar = 50;
  work();  // compiles, and warms the caches
  const auto start = Clock::now();
  work();
  const double ms = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
  std::printf("%s | %.1f ms | %.0f ms | %s\n", what, ms, bar, ms < bar ? "yes" : "no");
}

List items(int count) {
  List list;
  for (int i = 0; i < count; ++i) list.emplace_back(Map{{"name", "host" + std::to_string(i)}, {"port", i}});
  return list;
}

}  // namespace

int main() {
  const jinja::LocalServices services;
  const jinja::Engine engine(services);
  const jinja::MapScope outer(
      Map{{"items_", items(10'000)}, {"domain", Value::template_text("{{ site }}.example.org")}, {"site", "lab"}});
  const Where start{std::make_shared<const std::string>("bench"), 1, 1};

  const Value loop =
      Value::template_text("{% for item in items_ %}{{ item.name }}:{{ item.port }}\n{% endfor %}", start);
  measure("template: one that loops over 10,000 items", [&] { engine.render(loop, outer); });

  const Value each = Value::template_text("{{ item.name }}.{{ domain }}:{{ item.port }}", start);
  const List list = items(10'000);
  measure("template: one rendered for each of 10,000 items", [&] {
    for (const Value& item : list) engine.render(each, jinja::MapScope(Map{{"item", item}}, &outer));
  });

  const Value condition = Value::template_text("item.port > 80 and item.name is match('host')", start);
  measure("template: a condition for each of 10,000 items", [&] {
    for (const Value& item : list) engine.test(condition, jinja::MapScope(Map{{"item", item}}, &outer));
  });

  const Value filters = Value::template_text(
      "{{ items_ | selectattr('port', 'gt', 500) | map(attribute='name') | sort | join(',') }}", start);
  measure("template: selectattr, map, sort, join of 10,000 items", [&] { engine.render(filters, outer); });
}
