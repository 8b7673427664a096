// The module's side of the C boundary: messages in, C++ of sdk/module.hpp behind, messages out. No exception leaves.
#include <agent/sdk/codec.hpp>
#include <agent/sdk/module.hpp>

namespace agent::abi {

namespace {

void send(const Value& value, agent_reply reply, void* context) {
  const Bytes bytes = to_cbor(value);
  reply(context, {bytes.data(), bytes.size()});
}

Value failure(const Error& error) {
  return Map{{"error", error.to_value()}};
}

/// A question to the host on the other side; its "error" and "unknown" become exceptions again.
class Line {
 public:
  explicit Line(const agent_host_table* table) : table_(table) {}
  Value ask(Map question) const {
    const Bytes bytes = to_cbor(Value(std::move(question)));
    Bytes answer;
    table_->ask(
        table_->context, {bytes.data(), bytes.size()},
        [](void* context, agent_bytes b) { static_cast<Bytes*>(context)->assign(b.data, b.data + b.size); }, &answer);
    const Value value = from_cbor(answer);
    if (const Value* error = value.find("error")) throw Error::from_value(*error);
    if (const Value* reasons = value.find("unknown")) throw Unknown(strings_from(*reasons));
    return value["answer"];
  }

 private:
  const agent_host_table* table_;
};

std::vector<Package> packages_from(const Value& list) {
  std::vector<Package> packages;
  for (const Value& item : list.list()) packages.push_back(package_from(item));
  return packages;
}

class RemotePackages : public PackageDb {
 public:
  explicit RemotePackages(const Line& line) : line_(line) {}
  std::string manager() const override { return line_.ask({{"ask", "packages.manager"}}).string(); }
  std::vector<Package> find(const std::string& name) const override { return packages("packages.find", name); }
  Strings providers(const std::string& name) const override { return names("packages.providers", name); }
  std::vector<Package> candidates(const std::string& name) const override {
    return packages("packages.candidates", name);
  }
  Strings similar(const std::string& name) const override { return names("packages.similar", name); }
  std::vector<Package> interrupted() const override { return packages("packages.interrupted", ""); }
  int compare(const std::string& a, const std::string& b) const override {
    return static_cast<int>(line_.ask({{"ask", "packages.compare"}, {"name", a}, {"other", b}}).integer());
  }
  double refreshed() const override { return line_.ask({{"ask", "packages.refreshed"}}).real(); }

 private:
  std::vector<Package> packages(const char* what, const std::string& name) const {
    return packages_from(line_.ask({{"ask", what}, {"name", name}}));
  }
  Strings names(const char* what, const std::string& name) const {
    return strings_from(line_.ask({{"ask", what}, {"name", name}}));
  }
  const Line& line_;
};

/// The host as the module sees it: each question is one call across the boundary.
class RemoteHost : public Host {
 public:
  explicit RemoteHost(const agent_host_table* table) : line_(table), packages_(line_) {}

  const System& system() const override {
    if (!system_) system_ = system_from(line_.ask({{"ask", "system"}}));
    return *system_;
  }
  const User& self() const override {
    if (!self_) self_ = user_from(line_.ask({{"ask", "self"}}));
    return *self_;
  }
  const PackageDb& packages() const override { return packages_; }
  std::optional<std::string> read(const Path& file) const override {
    const Value answer = line_.ask({{"ask", "read"}, {"path", file.string()}});
    return answer.is_null() ? std::nullopt : std::optional(answer.string());
  }
  std::optional<FileInfo> stat(const Path& path, bool follow) const override {
    const Value answer = line_.ask({{"ask", "stat"}, {"path", path.string()}, {"follow", follow}});
    return answer.is_null() ? std::nullopt : std::optional(file_info_from(answer));
  }
  Strings list(const Path& directory) const override {
    return strings_from(line_.ask({{"ask", "list"}, {"path", directory.string()}}));
  }
  std::optional<User> user(const std::string& name) const override {
    const Value answer = line_.ask({{"ask", "user"}, {"name", name}});
    return answer.is_null() ? std::nullopt : std::optional(user_from(answer));
  }
  std::optional<Group> group(const std::string& name) const override {
    const Value answer = line_.ask({{"ask", "group"}, {"name", name}});
    return answer.is_null() ? std::nullopt : std::optional(group_from(answer));
  }
  std::optional<std::string> environment(const std::string& name) const override {
    const Value answer = line_.ask({{"ask", "environment"}, {"name", name}});
    return answer.is_null() ? std::nullopt : std::optional(answer.string());
  }
  Output query(const Query& query) const override {
    return output_from(line_.ask({{"ask", "query"}, {"query", to_value(query)}}));
  }
  Value facts(const Strings& subsets) const override { return line_.ask({{"ask", "facts"}, {"subsets", subsets}}); }
  Output perform(const Action& action) override {
    return output_from(line_.ask({{"ask", "perform"}, {"action", to_value(action)}}));
  }
  void progress(const std::string& text, double fraction) const override {
    line_.ask({{"ask", "progress"}, {"text", text}, {"fraction", fraction}});
  }

 private:
  Line line_;
  RemotePackages packages_;
  mutable std::optional<System> system_;
  mutable std::optional<User> self_;
};

Value describe(const Manifest& manifest) {
  List distros;
  for (const Variant& variant : manifest.variants) distros.push_back(variant.distro);
  return Map{{"spec", manifest.spec().to_value()}, {"variants", std::move(distros)}};
}

Value call(const Manifest& manifest, const Value& request, const agent_host_table* table) {
  const std::string& distro = request["variant"].string();
  for (const Variant& variant : manifest.variants) {
    if (variant.distro != distro) continue;
    const auto module = variant.make();
    RemoteHost host(table);
    if (request["call"].string() == "check") return Map{{"plan", to_value(module->check(request["args"].map(), host))}};
    return Map{{"outcome", to_value(module->apply(plan_from(request["plan"]), host))}};
  }
  throw Error("the module has no variant '" + distro + "'");
}

// Nothing that a module throws may cross: it becomes data here.
template <class Work>
Value guarded(Work&& work) {
  try {
    return work();
  } catch (const Error& error) {
    return failure(error);
  } catch (const Unknown& unknown) {
    return Map{{"unknown", unknown.reasons()}};
  } catch (const std::exception& error) {
    return failure(Error(std::string("the module failed: ") + error.what()));
  } catch (...) {
    return failure(Error("the module failed and did not say how"));
  }
}

}  // namespace

void answer_describe(const Manifest& manifest, agent_reply reply, void* context) {
  send(guarded([&] { return describe(manifest); }), reply, context);
}

void answer_call(const Manifest& manifest, agent_bytes request, const agent_host_table* host, agent_reply reply,
                 void* context) {
  send(guarded([&] { return call(manifest, from_cbor(request.data, request.size), host); }), reply, context);
}

}  // namespace agent::abi
