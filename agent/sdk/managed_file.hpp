#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <agent/sdk/file_mode.hpp>
#include <agent/sdk/host.hpp>
#include <agent/sdk/module.hpp>
#include <agent/sdk/paths.hpp>
#include <agent/sdk/plan.hpp>
#include <agent/sdk/spec.hpp>

namespace agent {

/// Owner and mode as a playbook asks for them; what is not named is left as it is.
struct FileAttributes {
  std::optional<std::string> mode, owner, group;
};

/// Adds `mode`, `owner` and `group` to the Spec of a module whose `Want` derives from `FileAttributes`.
template <class Want>
SpecOf<Want> with_file_attributes(SpecOf<Want> spec) {
  using Field = std::optional<std::string> Want::*;
  return std::move(spec)
      .optional("mode", static_cast<Field>(&Want::mode),
                "permission bits: \"0644\" in quotes, or symbols such as u=rwX,go=rX")
      .as(Type::mode)
      .optional("owner", static_cast<Field>(&Want::owner), "name or number of the user it belongs to")
      .optional("group", static_cast<Field>(&Want::group), "name or number of the group it belongs to");
}

/// What is and what shall be at one path.
struct AttributeDifference {
  std::vector<Change> changes;  ///< empty: nothing differs
  Attributes attributes;        ///< what to set
  FileInfo after;               ///< the file as it will be
};

/// Compares the owner and mode of what is at `path` with what is wanted. Throws `Error` for a user, group or mode that
/// there is not.
AttributeDifference compare_attributes(const FileAttributes& want, const Path& path, const FileInfo& now,
                                       const Host& host);

/// Owner and mode of a file or directory that is yet to be made by this host's user.
AttributeDifference attributes_of_new(const FileAttributes& want, const Path& path, FileInfo::Type type,
                                      const Host& host);

/// A file that shall hold exactly `content`.
struct ManagedFile {
  Path path;
  std::string content;
  FileAttributes attributes = {};
  bool backup = false;             ///< keep the old file beside the new one
  std::string validate = {};       ///< a command line with "%s"; it must accept the new file first
  bool follow = true;              ///< through a link to the file it means; otherwise a link is replaced
  bool secret = false;             ///< the content is not shown
  bool parent_is_planned = false;  ///< an earlier step makes the directory it lies in
};

/// Plans what makes the file so. The result holds what every file module registers: mode, owner, group, uid, gid, size,
/// state. Throws `Error` when something else than a file is there, or no directory to put it in.
Plan plan_file(const ManagedFile& want, const Host& host);

/// The change of a file's text as a person sees it: the texts, or a summary when one is binary or very large.
Change content_change(const Path& path, const std::optional<std::string>& before,
                      const std::optional<std::string>& after, bool secret = false);

/// What every file module registers of a path: mode, owner, group, uid, gid, size, state.
Map registered(const FileInfo& info, const Host& host);

/// "a link", "a directory", ...
std::string_view kind_of(FileInfo::Type type);

/// True for text as people and diff tools take it: UTF-8 without NUL.
bool is_text(std::string_view bytes);

/// A module that changes files: what `apply` learns of a backup that was kept goes into the result as `backup_file`.
class FileModule : public Module {
 public:
  Outcome apply(const Plan& plan, Host& host) const override;
};

}  // namespace agent
