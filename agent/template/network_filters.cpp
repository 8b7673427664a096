// ipaddr and its family, as ansible.utils has them.
#include <algorithm>
#include <cmath>

#include <agent/template/coerce.hpp>
#include <agent/template/compare.hpp>
#include <agent/template/ip_address.hpp>
#include <agent/template/printing.hpp>
#include <agent/template/registry.hpp>
#include <agent/template/unicode.hpp>

namespace agent::jinja {

namespace {

enum class Family { any, four, six };

bool fits(const IpNetwork& network, Family family) {
  return family == Family::any || (family == Family::four) == (network.address.version == 4);
}

// A query answers false for what it does not hold of.
Value no() {
  return false;
}

/// One address or network, and how it was written.
struct Subject {
  IpNetwork network;
  bool has_prefix = false;
};

std::optional<Subject> subject_of(const Value& value) {
  if (is_whole(value) && !value.is_boolean()) {
    if (value.integer() < 0 || value.integer() > 0xffffffff) return std::nullopt;
    return Subject{{ipv4(static_cast<std::uint32_t>(value.integer())), 32}, false};
  }
  if (!value.is_string()) return std::nullopt;
  const std::string text = strip(value.string());
  const auto network = parse_network(text);
  return network ? std::optional(Subject{*network, text.find('/') != text.npos}) : std::nullopt;
}

bool is_network(const IpNetwork& network) {
  return network.prefix < network.width() && network.address == network.first();
}

Value host_text(const Subject& subject) {
  return subject.has_prefix ? subject.network.text() : subject.network.address.text();
}

Value special(const Subject& subject, const std::string& query, const Value& input) {
  const IpNetwork& network = subject.network;
  const IpAddress& address = network.address;
  const auto only_if = [&](bool holds) { return holds ? input : no(); };
  if (query == "private") return only_if(is_private(address));
  if (query == "public")
    return only_if(!is_private(address) && !is_loopback(address) && !is_multicast(address) && !is_link_local(address) &&
                   !is_reserved(address));
  if (query == "loopback" || query == "lo") return only_if(is_loopback(address));
  if (query == "multicast") return only_if(is_multicast(address));
  if (query == "unicast") return only_if(!is_multicast(address));
  if (query == "link-local" || query == "lladdr") return only_if(is_link_local(address));
  if (query == "reserved") return only_if(is_reserved(address));
  return Value(nullptr);
}

// Answers one query about one address; null when there is no such query.
Value simple_answer(const Subject& subject, const std::string& query, const Value& input) {
  const IpNetwork& network = subject.network;
  const IpAddress& address = network.address;
  const bool single = network.prefix == network.width();
  if (query.empty()) return input.is_string() ? Value(strip(input.string())) : Value(address.text());
  if (query == "address" || query == "ip")
    return is_network(network) && network.prefix < network.width() - 1 ? no() : Value(address.text());
  if (query == "host") {
    if (is_network(network) && network.prefix < network.width() - 1) return no();
    return address.text() + "/" + std::to_string(network.prefix);
  }
  if (query == "net") return is_network(network) || (single && subject.has_prefix) ? Value(network.text()) : no();
  if (query == "network" || query == "network_id") return network.first().text();
  if (query == "subnet") return IpNetwork{network.first(), network.prefix}.text();
  if (query == "netmask") return network.mask().text();
  if (query == "hostmask" || query == "wildcard") return network.host_mask().text();
  if (query == "prefix" || query == "prefixlen") return network.prefix;
  if (query == "broadcast") return network.width() == 32 && network.prefix < 31 ? Value(network.last().text()) : no();
  if (query == "size") return number_or_text(network.size());
  if (query == "version" || query == "type") {
    if (query == "version") return address.version;
    return is_network(network) ? "network" : "address";
  }
  if (query == "int")
    return subject.has_prefix && !single ? Value(number_text(address) + "/" + std::to_string(network.prefix))
                                         : number_or_text(address.number());
  if (query == "bool") return true;
  if (query == "revdns") return reverse_name(address);
  if (query == "host/prefix" || query == "hostnet" || query == "gateway" || query == "gw" ||
      query == "address/prefix") {
    if (single || (is_network(network) && network.prefix < network.width() - 1)) return no();
    return network.text();
  }
  if (query == "network/prefix") return IpNetwork{network.first(), network.prefix}.text();
  if (query == "ip/prefix") return network.text();
  if (query == "network_netmask") return network.first().text() + " " + network.mask().text();
  if (query == "address_netmask" || query == "ip_netmask") return address.text() + " " + network.mask().text();
  if (query == "network_wildcard") return network.first().text() + " " + network.host_mask().text();
  if (query == "first_usable" || query == "last_usable") {
    if (single) return no();
    const bool usable_ends = network.prefix >= network.width() - 1;
    if (query == "first_usable") return usable_ends ? network.first().text() : network.first().plus(1).text();
    return usable_ends || network.width() == 128 ? network.last().text() : network.last().minus(1).text();
  }
  if (query == "range_usable") {
    if (single) return no();
    return simple_answer(subject, "first_usable", input).string() + "-" +
           simple_answer(subject, "last_usable", input).string();
  }
  if (query == "peer") {
    if (network.prefix == network.width() - 1)
      return address == network.first() ? network.last().text() : network.first().text();
    if (network.prefix == network.width() - 2)
      return address == network.first().plus(1) ? network.first().plus(2).text() : network.first().plus(1).text();
    throw Error("only networks of two hosts have a peer")
        .hint("expected a prefix of " + std::to_string(network.width() - 1) + " or " +
              std::to_string(network.width() - 2));
  }
  if (query == "ipv4") return address.version == 4 ? host_text(subject) : no();
  if (query == "ipv6") return address.version == 6 ? host_text(subject) : no();
  return special(subject, query, input);
}

// A number asks for the n-th address, a network whether it holds the address.
Value answer(const Subject& subject, const Value& query, const Value& input) {
  const IpNetwork& network = subject.network;
  const std::string text = query.is_null() ? "" : print(query);
  const auto number = is_whole(query) && !query.is_boolean() ? std::optional(whole(query)) : parse_integer(text);
  if (number) {
    const auto at = network.nth(*number);
    return at ? Value(IpNetwork{*at, network.prefix}.text()) : no();
  }
  if (Value found = simple_answer(subject, text, input); !found.is_null()) return found;
  if (const auto holder = parse_network(text)) return holder->contains(network) ? host_text(subject) : no();
  throw Error("ipaddr knows no query '" + text + "'")
      .hint(
          "known are address, host, net, network, netmask, hostmask, prefix, broadcast, size, int, type, version, "
          "private, public, a number, a network and others");
}

Value about(const Value& input, const Value& query, Family family) {
  if (const List* several = as_list(input)) {
    List found;
    for (const Value& item : *several) {
      const Value one = about(item, query, family);
      if (!one.is_boolean() || one.boolean()) found.push_back(one);
    }
    return found;
  }
  const auto subject = subject_of(input);
  if (!subject || !fits(subject->network, family)) return no();
  return answer(*subject, query, input);
}

Value ip_address(Context&, const Value& input, const Bound& arguments) {
  return about(input, arguments[0], Family::any);
}
Value ip_v4(Context&, const Value& input, const Bound& arguments) {
  return about(input, arguments[0], Family::four);
}
Value ip_v6(Context&, const Value& input, const Bound& arguments) {
  return about(input, arguments[0], Family::six);
}

// IPv6 addresses in square brackets, everything else as it is.
Value wrap(Context& context, const Value& input, const Bound& arguments) {
  if (const List* several = as_list(input)) {
    List wrapped;
    for (const Value& item : *several) wrapped.push_back(wrap(context, item, arguments));
    return wrapped;
  }
  const auto subject = subject_of(input);
  if (!subject || subject->network.address.version == 4 || !input.is_string()) return input;
  const std::string address = subject->network.address.text();
  return subject->has_prefix ? "[" + address + "]/" + std::to_string(subject->network.prefix) : "[" + address + "]";
}

Value sub_networks(Context&, const Value& input, const Bound& arguments) {
  const auto subject = subject_of(input);
  if (!subject) return no();
  const IpNetwork network{subject->network.first(), subject->network.prefix};
  if (!arguments.has(0) || arguments[0].is_null()) return network.text();
  if (const auto inner = arguments[0].is_string() ? parse_network(arguments[0].string()) : std::nullopt;
      inner && arguments.text(0).find_first_of(".:") != std::string::npos)
    return no();
  const std::int64_t wanted = arguments.integer(0, 0);
  if (wanted < 0 || wanted > network.width())
    throw Error("a prefix is between 0 and " + std::to_string(network.width()));
  const int prefix = static_cast<int>(wanted);
  const bool has_index = arguments.has(1) && !arguments[1].is_null();
  if (prefix <= network.prefix)
    return has_index ? no() : Value(IpNetwork{IpNetwork{network.address, prefix}.first(), prefix}.text());
  const int bits = prefix - network.prefix;
  if (!has_index) return bits < 62 ? Value(std::int64_t{1} << bits) : Value(std::ldexp(1.0, bits));
  std::int64_t index = arguments.integer(1, 0);
  const std::int64_t count = bits < 62 ? std::int64_t{1} << bits : INT64_MAX;
  if (index < 0) index += count;
  if (index < 0 || index >= count) return no();
  return IpNetwork{network.address.plus_shifted(static_cast<std::uint64_t>(index), network.width() - prefix), prefix}
      .text();
}

Value network_in_network(Context&, const Value& input, const Bound& arguments) {
  const auto outer = subject_of(input), inner = subject_of(arguments[0]);
  return outer && inner && outer->network.contains(inner->network);
}

Value nth_host(Context&, const Value& input, const Bound& arguments) {
  const auto subject = subject_of(input);
  if (!subject) return no();
  const auto at = subject->network.nth(arguments.integer(0, 1));
  return at ? Value(at->text()) : no();
}

Value reduce_on_network(Context&, const Value& input, const Bound& arguments) {
  const auto holder = subject_of(arguments[0]);
  List inside;
  for (const Value& item : items_of(input))
    if (const auto subject = subject_of(item); subject && holder && holder->network.contains(subject->network))
      inside.push_back(item);
  return inside;
}

Value cidr_merge(Context&, const Value& input, const Bound& arguments) {
  std::vector<IpNetwork> networks;
  for (const Value& item : items_of(input)) {
    const auto subject = subject_of(item);
    if (!subject) throw Error(repr(item) + " is no address or network");
    networks.push_back({subject->network.first(), subject->network.prefix});
  }
  const std::string action = arguments.text(0, "merge");
  if (action != "merge" && action != "span") throw Error("cidr_merge can 'merge' or 'span', not '" + action + "'");
  List texts;
  for (const IpNetwork& network : action == "span" ? spanned(networks) : merged(networks))
    texts.emplace_back(network.text());
  return action == "span" ? (texts.empty() ? Value() : texts.front()) : Value(texts);
}

Value hardware(Context&, const Value& input, const Bound& arguments) {
  std::string digits;
  for (const char c : text_of(input))
    if (std::isxdigit(static_cast<unsigned char>(c)))
      digits += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    else if (std::string_view(":-.").find(c) == std::string_view::npos)
      return no();
  if (digits.size() != 12) return no();
  const std::string style = arguments.text(0);
  const auto joined = [&](std::size_t size, const char* separator) {
    std::string text;
    for (std::size_t i = 0; i < digits.size(); i += size) text += (i > 0 ? separator : "") + digits.substr(i, size);
    return text;
  };
  if (style.empty() || style == "bool") return style.empty() ? input : Value(true);
  if (style == "unix" || style == "linux" || style == "pgsql")
    return style == "pgsql" ? joined(6, ":") : joined(2, ":");
  if (style == "cisco") return joined(4, ".");
  if (style == "bare") return upper(digits);
  if (style == "win" || style == "eui48") return upper(joined(2, "-"));
  if (style == "int") return *parse_integer(digits, 16);
  throw Error("hwaddr knows no style '" + style + "'").hint("known are linux, unix, cisco, bare, win, pgsql and int");
}

Value ip_math(Context&, const Value& input, const Bound& arguments) {
  const auto subject = subject_of(input);
  if (!subject) throw Error(repr(input) + " is no address");
  const std::int64_t amount = arguments.integer(0, 0);
  return amount >= 0 ? subject->network.address.plus(static_cast<std::uint64_t>(amount)).text()
                     : subject->network.address.minus(static_cast<std::uint64_t>(-amount)).text();
}

}  // namespace

const Filters& network_filters() {
  static const Filters filters = {{"ipaddr", "query=, version=, alias=", ip_address},
                                  {"ipv4", "query=", ip_v4},
                                  {"ipv6", "query=", ip_v6},
                                  {"ipwrap", "query=", wrap},
                                  {"ipsubnet", "query=, index=", sub_networks},
                                  {"ipmath", "amount", ip_math},
                                  {"nthhost", "query=", nth_host},
                                  {"network_in_network", "test", network_in_network},
                                  {"network_in_usable", "test", network_in_network},
                                  {"reduce_on_network", "network", reduce_on_network},
                                  {"cidr_merge", "action=", cidr_merge},
                                  {"hwaddr", "query=", hardware},
                                  {"macaddr", "query=", hardware}};
  return filters;
}

}  // namespace agent::jinja
