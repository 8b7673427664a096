#include <algorithm>
#include <cctype>
#include <cstring>
#include <random>

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <agent/template/coerce.hpp>
#include <agent/template/compare.hpp>
#include <agent/template/local_lookups.hpp>
#include <agent/template/local_tables.hpp>
#include <agent/template/printing.hpp>
#include <agent/template/regex.hpp>
#include <agent/template/unicode.hpp>

namespace agent::jinja {

namespace {

namespace fs = std::filesystem;

std::string option(const LookupCall& call, std::string_view name, std::string_view otherwise) {
  const Value* value = call.options.find(name);
  return value && !value->is_null() ? print(*value) : std::string(otherwise);
}

// A term may carry options of its own behind its name: "key file=x delimiter=,".
struct Term {
  std::string key;
  Map options;
};

Term read_term(const Value& value, const LookupCall& call) {
  Term term;
  term.options = call.options;
  for (const std::string& word : split(print(value))) {
    const std::size_t equals = word.find('=');
    if (equals == word.npos || term.key.empty())
      term.key += (term.key.empty() ? "" : " ") + word;
    else
      term.options.set(word.substr(0, equals), Value(word.substr(equals + 1)));
  }
  return term;
}

std::vector<Strings> csv_rows(const std::string& text, char delimiter) {
  std::vector<Strings> rows;
  Strings row;
  std::string cell;
  bool quoted = false, any = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c != '"')
        cell += c;
      else if (i + 1 < text.size() && text[i + 1] == '"')
        cell += text[++i];
      else
        quoted = false;
    } else if (c == '"' && cell.empty()) {
      quoted = any = true;
    } else if (c == delimiter) {
      row.push_back(std::exchange(cell, {}));
      any = true;
    } else if (c == '\n' || c == '\r') {
      if (any || !cell.empty()) row.push_back(std::exchange(cell, {}));
      if (!row.empty()) rows.push_back(std::exchange(row, {}));
      any = false;
    } else {
      cell += c;
      any = true;
    }
  }
  if (any || !cell.empty()) row.push_back(cell);
  if (!row.empty()) rows.push_back(row);
  return rows;
}

using Sections = std::vector<std::pair<std::string, Map>>;

Sections ini_sections(const std::string& text) {
  Sections sections;
  for (const std::string& raw : split_lines(text)) {
    const std::string line = strip(raw);
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    if (line.front() == '[' && line.back() == ']') {
      sections.push_back({line.substr(1, line.size() - 2), {}});
      continue;
    }
    const std::size_t mark = line.find_first_of("=:");
    if (sections.empty()) sections.push_back({"", {}});
    const std::string key = strip(line.substr(0, mark));
    sections.back().second.set(key, mark == line.npos ? Value() : Value(strip(line.substr(mark + 1))));
  }
  return sections;
}

const Map* section_of(const Sections& sections, const std::string& name) {
  for (const auto& [known, values] : sections)
    if (known == name) return &values;
  return nullptr;
}

std::string random_text(std::size_t length, const std::string& letters) {
  std::random_device device;
  std::uniform_int_distribution<std::size_t> choose(0, letters.size() - 1);
  std::string text;
  while (text.size() < length) text += letters[choose(device)];
  return text;
}

// "ascii_letters,digits" and characters as they stand.
std::string letters_of(const std::string& names) {
  const std::string low = "abcdefghijklmnopqrstuvwxyz", digits = "0123456789";
  std::string letters;
  for (const std::string& name : split(names, ",")) {
    if (name == "ascii_letters")
      letters += low + upper(low);
    else if (name == "ascii_lowercase")
      letters += low;
    else if (name == "ascii_uppercase")
      letters += upper(low);
    else if (name == "digits")
      letters += digits;
    else if (name == "hexdigits")
      letters += digits + "abcdefABCDEF";
    else if (name == "punctuation")
      letters += "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
    else
      letters += name.empty() ? "," : name;
  }
  if (letters.empty()) throw Error("there are no characters to make a password of");
  return letters;
}

void write_secret(const fs::path& file, const std::string& text) {
  std::error_code error;
  if (file.has_parent_path()) fs::create_directories(file.parent_path(), error);
  const int descriptor = open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) throw Error("'" + file.string() + "' cannot be made: " + std::strerror(errno));
  const bool written = write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (close(descriptor) != 0 || !written) throw Error("'" + file.string() + "' cannot be written");
}

}  // namespace

List ini_values(const LookupCall& call, const ReadFile& text_of) {
  List values;
  for (const Value& one : call.terms) {
    const Term term = read_term(one, call);
    const LookupCall own{call.name, {}, term.options, {}};
    const Sections sections = ini_sections(text_of(option(own, "file", "ansible.ini")));
    const std::string name = option(own, "section", "global");
    const Map* section = option(own, "type", "ini") == "properties" && !sections.empty() ? &sections.front().second
                                                                                         : section_of(sections, name);
    if (!section) {
      if (own.options.contains("default")) {
        values.emplace_back(option(own, "default", ""));
        continue;
      }
      throw Error("the file has no section '" + name + "'");
    }
    const Value* re = own.options.find("re");
    if (re && truth(*re)) {
      for (const auto& [key, value] : *section)
        if (regex_finds(term.key, key)) values.push_back(value);
      continue;
    }
    const Value* found = section->find(term.key);
    values.push_back(found ? *found : Value(option(own, "default", "")));
  }
  return values;
}

List csv_values(const LookupCall& call, const ReadFile& text_of) {
  List values;
  for (const Value& one : call.terms) {
    const Term term = read_term(one, call);
    const LookupCall own{call.name, {}, term.options, {}};
    std::string delimiter = option(own, "delimiter", "TAB");
    if (delimiter == "TAB" || delimiter == "\\t") delimiter = "\t";
    const auto column = parse_integer(option(own, "col", "1")), key_column = parse_integer(option(own, "keycol", "0"));
    if (!column || !key_column || *column < 0 || *key_column < 0)
      throw Error("'col' and 'keycol' are numbers of columns, from 0");
    const std::string text = text_of(option(own, "file", "ansible.csv"));
    bool found = false;
    for (const Strings& row : csv_rows(text, delimiter.empty() ? ',' : delimiter.front())) {
      if (static_cast<std::size_t>(*key_column) >= row.size() || row[static_cast<std::size_t>(*key_column)] != term.key)
        continue;
      if (static_cast<std::size_t>(*column) >= row.size())
        throw Error("the row of '" + term.key + "' has no column " + std::to_string(*column));
      values.emplace_back(row[static_cast<std::size_t>(*column)]);
      found = true;
      break;
    }
    const Value* otherwise = own.options.find("default");
    if (!found && otherwise && !otherwise->is_null()) values.push_back(*otherwise);
  }
  return values;
}

Value tree_entry(const fs::path& root, const fs::path& path) {
  struct stat info;
  if (lstat(path.c_str(), &info) != 0) throw Error("'" + path.string() + "' cannot be read");
  const passwd* owner = getpwuid(info.st_uid);
  const group* owning = getgrgid(info.st_gid);
  static constexpr std::string_view digits = "01234567";
  const std::string mode = {'0', digits[info.st_mode >> 6 & 7], digits[info.st_mode >> 3 & 7],
                            digits[info.st_mode & 7]};
  Map entry{{"root", root.string() + "/"},
            {"path", path.lexically_relative(root).string()},
            {"state", S_ISDIR(info.st_mode)   ? "directory"
                      : S_ISLNK(info.st_mode) ? "link"
                                              : "file"},
            {"uid", info.st_uid},
            {"gid", info.st_gid},
            {"owner", owner ? Value(owner->pw_name) : Value(info.st_uid)},
            {"group", owning ? Value(owning->gr_name) : Value(info.st_gid)},
            {"mode", mode},
            {"mtime", static_cast<double>(info.st_mtime)},
            {"ctime", static_cast<double>(info.st_ctime)}};
  if (S_ISREG(info.st_mode)) entry.set("src", path.string()), entry.set("size", info.st_size);
  if (S_ISLNK(info.st_mode)) entry.set("src", fs::read_symlink(path).string());
  return entry;
}

List password(const LookupCall& call) {
  List passwords;
  for (const Value& one : call.terms) {
    const Term term = read_term(one, call);
    const LookupCall own{call.name, {}, term.options, {}};
    if (own.options.contains("encrypt"))
      throw Error("'encrypt' is not supported here").hint("'| password_hash' encrypts what the lookup gives");
    const auto length = parse_integer(option(own, "length", "20"));
    if (!length || *length < 1 || *length > 4096) throw Error("'length' has to be between 1 and 4096");
    const Value* chars = own.options.find("chars");
    std::string names = "ascii_letters,digits,.,:,-,_";
    if (chars && chars->is_list()) {
      names.clear();
      for (const Value& name : chars->list()) names += (names.empty() ? "" : ",") + print(name);
    } else if (chars) {
      names = print(*chars);
    }
    if (term.key == "/dev/null") {
      passwords.emplace_back(random_text(static_cast<std::size_t>(*length), letters_of(names)));
      continue;
    }
    fs::path file = term.key;
    if (file.is_relative() && !call.search_path.empty()) file = fs::path(call.search_path.back()) / file;
    if (fs::exists(file)) {
      const Strings lines = split_lines(read_local_file(file));
      passwords.emplace_back(lines.empty() ? "" : lines.front().substr(0, lines.front().rfind(" salt=")));
      continue;
    }
    const std::string made = random_text(static_cast<std::size_t>(*length), letters_of(names));
    write_secret(file, made + "\n");
    passwords.emplace_back(made);
  }
  return passwords;
}

List url(const LookupCall& call) {
  List lines;
  const Value* split_option = call.options.find("split_lines");
  for (const Value& term : call.terms) {
    const std::string address = print(term);
    if (address.rfind("http://", 0) != 0 && address.rfind("https://", 0) != 0)
      throw Error("'" + address + "' is no web address").hint("expected http:// or https://");
    Strings argv = {"curl",        "--silent",   "--show-error",
                    "--fail",      "--location", "--proto",
                    "=http,https", "--max-time", option(call, "timeout", "10")};
    const Value* validate = call.options.find("validate_certs");
    if (validate && !truth(*validate)) argv.push_back("--insecure");
    if (const Value* headers = call.options.find("headers"); headers && headers->is_map())
      for (const auto& [name, value] : headers->map())
        argv.insert(argv.end(), {"--header", name + ": " + print(value)});
    argv.insert(argv.end(), {"--", address});
    const std::string body = run_program(argv);
    if (split_option && !truth(*split_option))
      lines.emplace_back(body);
    else
      for (std::string& line : split_lines(body)) lines.emplace_back(std::move(line));
  }
  return lines;
}

List config(const LookupCall& call) {
  // The settings that playbooks ask for, with the reference's defaults; the environment may set each.
  const Map known{{"DEFAULT_ROLES_PATH", List{"~/.ansible/roles", "/usr/share/ansible/roles", "/etc/ansible/roles"}},
                  {"DEFAULT_REMOTE_USER", nullptr},
                  {"DEFAULT_FORKS", 5},
                  {"DEFAULT_TIMEOUT", 10},
                  {"DEFAULT_BECOME", false},
                  {"DEFAULT_BECOME_USER", "root"},
                  {"DEFAULT_BECOME_METHOD", "sudo"},
                  {"DEFAULT_LOCAL_TMP", "~/.ansible/tmp"},
                  {"DEFAULT_MANAGED_STR", "Ansible managed"},
                  {"DEFAULT_HASH_BEHAVIOUR", "replace"},
                  {"HOST_KEY_CHECKING", true},
                  {"RETRY_FILES_ENABLED", false},
                  {"COLOR_OK", "green"},
                  {"COLOR_CHANGED", "yellow"},
                  {"COLOR_SKIP", "cyan"}};
  List values;
  for (const Value& term : call.terms) {
    const std::string name = print(term),
                      variable = "ANSIBLE_" + (name.rfind("DEFAULT_", 0) == 0 ? name.substr(8) : name);
    if (const char* set = std::getenv(variable.c_str())) {
      values.emplace_back(set);
    } else if (const Value* found = known.find(name)) {
      values.push_back(*found);
    } else if (option(call, "on_missing", "error") == "error") {
      throw Error("there is no setting '" + name + "'");
    }
  }
  return values;
}

}  // namespace agent::jinja
