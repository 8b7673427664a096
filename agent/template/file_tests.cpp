// Tests on files, as they are on the controller.
#include <filesystem>

#include <sys/stat.h>

#include <agent/template/coerce.hpp>
#include <agent/template/printing.hpp>
#include <agent/template/registry.hpp>

namespace agent::jinja {

namespace {

using std::filesystem::file_type;

file_type type_of(Context& context, const Value& input, bool follow) {
  return context.services().status(print(input), follow).type();
}

bool is_there(file_type type) {
  return type != file_type::not_found && type != file_type::none;
}

bool exists(Context& context, const Value& input, const Bound&) {
  return is_there(type_of(context, input, true));
}
bool link_exists(Context& context, const Value& input, const Bound&) {
  return is_there(type_of(context, input, false));
}
bool directory(Context& context, const Value& input, const Bound&) {
  return type_of(context, input, true) == file_type::directory;
}
bool file(Context& context, const Value& input, const Bound&) {
  return type_of(context, input, true) == file_type::regular;
}
bool link(Context& context, const Value& input, const Bound&) {
  return type_of(context, input, false) == file_type::symlink;
}
bool absolute(Context&, const Value& input, const Bound&) {
  if (!input.is_string()) throw Error("a path is text, and this is " + std::string(kind_name(input)));
  const std::string& path = input.string();
  return !path.empty() && path.front() == '/';
}

bool same_file(Context&, const Value& input, const Bound& arguments) {
  struct stat one, other;
  if (stat(print(input).c_str(), &one) != 0) throw Error("there is no file " + repr(input));
  if (stat(arguments.text(0).c_str(), &other) != 0) throw Error("there is no file " + repr(arguments[0]));
  return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

bool mount(Context&, const Value& input, const Bound&) {
  const std::string path = print(input);
  struct stat here, above;
  if (lstat(path.c_str(), &here) != 0 || !S_ISDIR(here.st_mode) || lstat((path + "/..").c_str(), &above) != 0)
    return false;
  return here.st_dev != above.st_dev || here.st_ino == above.st_ino;
}

}  // namespace

const Tests& file_tests() {
  static const Tests tests = {{"exists", "", exists},
                              {"link_exists", "", link_exists},
                              {"directory", "", directory},
                              {"is_dir", "", directory},
                              {"file", "", file},
                              {"is_file", "", file},
                              {"link", "", link},
                              {"is_link", "", link},
                              {"abs", "", absolute},
                              {"is_abs", "", absolute},
                              {"same_file", "path2", same_file},
                              {"is_same_file", "path2", same_file},
                              {"mount", "", mount},
                              {"is_mount", "", mount}};
  return tests;
}

}  // namespace agent::jinja
