// Filters on the names of files.
#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include <pwd.h>
#include <unistd.h>

#include <agent/template/coerce.hpp>
#include <agent/template/compare.hpp>
#include <agent/template/printing.hpp>
#include <agent/template/registry.hpp>
#include <agent/template/unicode.hpp>

namespace agent::jinja {

namespace {

Value basename(Context&, const Value& input, const Bound&) {
  const std::string path = text_of(input);
  const std::size_t slash = path.rfind('/');
  return slash == path.npos ? path : path.substr(slash + 1);
}

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == path.npos) return "";
  std::string head = path.substr(0, slash + 1);
  const std::size_t last = head.find_last_not_of('/');
  return last == head.npos ? head : head.substr(0, last + 1);
}

Value dirname(Context&, const Value& input, const Bound&) {
  return directory_of(text_of(input));
}

std::string home_of(const std::string& user) {
  if (user.empty())
    if (const char* home = std::getenv("HOME")) return home;
  const passwd* entry = user.empty() ? getpwuid(getuid()) : getpwnam(user.c_str());
  return entry ? entry->pw_dir : "";
}

Value expand_user(Context&, const Value& input, const Bound&) {
  const std::string path = text_of(input);
  if (path.empty() || path.front() != '~') return path;
  const std::size_t slash = std::min(path.find('/'), path.size());
  const std::string home = home_of(path.substr(1, slash - 1));
  if (home.empty()) return path;
  const std::string result = (home == "/" && slash < path.size() ? "" : home) + path.substr(slash);
  return result.empty() ? "/" : result;
}

// $NAME and ${NAME}; what is not set stays as it is written.
Value expand_vars(Context&, const Value& input, const Bound&) {
  const std::string text = text_of(input);
  std::string result;
  const auto is_name = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i + 1;
    std::string name;
    if (text[i] == '$' && end < text.size() && text[end] == '{') {
      const std::size_t close = text.find('}', end);
      if (close != text.npos) name = text.substr(end + 1, close - end - 1), end = close + 1;
    } else if (text[i] == '$') {
      while (end < text.size() && is_name(text[end])) ++end;
      name = text.substr(i + 1, end - i - 1);
    }
    const char* value = name.empty() ? nullptr : std::getenv(name.c_str());
    result += value ? std::string(value) : text.substr(i, end - i);
    i = end;
  }
  return result;
}

std::string normal(const std::string& path) {
  if (path.empty()) return ".";
  const bool absolute = path.front() == '/';
  const bool doubled = absolute && path.size() > 1 && path[1] == '/' && (path.size() == 2 || path[2] != '/');
  Strings parts;
  for (std::string& part : split(path, "/")) {
    if (part.empty() || part == ".") continue;
    if (part != ".." || (!absolute && parts.empty()) || (!parts.empty() && parts.back() == ".."))
      parts.push_back(std::move(part));
    else if (!parts.empty())
      parts.pop_back();
  }
  std::string result = doubled ? "//" : absolute ? "/" : "";
  for (std::size_t i = 0; i < parts.size(); ++i) result += (i > 0 ? "/" : "") + parts[i];
  return result.empty() ? "." : result;
}

Value norm_path(Context&, const Value& input, const Bound&) {
  return normal(text_of(input));
}

std::string absolute(const std::string& path) {
  return normal(!path.empty() && path.front() == '/' ? path : std::filesystem::current_path().string() + "/" + path);
}

Value real_path(Context&, const Value& input, const Bound&) {
  std::error_code error;
  const auto found = std::filesystem::weakly_canonical(absolute(text_of(input)), error);
  return error ? absolute(text_of(input)) : normal(found.string());
}

Value relative_path(Context&, const Value& input, const Bound& arguments) {
  const std::string path = text_of(input);
  if (path.empty()) throw Error("the path is empty");
  const auto parts_of = [](const std::string& whole_path) {
    Strings parts;
    for (std::string& part : split(absolute(whole_path), "/"))
      if (!part.empty()) parts.push_back(std::move(part));
    return parts;
  };
  const Strings from = parts_of(arguments.text(0, ".")), to = parts_of(path);
  std::size_t same = 0;
  while (same < from.size() && same < to.size() && from[same] == to[same]) ++same;
  std::string result;
  const auto add = [&](const std::string& part) { result += (result.empty() ? "" : "/") + part; };
  for (std::size_t i = same; i < from.size(); ++i) add("..");
  for (std::size_t i = same; i < to.size(); ++i) add(to[i]);
  return result.empty() ? "." : result;
}

Value split_extension(Context&, const Value& input, const Bound&) {
  const std::string path = text_of(input);
  const std::size_t slash = path.rfind('/'), dot = path.rfind('.');
  std::size_t name = slash == path.npos ? 0 : slash + 1;
  while (name < path.size() && path[name] == '.') ++name;
  if (dot == path.npos || dot < name) return tuple({path, ""});
  return tuple({path.substr(0, dot), path.substr(dot)});
}

Value path_join(Context&, const Value& input, const Bound&) {
  List parts;
  if (input.is_string())
    parts = {input};
  else if (as_list(input))
    parts = *as_list(input);
  else
    throw Error("expected text or a list of paths, found " + std::string(kind_name(input)));
  if (parts.empty()) throw Error("there is nothing to join: the list is empty");
  std::string result;
  for (const Value& part : parts) {
    if (!part.is_string()) throw Error("a part of a path is text, and this is " + std::string(kind_name(part)));
    const std::string& text = part.string();
    if (!text.empty() && text.front() == '/')
      result = text;
    else
      result += (result.empty() || result.back() == '/' ? "" : "/") + text;
  }
  return result;
}

Value common_path(Context&, const Value& input, const Bound&) {
  const List paths = items_of(input);
  if (paths.empty()) throw Error("an empty list has no common path");
  std::vector<Strings> all;
  bool is_absolute = false;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const std::string path = text_of(paths[i]);
    const bool starts_at_root = !path.empty() && path.front() == '/';
    if (i > 0 && starts_at_root != is_absolute) throw Error("absolute and relative paths have no common path");
    is_absolute = starts_at_root;
    Strings parts;
    for (std::string& part : split(path, "/"))
      if (!part.empty() && part != ".") parts.push_back(std::move(part));
    all.push_back(std::move(parts));
  }
  std::size_t same = 0;
  while (same < all[0].size() && std::all_of(all.begin(), all.end(), [&](const Strings& parts) {
           return same < parts.size() && parts[same] == all[0][same];
         }))
    ++same;
  std::string result = is_absolute ? "/" : "";
  for (std::size_t i = 0; i < same; ++i) result += (i > 0 ? "/" : "") + all[0][i];
  return result;
}

std::string drive_of(const std::string& path) {
  return path.size() >= 2 && path[1] == ':' ? path.substr(0, 2) : "";
}

Value win_basename(Context&, const Value& input, const Bound&) {
  const std::string path = text_of(input).substr(drive_of(text_of(input)).size());
  const std::size_t slash = path.find_last_of("/\\");
  return slash == path.npos ? path : path.substr(slash + 1);
}

Value win_dirname(Context&, const Value& input, const Bound&) {
  const std::string drive = drive_of(text_of(input)), path = text_of(input).substr(drive.size());
  const std::size_t slash = path.find_last_of("/\\");
  if (slash == path.npos) return drive;
  const std::string head = path.substr(0, slash + 1);
  const std::size_t last = head.find_last_not_of("/\\");
  return drive + (last == head.npos ? head : head.substr(0, last + 1));
}

Value win_split_drive(Context&, const Value& input, const Bound&) {
  const std::string drive = drive_of(text_of(input));
  return tuple({drive, text_of(input).substr(drive.size())});
}

Value file_glob(Context& context, const Value& input, const Bound&) {
  const auto found = context.services().lookup({"fileglob", {input}, {}, {}});
  return found ? Value(*found) : Value(List());
}

}  // namespace

const Filters& path_filters() {
  static const Filters filters = {{"basename", "", basename},
                                  {"dirname", "", dirname},
                                  {"expanduser", "", expand_user},
                                  {"expandvars", "", expand_vars},
                                  {"normpath", "", norm_path},
                                  {"realpath", "", real_path},
                                  {"relpath", "start=", relative_path},
                                  {"splitext", "", split_extension},
                                  {"path_join", "", path_join},
                                  {"commonpath", "", common_path},
                                  {"win_basename", "", win_basename},
                                  {"win_dirname", "", win_dirname},
                                  {"win_splitdrive", "", win_split_drive},
                                  {"fileglob", "", file_glob}};
  return filters;
}

}  // namespace agent::jinja
