#pragma once

#include <functional>
#include <optional>
#include <string>

#include <agent/sdk/managed_file.hpp>

namespace agent {

/// A change of a text file in parts, as `lineinfile`, `blockinfile` and `replace` make it.
struct FileEdit : FileAttributes {
  std::string path = {};
  bool create = false;  ///< make a missing file, and its directories
  bool backup = false;
  std::string validate = {};
};

/// What an edit makes of a text (nothing: there shall be no file either), and what `msg` says of it.
struct Edited {
  std::optional<std::string> text;
  std::string message;
};
using Editor = std::function<Edited(const std::optional<std::string>& before)>;

/// Plans the edit. The result has `msg`, and what every file module registers. An edit that would change its own
/// outcome once more is an event: there is no state to converge to, which a note says. Throws `Error` when the file
/// does not exist and is not to be made.
Plan plan_edit(const FileEdit& edit, const Editor& editor, const Host& host);

/// The file that an edit is about, links followed; `Error` where that is a directory.
Path edited_file(const FileEdit& edit, const Host& host);

/// A text as its lines, each with its end.
Strings lines_with_ends(const std::string& text);

/// The Spec of a module whose `Want` derives from `FileEdit`, with its first argument, the file.
template <class Want>
SpecOf<Want> edit_spec(std::string name, std::string summary) {
  return SpecOf<Want>(std::move(name), std::move(summary))
      .required("path", static_cast<std::string Want::*>(&Want::path), "the file")
      .as(Type::path)
      .alias("dest")
      .alias("destfile")
      .alias("name");
}

/// Adds the other arguments that all of them take to the Spec of a module whose `Want` derives from `FileEdit`.
template <class Want>
SpecOf<Want> with_edit_options(SpecOf<Want> spec) {
  return with_file_attributes(
      std::move(spec)
          .optional("backup", static_cast<bool Want::*>(&Want::backup), "keep the old file beside the new one")
          .optional("validate", static_cast<std::string Want::*>(&Want::validate),
                    "a command that must accept the new file first; %s is the file"));
}

}  // namespace agent
