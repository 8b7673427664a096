#include <memory>

#include <agent/cli/emission.hpp>
#include <agent/cli/exit_code.hpp>
#include <agent/cli/listing.hpp>
#include <agent/cli/program.hpp>
#include <agent/cli/session.hpp>

namespace agent::cli {
namespace {

int carry_out(RunOptions& options) {
  Session session(options);
  if (!options.emit.empty()) prepare_emission(session, options);
  if (!session.load_and_say(options.syntax_check)) return static_cast<int>(ExitCode::wrong_input);
  if (options.syntax_check) return static_cast<int>(ExitCode::fine);
  if (options.list_hosts || options.list_tasks || options.list_tags) return list(session, options);
  if (!options.emit.empty()) return emit(session, options);
  return session.run();
}

}  // namespace

void add_run(const Program& program) {
  program.add("run", "Makes machines what playbooks say.", [&program](CLI::App& command) {
    auto options = std::make_shared<RunOptions>();
    options->words = program.words;
    options->add_to(command);
    add_emission_to(command, *options);
    return [options] { return carry_out(*options); };
  });
}

}  // namespace agent::cli
