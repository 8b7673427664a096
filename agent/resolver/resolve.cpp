#include <algorithm>

#include <agent/resolver/advice.hpp>
#include <agent/resolver/conflict.hpp>
#include <agent/resolver/search.hpp>
#include <agent/resolver/stack.hpp>
#include <agent/sdk/text.hpp>

namespace agent::resolver {

Fact fact_of(std::string text, const Origin& origin) {
  return {std::move(text), origin.where, origin.sources(), "", origin.verified};
}

namespace {

/// Puts the answer together from a choice, piece by piece, each with the facts it follows from.
class Writer {
 public:
  Writer(const Problem& problem, const Choice& choice) : problem_(problem), choice_(choice) {}

  Stack write() {
    stack_.for_cpu = problem_.for_cpu;
    if (problem_.release) stack_.distro = problem_.release->name();
    write_cards();
    write_python();
    write_frameworks();
    write_toolkit();
    write_driver();
    write_add_ons();
    warn();
    return std::move(stack_);
  }

 private:
  void say(std::string text, const Origin& origin) { stack_.facts.push_back(fact_of(std::move(text), origin)); }
  void warn(std::string text) { stack_.warnings.push_back(std::move(text)); }

  void write_cards() {
    for (const Card& card : problem_.cards) {
      stack_.gpus.push_back(card.name);
      stack_.capabilities.push_back(shown_capability(card.capability));
      if (card.gpu) say(card.name + " has compute capability " + shown_capability(card.capability), card.gpu->origin);
      say(card.architecture->name + " is served by driver branches " + std::to_string(card.first_branch) + " to " +
              (card.last_branch ? std::to_string(*card.last_branch) : "now"),
          card.architecture->origin);
    }
  }

  void write_python() {
    const Dotted& python = *choice_.python;
    stack_.python = python.text();
    stack_.python_from = problem_.request.python                           ? "asked"
                         : problem_.release || problem_.request.own_python ? "elsewhere"
                                                                           : "any";
    const auto own = problem_.request.own_python ? Dotted::parse(*problem_.request.own_python) : std::nullopt;
    if (own && own->series() == python.series()) {
      stack_.python_from = "machine";
      return;
    }
    if (!problem_.release) return;
    const Distribution& release = *problem_.release->python;
    if (release.python == python) {
      stack_.python_from = "distro";
      say(problem_.release->name() + " has Python " + python.text(), release.origin);
      return;
    }
    for (const std::string& package : release.extra_python)
      if (python_of_package(package) == python) {
        stack_.python_from = "package";
        stack_.python_package = package;
        say(problem_.release->name() + " has the package " + package, release.origin);
        return;
      }
    stack_.python_from = "elsewhere";
    warn(problem_.release->name() + " has no package of Python " + python.text() + ": take it from conda or uv");
  }

  void write_frameworks() {
    for (const Build* build : choice_.builds) {
      Installable made{
          build->framework,    build->version.text(), build->label,       build->cuda ? build->cuda->text() : "",
          build->cudnn,        build->packages,       build->index_url,   build->extra_index_url,
          build->find_links,   build->numpy,          build->torchvision, build->torchaudio,
          build->needs_toolkit};
      if (stack_.cuda.empty()) stack_.cuda = made.cuda;
      if (stack_.cudnn.empty()) stack_.cudnn = made.cudnn;
      say(build->name() + " has wheels for Python " + build->python_min.text() + " to " + build->python_max.text(),
          build->origin);
      write_code(*build);
      stack_.frameworks.push_back(std::move(made));
    }
  }

  void write_code(const Build& build) {
    if (!build.cuda) return;
    std::string text = "it is built for CUDA " + build.cuda->text();
    if (build.code) {
      Strings code;
      for (const CodeFor& one : *build.code) code.push_back(shown_capability(one.capability) + (one.ptx ? "+PTX" : ""));
      text += " with code for " + text::joined(code);
    }
    say(text + (build.cudnn.empty() ? "" : (build.needs_toolkit ? ", and needs cuDNN " : " and cuDNN ") + build.cudnn),
        build.wheel_origin);
    for (const Card& card : problem_.cards) {
      const Runs runs = build.runs_on(card.capability, problem_.tables);
      if (runs == Runs::assumed)
        warn("for which GPUs " + build.name() + " has code is in no table: its CUDA can make code for capability " +
             shown_capability(card.capability));
      if (runs == Runs::compiled)
        warn(build.name() + " has no machine code for " + card.name +
             ": the driver compiles its PTX at the first start");
    }
  }

  void write_toolkit() {
    const std::string& series = *choice_.host;
    if (series.empty()) return;
    const Toolkit& toolkit = *problem_.toolkit(series);
    stack_.toolkit = toolkit.version.text();
    if (stack_.cuda.empty()) stack_.cuda = series;
    std::string number = series;
    std::replace(number.begin(), number.end(), '.', '-');
    stack_.toolkit_package = "cuda-toolkit-" + number;
    if (problem_.release && problem_.release->repository) {
      const Repository& repository = *problem_.release->repository;
      stack_.repository = repository.name;
      say("NVIDIA's repository " + repository.name + " carries CUDA " + series, repository.origin);
    }
    for (const Build* build : choice_.builds)
      if (build->cuda && build->cuda->size() > 1 && build->cuda->series() != series)
        warn(build->name() + " is built for CUDA " + build->cuda->text() + ", the toolkit is " + series +
             ": extensions compile, as the major is the same");
    for (const Card& card : problem_.cards)
      if (const CompilerTargets* targets = problem_.tables.compiler(series);
          targets && card.capability > targets->highest)
        warn("nvcc " + series + " makes code for capabilities up to " + shown_capability(targets->highest) + ": for " +
             card.name + " build for that one");
    write_cudnn(series);
  }

  void write_cudnn(const std::string& series) {
    const CudnnRelease* release = choose_cudnn(problem_, series, stack_.cudnn);
    if (!release) {
      if (!stack_.cudnn.empty())
        warn("no table has a cuDNN " + stack_.cudnn + " for CUDA " + series + " on the machine itself");
      return;
    }
    stack_.cudnn = release->version.text();
    if (problem_.release && problem_.release->repository)
      stack_.cudnn_packages = cudnn_packages(*release, series, problem_.release->repository->format);
    say("cuDNN " + release->version.text() + " is built for CUDA " + text::joined(release->cuda), release->origin);
  }

  void write_driver() {
    if (problem_.for_cpu) return;
    std::optional<Dotted> least, full;
    const auto need = [&](const Dotted& at_least, const Dotted& for_all, const Toolkit& toolkit,
                          const std::string& who) {
      if (!least || at_least > *least) least = at_least;
      if (!full || for_all > *full) full = for_all;
      say(who + " starts with driver " + at_least.text() + " and has all its features from " + for_all.text(),
          toolkit.origin);
    };
    for (const Build* build : choice_.builds)
      if (const auto wanted = problem_.driver_need(*build))
        need(wanted->least, wanted->full, *wanted->toolkit, "CUDA " + build->cuda->text() + " of " + build->name());
    if (!choice_.host->empty()) {
      const Toolkit& toolkit = *problem_.toolkit(*choice_.host);
      need(toolkit.compatible_driver.value_or(toolkit.min_driver), toolkit.min_driver, toolkit,
           "CUDA " + toolkit.version.text());
    }
    if (!least) return;
    stack_.driver = advise_driver(problem_, *least, *full, stack_.facts);
    warn_of_driver(*full);
  }

  void warn_of_driver(const Dotted& full) {
    const auto& driver = problem_.driver;
    if (driver && !driver->reaches(full))
      warn("driver " + driver->version.text() + " is older than " + full.text() +
           ": it serves this CUDA by minor-version compatibility, without compiling newer PTX");
    if (driver && driver->is_branch)
      warn("driver " + driver->version.text() + " is taken for the newest of its branch");
    if (problem_.release && stack_.driver.package.empty())
      warn("no table has a package of a driver for " + problem_.release->name() +
           (driver ? " of branch " + std::to_string(driver->version.major()) : " that is new enough"));
    for (const DriverBranch& branch : problem_.tables.branches)
      if (branch.branch == stack_.driver.branch && !branch.end_of_life.empty() &&
          branch.end_of_life < problem_.tables.updated.substr(0, 7))
        warn("driver branch " + std::to_string(branch.branch) + " ended in " + branch.end_of_life);
    if (problem_.cards.empty()) warn("no GPU is named: whether the code runs on it was not looked at");
  }

  void write_add_ons() {
    for (const std::string& name : problem_.request.add_ons) {
      const auto found = std::find_if(problem_.tables.add_ons.begin(), problem_.tables.add_ons.end(),
                                      [&](const AddOn& one) { return one.name == name; });
      const AddOn& add_on = *found;
      const auto cuda = Dotted::parse(stack_.cuda);
      const int major = cuda ? cuda->major() : 0;
      if (std::find(add_on.cuda_majors.begin(), add_on.cuda_majors.end(), major) == add_on.cuda_majors.end()) {
        warn(cuda ? name + " has no package for CUDA " + std::to_string(major) : name + " needs a GPU: it is left out");
        continue;
      }
      if (add_on.capability_min)
        for (const Card& card : problem_.cards)
          if (card.capability < *add_on.capability_min)
            warn(name + " needs compute capability " + shown_capability(*add_on.capability_min) + ", and " + card.name +
                 " has " + shown_capability(card.capability));
      if (add_on.glibc_min && problem_.release && problem_.release->python->glibc < *add_on.glibc_min)
        warn(name + " needs glibc " + add_on.glibc_min->text() + ", and " + problem_.release->name() + " has " +
             problem_.release->python->glibc.text());
      std::string package = add_on.package;
      if (const auto at = package.find("{major}"); at != std::string::npos)
        package.replace(at, 7, std::to_string(major));
      stack_.add_ons.push_back(package);
      say(package + " goes with CUDA " + std::to_string(major), add_on.origin);
    }
  }

  void warn() {
    for (const Build* build : choice_.builds)
      if (!build->origin.verified)
        warn("what is known of " + build->framework + " " + build->version.text() + " rests on one weak source (" +
             shown_place(build->origin.where) + ")");
    if (choice_.builds.size() > 1 && !problem_.for_cpu)
      warn("frameworks pin libraries of CUDA of their own: give each an environment of its own");
    if (problem_.release && !problem_.release->python->origin.verified)
      warn("what is known of the Python of " + problem_.release->name() + " is not confirmed");
  }

  const Problem& problem_;
  const Choice& choice_;
  Stack stack_;
};

}  // namespace

Stack stack_of(const Problem& problem, const Choice& choice) {
  return Writer(problem, choice).write();
}

std::variant<Stack, Conflict> resolve(const Tables& tables, const Request& request) {
  const Problem problem(tables, request);
  Search search(problem);
  if (const auto choice = search.best()) return stack_of(problem, *choice);
  return explain(problem, search);
}

}  // namespace agent::resolver
