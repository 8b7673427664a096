// Filters on addresses of the web.
#include <agent/template/coerce.hpp>
#include <agent/template/compare.hpp>
#include <agent/template/printing.hpp>
#include <agent/template/registry.hpp>
#include <agent/template/unicode.hpp>

namespace agent::jinja {

namespace {

std::string percent_encoded(const std::string& text, bool for_query) {
  std::string result;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("_.-~").find(c) != std::string_view::npos || (c == '/' && !for_query);
    if (plain) {
      result += c;
    } else if (c == ' ' && for_query) {
      result += '+';
    } else {
      const auto byte = static_cast<unsigned char>(c);
      result += {'%', "0123456789ABCDEF"[byte >> 4], "0123456789ABCDEF"[byte & 15]};
    }
  }
  return result;
}

Value encode(Context&, const Value& input, const Bound&) {
  if (input.is_string() || (!input.is_map() && !as_list(input))) return percent_encoded(text_of(input), false);
  std::string query;
  const auto add = [&](const Value& key, const Value& value) {
    query +=
        (query.empty() ? "" : "&") + percent_encoded(text_of(key), true) + "=" + percent_encoded(text_of(value), true);
  };
  if (input.is_map()) {
    for (const auto& [key, value] : input.map()) add(Value(key), value);
    return query;
  }
  for (const Value& pair : items_of(input)) {
    const List cells = items_of(pair);
    if (cells.size() != 2) throw Error("expected pairs of keys and values");
    add(cells[0], cells[1]);
  }
  return query;
}

Value decode(Context&, const Value& input, const Bound&) {
  const std::string text = text_of(input);
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char letter = static_cast<char>(c | 0x20);
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
  };
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0) {
      result += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else {
      result += text[i] == '+' ? ' ' : text[i];
    }
  }
  return result;
}

// The parts of a URL, named as Python's urlsplit names them.
Map parts_of(std::string_view rest) {
  std::string scheme, host_part, query, fragment;
  if (const std::size_t colon = rest.find(':');
      colon != rest.npos && colon > 0 && is_alpha(static_cast<unsigned char>(rest[0]))) {
    const std::string_view name = rest.substr(0, colon);
    bool valid = true;
    for (const char c : name)
      valid = valid && (std::isalnum(static_cast<unsigned char>(c)) || c == '+' || c == '-' || c == '.');
    if (valid) scheme = lower(name), rest.remove_prefix(colon + 1);
  }
  if (rest.substr(0, 2) == "//") {
    const std::size_t end = std::min(rest.find_first_of("/?#", 2), rest.size());
    host_part = rest.substr(2, end - 2);
    rest.remove_prefix(end);
  }
  if (const std::size_t hash = rest.find('#'); hash != rest.npos)
    fragment = rest.substr(hash + 1), rest = rest.substr(0, hash);
  if (const std::size_t mark = rest.find('?'); mark != rest.npos)
    query = rest.substr(mark + 1), rest = rest.substr(0, mark);

  Value user, password, host, port;
  std::string address = host_part;
  if (const std::size_t at = address.rfind('@'); at != address.npos) {
    const std::string login = address.substr(0, at);
    address.erase(0, at + 1);
    const std::size_t colon = login.find(':');
    user = login.substr(0, colon);
    if (colon != login.npos) password = login.substr(colon + 1);
  }
  std::string name = address, port_text;
  if (!address.empty() && address.front() == '[') {
    const std::size_t close = std::min(address.find(']'), address.size());
    name = address.substr(1, close - 1);
    if (close + 1 < address.size() && address[close + 1] == ':') port_text = address.substr(close + 2);
  } else if (const std::size_t colon = address.find(':'); colon != address.npos) {
    name = address.substr(0, colon);
    port_text = address.substr(colon + 1);
  }
  if (!name.empty()) host = lower(name);
  if (!port_text.empty()) {
    const auto number = parse_integer(port_text);
    if (!number || *number < 0 || *number > 65535) throw Error("'" + port_text + "' is no port");
    port = *number;
  }
  return Map{{"fragment", fragment}, {"hostname", host},          {"netloc", host_part},
             {"password", password}, {"path", std::string(rest)}, {"port", port},
             {"query", query},       {"scheme", scheme},          {"username", user}};
}

Value split_url(Context&, const Value& input, const Bound& arguments) {
  const Map parts = parts_of(text_of(input));
  if (!arguments.has(0) || arguments[0].is_null() || arguments.text(0).empty()) return parts;
  const Value* found = parts.find(arguments.text(0));
  if (found) return *found;
  Strings names;
  for (const auto& entry : parts) names.push_back(entry.first);
  Error error("a URL has no part '" + arguments.text(0) + "'");
  if (auto hint = did_you_mean(arguments.text(0), names)) error.hint(*std::move(hint));
  throw error;
}

bool looks_like_url(const std::string& word) {
  return word.rfind("http://", 0) == 0 || word.rfind("https://", 0) == 0 || word.rfind("www.", 0) == 0;
}

// Addresses become links.
Value make_links(Context& context, const Value& input, const Bound& arguments) {
  const auto limit = arguments.integer(0, 0);
  const bool no_follow = arguments.flag(1);
  const std::string target = arguments.has(2) && !arguments[2].is_null() ? " target=\"" + arguments.text(2) + "\"" : "";
  const std::string rel = no_follow ? " rel=\"nofollow noopener\"" : " rel=\"noopener\"";
  std::string result, word;
  const auto flush = [&] {
    const std::string safe = context.filtered("escape", Value(word), {}).string();
    if (looks_like_url(word)) {
      std::string shown = safe;
      if (limit > 0 && shown.size() > static_cast<std::size_t>(limit))
        shown = shown.substr(0, static_cast<std::size_t>(limit)) + "...";
      result += "<a href=\"" + std::string(word.rfind("www.", 0) == 0 ? "https://" : "") + safe + "\"" + rel + target +
                ">" + shown + "</a>";
    } else {
      result += safe;
    }
    word.clear();
  };
  for (const char c : text_of(input)) {
    if (!std::isspace(static_cast<unsigned char>(c))) {
      word += c;
      continue;
    }
    flush();
    result += c;
  }
  flush();
  return result;
}

}  // namespace

const Filters& url_filters() {
  static const Filters filters = {{"urlencode", "", encode},
                                  {"urldecode", "", decode},
                                  {"urlsplit", "query=", split_url},
                                  {"urlize", "trim_url_limit=, nofollow=, target=", make_links}};
  return filters;
}

}  // namespace agent::jinja
