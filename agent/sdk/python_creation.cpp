#include <algorithm>

#include <agent/sdk/python_creation.hpp>

namespace agent {

namespace {

Error explained(const Error& failure, const Path& path) {
  const auto text_of = [&](const char* stream) {
    const Value* said = failure.result().find(stream);
    return said && said->is_string() ? said->string() : std::string();
  };
  const std::string said = text_of("stdout") + text_of("stderr") + failure.message();
  const auto has = [&](const char* part) { return said.find(part) != std::string::npos; };
  const std::string what = "cannot make the virtual environment '" + path.string() + "': ";
  if (has("No space left on device")) return Error(what + "the disk is full").with(failure.result());
  if (has("Permission denied"))
    return Error(what + "there is no right to write there")
        .hint("become: true, or another path")
        .with(failure.result());
  if (has("Read-only file system")) return Error(what + "the file system is read-only").with(failure.result());
  if (has("ensurepip"))
    return Error(what + "ensurepip failed")
        .hint("Debian and Ubuntu bring it in a package python3.N-venv")
        .with(failure.result());
  return failure;
}

}  // namespace

std::string environment_settings(const PythonEnvironment& base, bool sees_system_packages,
                                 const std::optional<std::string>& prompt) {
  return "home = " + base.interpreter().parent_path().string() +
         "\ninclude-system-site-packages = " + (sees_system_packages ? "true" : "false") +
         "\nversion = " + base.full_version() + (prompt ? "\nprompt = '" + *prompt + "'" : "") + "\n";
}

Exec environment_creation(Strings argv, const PythonEnvironment& base, const PythonEnvironment& planned,
                          const std::optional<std::string>& prompt) {
  const Path& path = planned.prefix();
  Exec make{std::move(argv)};
  make.directory = "/";  // not one that modules could be found in (reliability R19)
  make.title = "making the virtual environment " + path.string();
  make.effects.directories = {path, path / "bin", path / "include", planned.site()};
  const auto bundled = base.bundled_pip();
  make.effects.files = predicted_package(planned.site(), "pip", bundled && !bundled->empty() ? bundled : std::nullopt);
  make.effects.files.emplace_back(path / "pyvenv.cfg",
                                  environment_settings(base, planned.sees_system_packages(), prompt));
  for (const char* name : {"activate", "pip", "pip3", "python", "python3"})
    make.effects.opaque.push_back(path / "bin" / name);
  make.effects.complete = true;
  return make;
}

bool creates_environment(const Action& action) {
  const auto* exec = std::get_if<Exec>(&action);
  if (!exec || exec->effects.directories.empty()) return false;
  const auto& files = exec->effects.files;
  return std::any_of(files.begin(), files.end(),
                     [&](const auto& file) { return file.first == exec->effects.directories.front() / "pyvenv.cfg"; });
}

Output create_environment(const Exec& creation, Host& host) {
  const Path path = creation.effects.directories.front();
  const bool was_there = host.stat(path).has_value();
  const Strings before = host.list(path);
  Path top = path;
  while (!was_there && top.has_parent_path() && !host.stat(top.parent_path())) top = top.parent_path();
  try {
    return host.perform(creation);
  } catch (const Error& failure) {
    if (!was_there && host.stat(top)) host.perform(RemovePath{top});
    if (was_there)
      for (const auto& name : host.list(path))
        if (std::find(before.begin(), before.end(), name) == before.end()) host.perform(RemovePath{path / name});
    throw explained(failure, path);
  }
}

}  // namespace agent
