// CBOR (RFC 8949), as values travel between processes and across the boundary of modules. Written by hand because every
// look that a module takes at its host passes here: a library that builds a tree of its own in between, or takes text
// byte by byte, costs more than the look itself.
#include <algorithm>
#include <cmath>
#include <cstring>

#include <agent/sdk/codec.hpp>
#include <agent/sdk/error.hpp>

namespace agent {

namespace {

// How an unknown value travels: a map with this one key, which no author would choose.
constexpr std::string_view unknown_key = "\x01unknown";
constexpr int deepest = 128;

enum Major : std::uint8_t { whole, negative, bytes, text, list, map, tag, simple };

constexpr std::uint8_t simple_false = 20, simple_true = 21, simple_null = 22, simple_undefined = 23, half = 25,
                       single = 26, doubled = 27, indefinite = 31, end_of_indefinite = 0xFF;

// std::bit_cast, which the oldest compiler that we build with does not have.
template <class To, class From>
To same_bits(From from) {
  static_assert(sizeof(To) == sizeof(From));
  To to;
  std::memcpy(&to, &from, sizeof to);
  return to;
}

// ---- writing ------------------------------------------------------------------------------------------------------

class Writer {
 public:
  void begin_list(std::size_t count) { head(list, count); }

  void write(const Value& value) {
    switch (value.kind()) {
      case Kind::null:
      case Kind::object:  // lives in one process only
        return byte(simple, simple_null);
      case Kind::boolean:
        return byte(simple, value.boolean() ? simple_true : simple_false);
      case Kind::integer:
        return integer(value.integer());
      case Kind::real:
        return real(value.real());
      case Kind::string:
        return string(value.string());
      case Kind::list:
        head(list, value.list().size());
        for (const Value& item : value.list()) write(item);
        return;
      case Kind::map:
        head(map, value.map().size());
        for (const auto& [key, member] : value.map()) {
          string(key);
          write(member);
        }
        return;
      case Kind::unknown:
        head(map, 1);
        string(unknown_key);
        head(list, value.reasons().size());
        for (const std::string& reason : value.reasons()) string(reason);
        return;
    }
  }

  Bytes out;

 private:
  void byte(Major major, std::uint8_t rest) { out.push_back(static_cast<std::uint8_t>(major << 5U | rest)); }

  void big_endian(std::uint64_t number, int size) {
    for (int shift = (size - 1) * 8; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(number >> shift));
  }

  void head(Major major, std::uint64_t number) {
    if (number < 24) return byte(major, static_cast<std::uint8_t>(number));
    const int power = number <= 0xFF ? 0 : number <= 0xFFFF ? 1 : number <= 0xFFFFFFFF ? 2 : 3;
    byte(major, static_cast<std::uint8_t>(24 + power));
    big_endian(number, 1 << power);
  }

  void integer(std::int64_t number) {
    const auto bits = static_cast<std::uint64_t>(number);
    number < 0 ? head(negative, ~bits) : head(whole, bits);
  }

  void real(double number) {
    byte(simple, doubled);
    big_endian(same_bits<std::uint64_t>(number), 8);
  }

  void string(std::string_view value) {
    head(text, value.size());
    out.insert(out.end(), value.begin(), value.end());
  }
};

// ---- reading ------------------------------------------------------------------------------------------------------

/// Every length is held against what is left before anything is made of it: the bytes may be anybody's.
class Reader {
 public:
  Reader(const std::uint8_t* data, std::size_t size) : at_(data), end_(data + size) {}

  Value message() {
    Value value = item(0);
    if (at_ != end_) throw broken("there is something behind it");
    return value;
  }

 private:
  struct Head {
    Major major;
    std::uint8_t rest;     // the lower five bits
    std::uint64_t number;  // what follows them; 0 where indefinite
    bool is_open() const { return rest == indefinite; }
  };

  static Error broken(const std::string& why) { return Error("a message is not whole: " + why); }

  void need(std::uint64_t size) const {
    if (size > static_cast<std::uint64_t>(end_ - at_)) throw broken("it ends too early");
  }

  Head head() {
    need(1);
    const std::uint8_t first = *at_++;
    Head head{static_cast<Major>(first >> 5U), static_cast<std::uint8_t>(first & 31U), 0};
    if (head.rest < 24) {
      head.number = head.rest;
    } else if (head.rest < 28) {
      const std::size_t size = std::size_t{1} << (head.rest - 24U);
      need(size);
      for (std::size_t i = 0; i < size; ++i) head.number = head.number << 8U | *at_++;
    } else if (head.rest != indefinite || head.major < bytes || head.major == tag) {
      throw broken("a length is written as CBOR does not write it");
    }
    return head;
  }

  /// Whether an indefinite row ends here; then its end is passed.
  bool ends() {
    need(1);
    if (*at_ != end_of_indefinite) return false;
    ++at_;
    return true;
  }

  Value item(int depth) {
    const Head what = head();
    switch (what.major) {
      case whole:
        // Beyond 64 signed bits only a real can hold it.
        return what.number <= INT64_MAX ? Value(static_cast<std::int64_t>(what.number))
                                        : Value(static_cast<double>(what.number));
      case negative:
        return what.number <= INT64_MAX ? Value(static_cast<std::int64_t>(~what.number))
                                        : Value(-1.0 - static_cast<double>(what.number));
      case bytes:
      case text:
        return string(what);
      case list:
        return list_of(what, depth + 1);
      case map:
        return map_of(what, depth + 1);
      case tag:
        throw broken("it holds a tag");
      case simple:
        return simple_value(what);
    }
    throw broken("it holds what is no value");
  }

  std::string string(const Head& what) {
    if (!what.is_open()) return piece(what.number);
    std::string whole_text;
    while (!ends()) {
      const Head part = head();
      if (part.major != what.major || part.is_open()) throw broken("a text in pieces holds something else");
      whole_text += piece(part.number);
    }
    return whole_text;
  }

  std::string piece(std::uint64_t size) {
    need(size);
    std::string found(reinterpret_cast<const char*>(at_), static_cast<std::size_t>(size));
    at_ += size;
    return found;
  }

  static void expect_shallow(int depth) {
    if (depth > deepest) throw broken("nested too deeply");
  }

  /// A short row's memory is taken at once; what says that it is long shows it first.
  static std::size_t room_for(std::uint64_t count) {
    return static_cast<std::size_t>(std::min<std::uint64_t>(count, 256));
  }

  List list_of(const Head& what, int depth) {
    expect_shallow(depth);
    List items;
    if (!what.is_open()) {
      need(what.number);  // each is a byte at least
      items.reserve(room_for(what.number));
    }
    for (std::uint64_t i = 0; what.is_open() ? !ends() : i < what.number; ++i) items.push_back(item(depth));
    return items;
  }

  Value map_of(const Head& what, int depth) {
    expect_shallow(depth);
    Map members;
    if (!what.is_open()) {
      need(what.number);
      members.reserve(room_for(what.number));
    }
    for (std::uint64_t i = 0; what.is_open() ? !ends() : i < what.number; ++i) {
      const Head key = head();
      if (key.major != text) throw broken("a key is not text");
      const std::string name = string(key);
      members.set(name, item(depth));
    }
    if (members.size() == 1)
      if (const Value* reasons = members.find(unknown_key); reasons && reasons->is_list())
        return Value::unknown(strings_from(*reasons));
    return members;
  }

  static double half_real(std::uint64_t bits) {
    const int exponent = static_cast<int>(bits >> 10U & 31U);
    const auto mantissa = static_cast<double>(bits & 1023U);
    const double size = exponent == 0    ? std::ldexp(mantissa, -24)
                        : exponent == 31 ? (mantissa == 0 ? HUGE_VAL : std::nan(""))
                                         : std::ldexp(mantissa + 1024, exponent - 25);
    return (bits & 0x8000U) != 0 ? -size : size;
  }

  static Value simple_value(const Head& what) {
    switch (what.rest) {
      case simple_false:
        return false;
      case simple_true:
        return true;
      case simple_null:
      case simple_undefined:
        return nullptr;
      case half:
        return half_real(what.number);
      case single:
        return static_cast<double>(same_bits<float>(static_cast<std::uint32_t>(what.number)));
      case doubled:
        return same_bits<double>(what.number);
      default:
        throw broken("it holds what is no value");
    }
  }

  const std::uint8_t* at_;
  const std::uint8_t* end_;
};

}  // namespace

Bytes to_cbor(const Value& value) {
  Writer writer;
  writer.write(value);
  return std::move(writer.out);
}

Bytes to_cbor(std::size_t count, const std::function<Value(std::size_t)>& item) {
  Writer writer;
  writer.begin_list(count);
  for (std::size_t i = 0; i < count; ++i) writer.write(item(i));
  return std::move(writer.out);
}

Value from_cbor(const std::uint8_t* data, std::size_t size) {
  return Reader(data, size).message();
}

}  // namespace agent
