#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace agent {

/// Makes out of what pip prints what a person wants to know: what is downloaded, how far it is, what is installed.
class PipProgress {
 public:
  struct News {
    std::string text;
    double fraction = -1;
  };
  /// The news in a line of pip's output; nothing when there is none for a person.
  std::optional<News> read(std::string_view line);

 private:
  std::string downloading_;
};

}  // namespace agent
