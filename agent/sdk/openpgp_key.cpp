#include <algorithm>
#include <cctype>
#include <cstdint>
#include <optional>

#include <agent/sdk/checksum.hpp>
#include <agent/sdk/error.hpp>
#include <agent/sdk/openpgp_key.hpp>

namespace agent {

namespace {

constexpr std::string_view begin_line = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
constexpr std::string_view end_line = "-----END PGP PUBLIC KEY BLOCK-----";

enum Tag : unsigned { secret_key = 5, public_key = 6, secret_subkey = 7, user_id = 13 };

Error no_keyring(const std::string& why) {
  return Error("this is no OpenPGP public key: " + why);
}

unsigned byte(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

// ---- armour ---------------------------------------------------------------------------------------------------------

std::optional<unsigned> base64_digit(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  if (c == '/') return 63;
  return std::nullopt;
}

std::string from_base64(std::string_view text) {
  std::string bytes;
  unsigned held = 0, bits = 0;
  for (const char c : text) {
    if (c == '=' || std::isspace(static_cast<unsigned char>(c)) != 0) continue;
    const auto digit = base64_digit(c);
    if (!digit) throw no_keyring("its armour holds '" + std::string(1, c) + "'");
    held = (held << 6 | *digit) & 0xffffffU;
    bits += 6;
    if (bits >= 8) bytes += static_cast<char>(held >> (bits -= 8) & 0xffU);
  }
  return bytes;
}

std::uint32_t crc24(std::string_view bytes) {
  std::uint32_t crc = 0xB704CE;
  for (const char c : bytes) {
    crc ^= static_cast<std::uint32_t>(static_cast<unsigned char>(c)) << 16;
    for (int bit = 0; bit < 8; ++bit) {
      crc <<= 1;
      if (crc & 0x1000000) crc ^= 0x1864CFB;
    }
  }
  return crc & 0xffffff;
}

// The packets of all blocks in a text; what stands around the blocks is a comment.
std::string unarmoured(std::string_view text) {
  std::string packets;
  for (std::size_t begin = text.find(begin_line); begin != std::string_view::npos;) {
    const std::size_t end = text.find(end_line, begin);
    if (end == std::string_view::npos) throw no_keyring("its last line is missing");
    std::string_view block = text.substr(begin + begin_line.size(), end - begin - begin_line.size());
    std::string body;
    bool headers = true;
    for (block.remove_prefix(std::min(block.size(), block.find('\n') + 1)); !block.empty();) {
      const std::size_t stop = std::min(block.find('\n'), block.size());
      std::string_view line = block.substr(0, stop);
      block.remove_prefix(std::min(block.size(), stop + 1));
      while (!line.empty() && std::isspace(static_cast<unsigned char>(line.back())) != 0) line.remove_suffix(1);
      if (headers && (line.empty() || line.find(": ") != std::string_view::npos)) {
        headers = !line.empty();
        continue;
      }
      headers = false;
      if (line.starts_with("=")) break;  // the checksum; the fingerprint says more
      body += line;
    }
    packets += from_base64(body);
    begin = text.find(begin_line, end);
  }
  return packets;
}

// ---- packets --------------------------------------------------------------------------------------------------------

struct Packet {
  unsigned tag = 0;
  std::string_view body;
  std::size_t size = 0;  ///< with its header
};

std::size_t number(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) throw no_keyring("it is cut off");
  std::size_t value = 0;
  for (std::size_t i = 0; i < count; ++i) value = value << 8 | byte(text, at + i);
  return value;
}

Packet first_packet(std::string_view text) {
  const unsigned head = byte(text, 0);
  if ((head & 0x80) == 0) throw no_keyring("it does not begin with a packet");
  Packet packet;
  std::size_t begin = 1, length = 0;
  if ((head & 0x40) != 0) {
    packet.tag = head & 0x3f;
    const std::size_t first = number(text, 1, 1);
    if (first >= 224 && first < 255) throw no_keyring("it holds a packet of unknown length");
    if (first < 192)
      length = first, begin = 2;
    else if (first < 224)
      length = ((first - 192) << 8) + number(text, 2, 1) + 192, begin = 3;
    else
      length = number(text, 2, 4), begin = 6;
  } else {
    packet.tag = head >> 2 & 0xf;
    if ((head & 3) == 3) throw no_keyring("it holds a packet of unknown length");
    const std::size_t octets = std::size_t{1} << (head & 3);
    length = number(text, 1, octets);
    begin += octets;
  }
  if (length > text.size() - begin) throw no_keyring("it is cut off");
  packet.body = text.substr(begin, length);
  packet.size = begin + length;
  return packet;
}

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

std::string big_endian(std::size_t value, int octets) {
  std::string text;
  for (int i = octets - 1; i >= 0; --i) text += static_cast<char>(value >> (8 * i) & 0xff);
  return text;
}

std::string fingerprint_of(std::string_view body) {
  const unsigned version = body.empty() ? 0 : byte(body, 0);
  if (version == 4) return upper(checksum(Digest::sha1, "\x99" + big_endian(body.size(), 2) + std::string(body)));
  if (version == 6) return upper(checksum(Digest::sha256, "\x9b" + big_endian(body.size(), 4) + std::string(body)));
  throw no_keyring("it is a key of version " + std::to_string(version) + ", which is not used any more");
}

std::string listed_fingerprints(const std::vector<OpenPgpKey>& keys) {
  std::string text;
  for (const OpenPgpKey& key : keys) text += (text.empty() ? "" : ", ") + key.fingerprint;
  return text;
}

}  // namespace

std::vector<OpenPgpKey> openpgp_keys(std::string_view keyring) {
  const bool is_text = keyring.find(begin_line) != std::string_view::npos;
  const std::string unpacked = is_text ? unarmoured(keyring) : std::string(keyring);
  std::vector<OpenPgpKey> keys;
  for (std::string_view rest = unpacked; !rest.empty();) {
    const Packet packet = first_packet(rest);
    if (packet.tag == secret_key || packet.tag == secret_subkey) throw no_keyring("it holds a secret key");
    if (packet.tag == public_key)
      keys.push_back({.fingerprint = fingerprint_of(packet.body)});
    else if (keys.empty())
      throw no_keyring("it does not begin with a key");
    if (packet.tag == user_id && keys.back().user.empty()) keys.back().user = packet.body;
    keys.back().bytes += rest.substr(0, packet.size);
    rest.remove_prefix(packet.size);
  }
  if (keys.empty()) throw no_keyring("it is empty");
  return keys;
}

const OpenPgpKey& only_key(const std::vector<OpenPgpKey>& keys, const std::string& fingerprint,
                           const std::string& where) {
  if (keys.size() == 1 && keys[0].fingerprint == fingerprint) return keys[0];
  throw Error("the key " + where + " is not the one expected: found " + listed_fingerprints(keys) + ", expected " +
              fingerprint)
      .hint("nothing was trusted; if this mirror signs with a key of its own, name it with key_fingerprint");
}

OpenPgpKey fetched_key(const std::string& content, const std::string& fingerprint, const std::string& url) {
  const std::string where = "at '" + url + "'";
  std::vector<OpenPgpKey> keys;
  try {
    keys = openpgp_keys(content);
  } catch (const Error& error) {
    throw Error("the key " + where + " cannot be used: " + error.message())
        .hint("a proxy or a login page may stand between; look at it with a browser");
  }
  return only_key(keys, fingerprint, where);
}

std::string shown_fingerprints(const std::string& keyring) {
  try {
    return listed_fingerprints(openpgp_keys(keyring));
  } catch (const Error&) {
    return "no key";
  }
}

std::string armoured_key(std::string_view packets) {
  const std::string digits = base64(packets);
  std::string text = std::string(begin_line) + "\n\n";
  for (std::size_t at = 0; at < digits.size(); at += 64) text += digits.substr(at, 64) + "\n";
  text += "=" + base64(big_endian(crc24(packets), 3)) + "\n" + std::string(end_line) + "\n";
  return text;
}

std::string full_fingerprint(std::string_view text, const std::string& argument) {
  std::string digits;
  if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
  for (const char c : text)
    if (std::isspace(static_cast<unsigned char>(c)) == 0 && c != ':') digits += c;
  const bool hex = std::all_of(digits.begin(), digits.end(),
                               [](char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; });
  if (!hex || (digits.size() != 40 && digits.size() != 64))
    throw Error("'" + std::string(text) + "' is no full fingerprint of a key")
        .hint("a fingerprint has 40 hexadecimal digits; the last 8 or 16 alone can be forged")
        .about(argument);
  return upper(digits);
}

}  // namespace agent
