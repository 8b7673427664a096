#include <agent/loader/host_desk.hpp>
#include <agent/sdk/codec.hpp>

namespace agent {

namespace {

template <class T>
Value or_null(const std::optional<T>& value) {
  if (!value) return {};
  if constexpr (std::same_as<T, std::string>)
    return *value;
  else
    return to_value(*value);
}

Value list_of(const std::vector<Package>& packages) {
  List list;
  for (const Package& package : packages) list.push_back(to_value(package));
  return list;
}

void answer_entry(void* context, agent_bytes question, agent_reply reply, void* reply_context) {
  Value answer;
  try {
    answer = static_cast<HostDesk*>(context)->answer(from_cbor(question.data, question.size));
  } catch (const Error& error) {
    answer = Map{{"error", error.to_value()}};
  }
  const Bytes bytes = to_cbor(answer);
  reply(reply_context, {bytes.data(), bytes.size()});
}

}  // namespace

const agent_host_table* HostDesk::table() {
  table_ = {AGENT_ABI_VERSION, this, answer_entry};
  return &table_;
}

Value HostDesk::answer(const Value& question) {
  try {
    return Map{{"answer", ask(question["ask"].string(), question)}};
  } catch (const Error& error) {
    return Map{{"error", error.to_value()}};
  } catch (const Unknown& unknown) {
    return Map{{"unknown", unknown.reasons()}};
  } catch (const std::exception& error) {
    return Map{{"error", Error(std::string("the host failed to answer: ") + error.what()).to_value()}};
  }
}

Value HostDesk::ask(const std::string& what, const Value& q) {
  if (what == "read") return or_null(looking_->read(q["path"].string()));
  if (what == "stat") return or_null(looking_->stat(q["path"].string(), q["follow"].boolean()));
  if (what == "list") return looking_->list(q["path"].string());
  if (what == "system") return to_value(looking_->system());
  if (what == "self") return to_value(looking_->self());
  if (what == "user") return or_null(looking_->user(q["name"].string()));
  if (what == "group") return or_null(looking_->group(q["name"].string()));
  if (what == "environment") return or_null(looking_->environment(q["name"].string()));
  if (what == "query") return to_value(looking_->query(query_from(q["query"])));
  if (what == "facts") return looking_->facts(strings_from(q["subsets"]));
  if (what == "progress") {
    looking_->progress(q["text"].string(), q["fraction"].real());
    return {};
  }
  if (what == "perform") {
    if (!touching_)
      throw Error("the module's check tried to change the machine (" + describe(action_from(q["action"])) + ")")
          .hint("this is a bug of the module: changes belong into the plan");
    return to_value(touching_->perform(action_from(q["action"])));
  }
  if (what.starts_with("packages.")) return ask_packages(what.substr(9), q);
  throw Error("the module asks '" + what + "', which this agent does not know")
      .hint("the module was built for a newer agent: update the agent, or rebuild the module");
}

Value HostDesk::ask_packages(const std::string& what, const Value& q) {
  const PackageDb& db = looking_->packages();
  if (what == "find") return list_of(db.find(q["name"].string()));
  if (what == "manager") return db.manager();
  if (what == "providers") return db.providers(q["name"].string());
  if (what == "candidates") return list_of(db.candidates(q["name"].string()));
  if (what == "similar") return db.similar(q["name"].string());
  if (what == "interrupted") return list_of(db.interrupted());
  if (what == "compare") return db.compare(q["name"].string(), q["other"].string());
  if (what == "refreshed") return db.refreshed();
  throw Error("the module asks 'packages." + what + "', which this agent does not know");
}

}  // namespace agent
