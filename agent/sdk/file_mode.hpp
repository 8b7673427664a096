#pragma once

#include <optional>
#include <string>
#include <vector>

namespace agent {

/// Permission bits as a playbook writes them: "0644", "644", or in chmod's symbols "u=rwX,go=rX".
class FileMode {
 public:
  /// Throws `Error` with the way to write it when `text` is neither.
  static FileMode parse(const std::string& text);
  /// The bits that come out where the bits are `current` now. X means "only where somebody may execute already".
  unsigned on(unsigned current, bool directory) const;
  /// "0644": four digits, as playbooks write it.
  static std::string text(unsigned bits);

 private:
  struct Clause {
    unsigned who = 0;  ///< the bits of the classes meant, their set-id or sticky bit included
    bool everybody_by_default = false;
    char sign = '=';
    std::string what;  ///< letters of rwxXst, or one of u, g, o
  };
  void add_clauses(const std::string& text, const std::string& whole);
  static unsigned bits_of(const Clause& clause, unsigned current, bool directory);

  std::optional<unsigned> bits_;
  std::vector<Clause> clauses_;
};

}  // namespace agent
