#pragma once

#include <string>
#include <string_view>

namespace agent::report {

/// `text` as it stands between tags or in a quoted attribute, the same in HTML and XML. What it says was made fit to be
/// shown before (shown_text.hpp).
std::string markup(std::string_view text);

}  // namespace agent::report
