#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <agent/sdk/value.hpp>

namespace agent::sshd_config {

/// One setting: the keyword as sshd_config(5) spells it, and its lines' values (several for Port, HostKey, ...).
struct Setting {
  std::string keyword;
  Strings values;
  friend bool operator==(const Setting&, const Setting&) = default;
};

/// Reads the `settings` of a task: booleans become yes and no, lists what the keyword takes. Throws Error for a keyword
/// that sshd does not have.
std::vector<Setting> read_settings(const Map& map);

/// A line of a configuration file that sets something outside of Match blocks.
struct SetLine {
  std::string file;
  int number = 0;
  std::string keyword;  ///< in lower case
  std::string value;
};
std::vector<SetLine> set_lines(const std::string& text, const std::string& file);

/// The text of a drop-in file.
std::string drop_in_text(const std::vector<Setting>& settings, const std::string& match);

/// A configuration with these settings in it: the line that sets one is replaced, a commented one is followed, and
/// what is new stands before the first Match. With `match` the settings are a block at the end.
std::string with_settings(const std::string& text, const std::vector<Setting>& settings, const std::string& match);
/// The same without them.
std::string without_settings(const std::string& text, const std::vector<Setting>& settings, const std::string& match);

/// The patterns of the Include lines before the first Match.
Strings includes(const std::string& text);

}  // namespace agent::sshd_config
