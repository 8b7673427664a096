// What an answer of the resolver costs, as tests/bench/run.py shows it. Not a test: a machine may be busy.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>

#include <agent/resolver/load.hpp>
#include <agent/resolver/stack.hpp>

namespace {

using namespace agent;
using Clock = std::chrono::steady_clock;

template <class Work>
double median_of(Work work, int runs = 21) {
  std::vector<double> times;
  for (int i = 0; i < runs; ++i) {
    const auto start = Clock::now();
    work();
    times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
  }
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

void measure(const char* what, const resolver::Tables& tables, const Strings& wanted, resolver::Request request) {
  for (const auto& text : wanted) resolver::add_requirement(request, text, tables);
  const double ms = median_of([&] { static_cast<void>(resolver::resolve(tables, request)); });
  std::printf("%s | %.2f ms | 10 ms | %s\n", what, ms, ms < 10 ? "yes" : "no");
}

}  // namespace

int main() {
  const Path folder = Path(AGENT_SOURCE_DIR) / "share/compat";
  const resolver::Tables tables = resolver::load({folder});
  measure("agent resolve: answer in under 10 ms", tables, {"torch==2.4.*"},
          {.gpus = {"RTX 3070"}, .driver = "550.54", .distro = "ubuntu22.04"});
  measure("agent resolve: a conflict and its ways out", tables, {"torch==2.4.*"},
          {.gpus = {"RTX 5090"}, .driver = "580", .distro = "ubuntu24.04", .python = "3.12"});
  measure("agent resolve: three frameworks and a toolkit", tables, {"torch", "tensorflow", "jax"},
          {.gpus = {"RTX 3090"}, .distro = "ubuntu22.04", .toolkit = true});
}
