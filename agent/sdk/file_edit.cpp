#include <agent/sdk/file_edit.hpp>
#include <agent/sdk/placed_file.hpp>

namespace agent {
namespace {

bool changes_content(const Plan& plan, const Path& file) {
  for (const Step& step : plan.steps)
    for (const Change& change : step.changes)
      if (change.subject == file.string()) return true;
  return false;
}

bool changes_attributes(const Plan& plan, const Path& file) {
  for (const Step& step : plan.steps)
    for (const Change& change : step.changes)
      if (change.subject.rfind(file.string() + " ", 0) == 0) return true;
  return false;
}

}  // namespace

Strings lines_with_ends(const std::string& text) {
  Strings lines;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t newline = text.find('\n', start);
    const std::size_t end = newline == std::string::npos ? text.size() : newline + 1;
    lines.push_back(text.substr(start, end - start));
    start = end;
  }
  return lines;
}

Path edited_file(const FileEdit& edit, const Host& host) {
  const Path path = path_argument(edit.path, host);
  const auto info = host.stat(path, false);
  const Path file = info && info->is_link() ? resolve_links_to_write(path, host) : path;
  const auto target = info && info->is_link() ? host.stat(file) : info;
  if (target && target->is_directory())
    throw Error("'" + path.string() + "' is a directory, not a file").about("path").with({{"rc", 256}});
  return file;
}

Plan plan_edit(const FileEdit& edit, const Editor& editor, const Host& host) {
  const Path file = edited_file(edit, host);
  const auto before = host.read(file);
  if (!before && !edit.create)
    throw Error("'" + file.string() + "' does not exist")
        .hint("'create: true' makes it; a task before this one may bring it with copy or template")
        .about("path")
        .with({{"rc", 257}});
  const Edited edited = editor(before);

  Plan plan;
  if (!edited.text) {
    plan.result.set("msg", edited.message);
    return plan;
  }
  const bool made = !before && plan_directories(file.parent_path(), {}, host, plan);
  Plan write = plan_file({.path = file,
                          .content = *edited.text,
                          .attributes = edit,
                          .backup = edit.backup,
                          .validate = edit.validate,
                          .parent_is_planned = made},
                         host);
  std::string message = edited.message;
  if (changes_attributes(write, file) && before)
    message +=
        (changes_content(write, file) ? " and " : "") + std::string("ownership, perms or SE linux context changed");
  if (!write.empty() && editor(edited.text).text != edited.text) {
    write.steps.front().event = true;
    write.notes.push_back(
        "the same edit would change the file once more: what it looks for is still there, so each run changes it "
        "again");
  }
  for (Step& step : write.steps) plan.steps.push_back(std::move(step));
  plan.notes = std::move(write.notes);
  plan.result = std::move(write.result);
  plan.result.set("msg", message);
  return plan;
}

}  // namespace agent
