// Digests, passwords and identifiers. The engine's door to libcrypt.
#include <algorithm>
#include <array>
#include <memory>

#include <crypt.h>

#include <agent/sdk/checksum.hpp>
#include <agent/template/coerce.hpp>
#include <agent/template/compare.hpp>
#include <agent/template/printing.hpp>
#include <agent/template/python_random.hpp>
#include <agent/template/registry.hpp>
#include <agent/template/unicode.hpp>

namespace agent::jinja {

namespace {

std::string digest(const std::string& algorithm, std::string_view bytes) {
  auto out = raw_checksum(lower(algorithm), bytes);
  if (!out)
    throw Error("there is no hash '" + algorithm + "'")
        .hint("known are md5, sha1, sha224, sha256, sha384, sha512, sha3_224 to sha3_512 and ripemd160");
  return std::move(*out);
}

Value hash(Context&, const Value& input, const Bound& arguments) {
  return hexadecimal(digest(arguments.text(0, "sha1"), text_of(input)));
}
Value md5(Context&, const Value& input, const Bound&) {
  return checksum(Digest::md5, text_of(input));
}
Value sha1(Context&, const Value& input, const Bound&) {
  return checksum(Digest::sha1, text_of(input));
}

// A name-based UUID (version 5) in Ansible's own namespace, or another.
Value to_uuid(Context&, const Value& input, const Bound& arguments) {
  const std::string space = replace_all(arguments.text(0, "361E6D51-FAEC-444A-9079-341386DA8E2E"), "-", "");
  std::string bytes;
  for (std::size_t i = 0; i + 1 < space.size(); i += 2) {
    const auto byte = parse_integer(space.substr(i, 2), 16);
    if (!byte || *byte < 0) throw Error("'" + arguments.text(0) + "' is no UUID");
    bytes += static_cast<char>(*byte);
  }
  if (bytes.size() != 16) throw Error("'" + arguments.text(0) + "' is no UUID");
  std::string raw = digest("sha1", bytes + text_of(input)).substr(0, 16);
  raw[6] = static_cast<char>((raw[6] & 0x0f) | 0x50);
  raw[8] = static_cast<char>((raw[8] & 0x3f) | 0x80);
  const std::string hex = hexadecimal(raw);
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" + hex.substr(16, 4) + "-" +
         hex.substr(20);
}

/// One of crypt's ways to hash a password.
struct Scheme {
  std::string_view name, prefix;
  std::size_t salt_size;
  std::int64_t default_rounds;
};
constexpr Scheme schemes[] = {{"md5", "$1$", 8, 0},          {"md5_crypt", "$1$", 8, 0},
                              {"sha256", "$5$", 16, 535000}, {"sha256_crypt", "$5$", 16, 535000},
                              {"sha512", "$6$", 16, 656000}, {"sha512_crypt", "$6$", 16, 656000},
                              {"blowfish", "$2b$", 22, 12},  {"bcrypt", "$2b$", 22, 12}};

const Scheme& scheme_of(const std::string& name) {
  for (const Scheme& scheme : schemes)
    if (scheme.name == name) return scheme;
  throw Error("there is no way to hash passwords called '" + name + "'")
      .hint("known are md5, sha256, sha512 and blowfish");
}

constexpr std::string_view salt_letters = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

std::string salt_for(Context& context, const Scheme& scheme, const Bound& arguments) {
  if (!arguments.has(1) || arguments[1].is_null()) {
    PythonRandom random(context.services().random());
    std::string salt;
    while (salt.size() < scheme.salt_size) salt += salt_letters[random.below(salt_letters.size())];
    // The last letter of a bcrypt salt carries four bits only.
    if (scheme.prefix == "$2b$") salt.back() = ".Oeu"[random.below(4)];
    return salt;
  }
  const std::string salt = arguments.text(1);
  const bool exact = scheme.prefix == "$2b$";
  if (salt.find_first_not_of(salt_letters) != salt.npos) throw Error("a salt is made of letters, digits, '.' and '/'");
  if (salt.size() > scheme.salt_size || (exact && salt.size() != scheme.salt_size))
    throw Error("the salt for " + std::string(scheme.name) + " has " + (exact ? "exactly " : "at most ") +
                std::to_string(scheme.salt_size) + " characters, and this has " + std::to_string(salt.size()));
  return salt;
}

Value password_hash(Context& context, const Value& input, const Bound& arguments) {
  const Scheme& scheme = scheme_of(arguments.has(0) && !arguments[0].is_null() ? arguments.text(0) : "sha512");
  const std::string password = text_of(input);
  if (password.find('\0') != password.npos) throw Error("a password cannot hold a null character");
  const bool bcrypt = scheme.prefix == "$2b$";
  const std::int64_t rounds = arguments.integer(3, scheme.default_rounds);
  std::string setting(scheme.prefix);
  if (bcrypt) {
    if (rounds < 4 || rounds > 16) throw Error("the rounds of blowfish are between 4 and 16");
    setting += (rounds < 10 ? "0" : "") + std::to_string(rounds) + "$";
  } else if (scheme.default_rounds > 0 && rounds != 5000) {
    if (rounds < 1000 || rounds > 5'000'000) throw Error("the rounds are between 1000 and 5000000");
    setting += "rounds=" + std::to_string(rounds) + "$";
  }
  setting += salt_for(context, scheme, arguments);
  const auto data = std::make_unique<crypt_data>();
  const char* hashed = crypt_r(password.c_str(), setting.c_str(), data.get());
  if (!hashed || hashed[0] == '*')
    throw Error("passwords cannot be hashed with '" + std::string(scheme.name) + "' on this machine");
  return std::string(hashed);
}

Value no_vault(Context&, const Value&, const Bound&) {
  throw Error("vault filters are not supported")
      .hint("'agent vault encrypt_string' makes encrypted values, which are opened by themselves");
}

}  // namespace

const Filters& hash_filters() {
  static const Filters filters = {{"hash", "hashtype=", hash},
                                  {"checksum", "", sha1},
                                  {"md5", "", md5},
                                  {"sha1", "", sha1},
                                  {"to_uuid", "namespace=", to_uuid},
                                  {"password_hash", "hashtype=, salt=, salt_size=, rounds=, ident=", password_hash},
                                  {"vault", "*, **", no_vault},
                                  {"unvault", "*, **", no_vault}};
  return filters;
}

}  // namespace agent::jinja
