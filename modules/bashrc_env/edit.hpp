#pragma once

#include <optional>
#include <string>

#include <agent/sdk/value.hpp>

#include "words.hpp"

namespace agent::bashrc_env {

/// What is asked of one variable.
struct Wish {
  enum class Kind { any, value, prepend, append };  ///< any: only to take out all that this module wrote of it
  std::string name;
  Kind kind = Kind::value;
  std::string value;  ///< kind value
  Strings entries;    ///< kind prepend, append
  std::string comment;
};

/// What a script's variables are judged by, beside the script.
struct Surroundings {
  std::string prelude;  ///< what the shell reads before it
  std::string home, user;
  std::string login = {};  ///< the files of a login shell: what they put into a list is inherited
  Strings inherited = {};  ///< entries of the list that a shell is known to start with
};

/// The script, changed so that a new shell has what is wished for; unchanged where it has it already.
std::string with_wish(const std::string& script, const Wish& wish, const Surroundings& around);

/// The script without what this module wrote for the wish.
std::string without_wish(const std::string& script, const Wish& wish, const Surroundings& around);

/// What a new shell would see of `name`, started with `inherited`; nothing: not set, or not known without running it.
std::optional<std::string> seen_value(const std::string& script, const std::string& name, const Surroundings& around,
                                      const Lookup& inherited);

/// The number of the line on which a person, not this module, surely sets `name` last; 0: nowhere.
int line_of_person(const std::string& script, const std::string& name);

}  // namespace agent::bashrc_env
