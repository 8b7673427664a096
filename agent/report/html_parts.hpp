#pragma once

#include <string_view>

/// The files of html/, put into the program when it is built (html/embed.cmake).
namespace agent::report::html {

extern const std::string_view page;    ///< page.html, with @names@ of what is filled in
extern const std::string_view style;   ///< page.css
extern const std::string_view script;  ///< page.js and table.js

}  // namespace agent::report::html
