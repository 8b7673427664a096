#include <agent/playbook/lint.hpp>
#include <agent/playbook/lint_pass.hpp>

namespace agent {

void lint(const Playbook& playbook, PlaybookLoader& loader, const LintOptions& options, Problems& problems) {
  for (const Play& play : playbook.plays) {
    linting::Pass pass{play, options, loader, problems, play.directory, {}, {}, {}, {}, false, false, {}};
    linting::collect(pass);
    linting::check_variable_files(pass);
    for (const auto* list : {&pass.tasks, &pass.handlers})
      for (const Task* task : *list) {
        linting::check_module(*task, pass);
        linting::check_files(*task, pass);
        linting::check_loop(*task, pass);
        linting::check_conditions(*task, pass);
      }
    linting::check_handlers(pass);
    linting::check_defaults(pass);
    if (options.engine) {
      linting::check_templates(pass);
      linting::check_variables(pass);
    }
  }
  problems.sort();
}

}  // namespace agent
