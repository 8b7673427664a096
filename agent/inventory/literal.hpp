#pragma once

#include <string_view>

#include <agent/sdk/value.hpp>

namespace agent::inventory {

/// A value of an INI inventory: what Python's literal_eval makes of the text (1, 2.5, True, None, 'x', [1, 2], {'a':
/// 1}), and the text itself where that is no literal: `yes` and `false` are texts. Text is marked as a template.
Value literal_or_text(std::string_view text, const Where& where);

}  // namespace agent::inventory
