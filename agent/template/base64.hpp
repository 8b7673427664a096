#pragma once

#include <string>
#include <string_view>

namespace agent::jinja {

std::string base64_encoded(std::string_view bytes);
/// Throws Error when the text is no base64. Characters that are not of its alphabet are passed over, as in Python.
std::string base64_decoded(std::string_view text);

/// UTF-8 text in another encoding, and back: utf-8, utf-16-le, utf-16-be, latin-1, ascii. Throws Error for others.
std::string encoded(std::string_view text, const std::string& encoding);
std::string decoded(std::string_view bytes, const std::string& encoding);

}  // namespace agent::jinja
