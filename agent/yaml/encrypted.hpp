#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <agent/sdk/value.hpp>

namespace agent::yaml {

/// A `!vault` value: its cipher text, kept as it stands until somebody asks for what is in it.
class Encrypted : public Object {
 public:
  explicit Encrypted(std::string cipher_text) : cipher_text_(std::move(cipher_text)) {}
  std::string_view what() const override { return "an encrypted value"; }
  const std::string& cipher_text() const { return cipher_text_; }

 private:
  std::string cipher_text_;
};

/// The encrypted value, or null when `value` is none.
inline const Encrypted* encrypted(const Value& value) {
  return value.is_object() ? dynamic_cast<const Encrypted*>(value.object().get()) : nullptr;
}

}  // namespace agent::yaml
