#include <agent/sdk/error.hpp>
#include <agent/template/base64.hpp>
#include <agent/template/unicode.hpp>

namespace agent::jinja {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

enum class Encoding { utf8, utf16_little, utf16_big, latin1, ascii };

Encoding encoding_of(const std::string& name) {
  const std::string plain = replace_all(lower(name), "_", "-");
  if (plain == "utf-8" || plain == "utf8") return Encoding::utf8;
  if (plain == "utf-16-le" || plain == "utf-16le") return Encoding::utf16_little;
  if (plain == "utf-16-be" || plain == "utf-16be") return Encoding::utf16_big;
  if (plain == "latin-1" || plain == "latin1" || plain == "iso-8859-1") return Encoding::latin1;
  if (plain == "ascii" || plain == "us-ascii") return Encoding::ascii;
  throw Error("there is no encoding '" + name + "'").hint("known are utf-8, utf-16-le, utf-16-be, latin-1 and ascii");
}

void put_unit(std::string& bytes, char32_t unit, bool little) {
  const char low = static_cast<char>(unit & 0xff), high = static_cast<char>(unit >> 8 & 0xff);
  bytes += little ? low : high;
  bytes += little ? high : low;
}

std::string from_utf16(std::string_view bytes, bool little) {
  if (bytes.size() % 2 != 0) throw Error("this is no UTF-16: it has an odd number of bytes");
  std::string text;
  const auto unit = [&](std::size_t i) {
    const auto a = static_cast<unsigned char>(bytes[i]), b = static_cast<unsigned char>(bytes[i + 1]);
    return static_cast<char32_t>(little ? a | b << 8 : a << 8 | b);
  };
  for (std::size_t i = 0; i < bytes.size(); i += 2) {
    char32_t point = unit(i);
    if (point >= 0xd800 && point < 0xdc00 && i + 3 < bytes.size()) {
      point = 0x10000 + ((point - 0xd800) << 10) + (unit(i + 2) - 0xdc00);
      i += 2;
    }
    append_utf8(text, point);
  }
  return text;
}

}  // namespace

std::string base64_encoded(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto byte = [&](std::size_t n) {
      return i + n < bytes.size() ? static_cast<unsigned>(static_cast<unsigned char>(bytes[i + n])) : 0u;
    };
    const unsigned group = byte(0) << 16 | byte(1) << 8 | byte(2);
    text += alphabet[group >> 18];
    text += alphabet[group >> 12 & 63];
    text += i + 1 < bytes.size() ? alphabet[group >> 6 & 63] : '=';
    text += i + 2 < bytes.size() ? alphabet[group & 63] : '=';
  }
  return text;
}

std::string base64_decoded(std::string_view text) {
  std::string bytes;
  unsigned group = 0;
  int count = 0, padding = 0;
  for (const char c : text) {
    if (c == '=') {
      if (count >= 2 && count + ++padding >= 4) break;
      continue;
    }
    const std::size_t digit = alphabet.find(c);
    if (digit == alphabet.npos) continue;
    padding = 0;
    group = group << 6 | static_cast<unsigned>(digit);
    if (++count < 4) continue;
    for (const int shift : {16, 8, 0}) bytes += static_cast<char>(group >> shift & 0xff);
    group = 0;
    count = 0;
  }
  if (count == 0) return bytes;
  if (count == 1 || count + padding < 4)
    throw Error("this is no base64: its length is wrong").hint("a multiple of four is expected, filled up with '='");
  if (count == 2) return bytes += static_cast<char>(group >> 4 & 0xff);
  bytes += static_cast<char>(group >> 10 & 0xff);
  return bytes += static_cast<char>(group >> 2 & 0xff);
}

std::string encoded(std::string_view text, const std::string& encoding) {
  const Encoding to = encoding_of(encoding);
  if (to == Encoding::utf8) return std::string(text);
  std::string bytes;
  for (const char32_t point : code_points(text)) {
    if (to == Encoding::latin1 || to == Encoding::ascii) {
      if (point >= (to == Encoding::ascii ? 0x80u : 0x100u))
        throw Error("the text cannot be written in '" + encoding + "'");
      bytes += static_cast<char>(point);
    } else if (point >= 0x10000) {
      put_unit(bytes, 0xd800 + ((point - 0x10000) >> 10), to == Encoding::utf16_little);
      put_unit(bytes, 0xdc00 + ((point - 0x10000) & 0x3ff), to == Encoding::utf16_little);
    } else {
      put_unit(bytes, point, to == Encoding::utf16_little);
    }
  }
  return bytes;
}

std::string decoded(std::string_view bytes, const std::string& encoding) {
  const Encoding from = encoding_of(encoding);
  if (from == Encoding::utf16_little || from == Encoding::utf16_big)
    return from_utf16(bytes, from == Encoding::utf16_little);
  if (from == Encoding::utf8) return std::string(bytes);
  std::string text;
  for (const char byte : bytes) append_utf8(text, static_cast<unsigned char>(byte));
  return text;
}

}  // namespace agent::jinja
