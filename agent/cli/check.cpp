#include <algorithm>
#include <iomanip>
#include <iostream>
#include <memory>

#include <unistd.h>

#include <agent/cli/exit_code.hpp>
#include <agent/cli/program.hpp>
#include <agent/cli/run_end.hpp>
#include <agent/cli/session.hpp>
#include <agent/wall/self_test.hpp>

namespace agent::cli {

namespace {

int test_wall(const RunOptions& options) {
  const wall::Request request{.least = wall::tier_named(options.wall).value_or(wall::Tier::full)};
  const wall::SelfTest test = wall::self_test(request);
  std::size_t widest = 0;
  for (const auto& attempt : test.attempts) widest = std::max(widest, attempt.name.size());
  std::cout << "the wall '" << wall::name_of(test.wall.tier) << "', as " << (::geteuid() == 0 ? "root" : "a user")
            << "\n\n";
  for (const auto& [name, blocked, answer] : test.attempts)
    std::cout << (blocked ? "blocked      " : "NOT BLOCKED  ") << name << std::string(widest - name.size() + 2, ' ')
              << answer << '\n';
  for (const auto& gap : test.wall.gaps) std::cout << "\nnot covered: " << gap;
  const auto taken = std::chrono::duration<double, std::milli>(wall::time_to_build(request)).count();
  std::cout << "\nit is built in " << std::fixed << std::setprecision(2) << taken << " ms\n";
  const auto held = std::count_if(test.attempts.begin(), test.attempts.end(), [](auto& a) { return a.blocked; });
  std::cout << held << " of " << test.attempts.size() << " ways to change the machine are blocked\n";
  return static_cast<int>(test.holds() ? ExitCode::fine : ExitCode::drift);
}

}  // namespace

void add_check(const Program& program) {
  program.add("check", "Says what `run` would change, and changes nothing; exit code 3 when something would.",
              [](CLI::App& command) {
                auto options = std::make_shared<RunOptions>();
                options->add_to(command);
                command.add_flag("--wall-selftest", options->wall_self_test,
                                 "try to break the wall in every way known, and print what came of it");
                command.get_option("playbook")->required(false);
                return [options] {
                  options->check = true;
                  if (options->wall_self_test) return test_wall(*options);
                  if (options->playbooks.empty()) throw Error("check needs a playbook: 'agent check site.yml'");
                  Session session(*options);
                  if (!session.load_and_say(options->syntax_check)) return static_cast<int>(ExitCode::wrong_input);
                  const int code = session.run();
                  if (code != static_cast<int>(ExitCode::fine)) return code;
                  return static_cast<int>(shows_drift(session.world()) ? ExitCode::drift : ExitCode::fine);
                };
              });
}

}  // namespace agent::cli
