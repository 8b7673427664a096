#include <iterator>

#include <agent/sdk/checksum.hpp>
#include <agent/sdk/placed_file.hpp>

namespace agent {
namespace {

bool ends_in_slash(const std::string& text) {
  return !text.empty() && text.back() == '/';
}

void expect_checksum(const PlacedFile& want, const std::string& found) {
  if (want.checksum.empty() || want.checksum == found) return;
  throw Error("the content's sha1 is " + found + ", not " + want.checksum + " as 'checksum' says")
      .about("checksum")
      .with({{"checksum", found}, {"expected_checksum", want.checksum}});
}

Value md5_or_null(const std::string& content) {
  try {
    return checksum(Digest::md5, content);
  } catch (const Error&) {
    return nullptr;  // a system in FIPS mode has no md5; nothing depends on it
  }
}

}  // namespace

Path destination(const std::string& dest, const std::string& name, const Host& host) {
  const Path path = path_argument(dest, host);
  if (ends_in_slash(dest)) return path / name;
  const auto there = host.stat(path);
  return there && there->is_directory() ? path / name : path;
}

bool plan_directories(const Path& directory, const FileAttributes& attributes, const Host& host, Plan& plan) {
  Step step;
  for (Path parent = directory; !host.stat(parent); parent = parent.parent_path())
    step.changes.insert(step.changes.begin(), {parent.string(), std::nullopt, "directory"});
  if (step.changes.empty()) return false;
  expect_links_to_be_trusted(directory, host);
  auto made = attributes_of_new(attributes, directory, FileInfo::Type::directory, host);
  step.changes.insert(step.changes.end(), made.changes.begin(), made.changes.end());
  step.actions.push_back(MakeDirectory{directory, made.attributes});
  plan.steps.push_back(std::move(step));
  return true;
}

Plan plan_placed_file(const PlacedFile& want, const Host& host) {
  const std::string sha1 = checksum(Digest::sha1, want.content);
  expect_checksum(want, sha1);
  const Path path = destination(want.dest, want.name, host);
  if (want.name.empty()) {
    const auto there = host.stat(path);
    if (ends_in_slash(want.dest) || (there && there->is_directory()))
      throw Error("'" + want.dest + "' is a directory, and 'content' has no name to give a file in it")
          .hint("name the file: dest: " + (path / "NAME").string())
          .about("dest");
  }
  const auto there = host.stat(path, false);
  // A link that leads nowhere is replaced in any case.
  const bool follows = want.follow && there && there->is_link() && host.stat(path);
  const Path file_path = follows ? resolve_links_to_write(path, host) : path;
  if (host.stat(path) && !want.force) {
    Plan kept{.steps = {}, .result = registered(*there, host)};
    kept.result.merge({{"dest", file_path.string()}, {"msg", "file already exists"}});
    return kept;
  }

  Plan plan;
  const FileAttributes of_directory{want.directory_mode, want.attributes.owner, want.attributes.group};
  const bool made = ends_in_slash(want.dest) && plan_directories(path.parent_path(), of_directory, host, plan);
  Plan file = plan_file({.path = path,
                         .content = want.content,
                         .attributes = want.attributes,
                         .backup = want.backup,
                         .validate = want.validate,
                         .follow = follows,
                         .parent_is_planned = made},
                        host);
  std::move(file.steps.begin(), file.steps.end(), std::back_inserter(plan.steps));
  plan.result = std::move(file.result);
  plan.result.set("dest", file_path.string());
  plan.result.set("checksum", sha1);
  if (!plan.steps.empty()) plan.result.set("md5sum", md5_or_null(want.content));
  return plan;
}

}  // namespace agent
