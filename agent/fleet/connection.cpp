#include <random>
#include <thread>

#include <agent/fleet/connection.hpp>
#include <agent/fleet/link.hpp>
#include <agent/fleet/protocol.hpp>

namespace agent::fleet {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int tries = 4;

std::string make_nonce() {
  static constexpr char digits[] = "0123456789abcdef";
  std::random_device random;
  std::string out;
  for (int i = 0; i < 16; ++i) out += digits[random() % 16];
  return out;
}

std::string joined(const Strings& words) {
  std::string out;
  for (const auto& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

/// A machine knows nothing of the controller's files: what it says of places in them is not passed on.
Error without_places(const Error& error) {
  Error out = Error(error.message()).about(error.argument()).with(error.result());
  for (const auto& hint : error.hints()) out.hint(hint);
  return out;
}

/// One agent on one host, seen from the controller.
class Connection : public TaskRunner {
 public:
  Connection(std::string host, executor::Login login, Bundle& bundle, const Terms& terms)
      : host_(std::move(host)), login_(std::move(login)), bundle_(bundle), terms_(terms) {
    for (int attempt = 1;; ++attempt) {
      std::string printed;
      if (try_to_open(printed)) break;
      // Too many at once, here or at a bastion on the way: others are served meanwhile.
      if (attempt == tries || !is_worth_another_try(printed)) throw ssh_failure(host_, login_, printed);
      std::this_thread::sleep_for(milliseconds(200 << attempt));
    }
    greet();
  }

  TaskReply run(const TaskRequest& request, const ProgressSink& progress) override {
    const std::lock_guard lock(mutex_);
    becomes_ = request.identity.become;
    const Value answer = ask(protocol::task, to_value(request), progress);
    try {
      TaskReply reply = task_reply_from(answer);
      if (reply.error) reply.error = without_places(*reply.error);
      return reply;
    } catch (const Error& error) {
      throw lost("it answers what is no answer: " + error.message());
    }
  }

  Value facts(const Strings& subsets, const Identity& identity) override {
    const std::lock_guard lock(mutex_);
    becomes_ = identity.become;
    return ask(protocol::facts, Map{{"subsets", subsets}, {"identity", protocol::value_of(identity)}}, {});
  }

  void reset() override {
    const std::lock_guard lock(mutex_);
    ask(protocol::reset, {}, {});
  }

 private:
  // ---- coming to frames ----

  bool try_to_open(std::string& printed) {
    const Handshake handshake{make_nonce(), bundle_.id(), terms_.least_wall.has_value()};
    link_ = std::make_unique<Link>(ssh_command(host_, login_, terms_.host_keys, handshake_command(handshake)));
    Listening listening(handshake.nonce);
    const auto patience = seconds(30 + (login_.timeout.empty() ? 10 : std::stoi(login_.timeout)));
    auto said = hear(listening, patience);
    if (said && said->word == "want") {
      expect_fit(*said);
      const auto& archive = bundle_.archive(has_xz(*said) ? Bundle::Packing::xz : Bundle::Packing::gzip);
      if (!link_->put(std::to_string(archive.bytes.size()) + " " + archive.sha256 + "\n") || !link_->put(archive.bytes))
        throw lost("the link broke while the agent was sent");
      said = hear(listening, seconds(120));
      if (!said) throw lost("the agent was sent, and nothing came back: " + link_->printed());
    }
    printed = said ? link_->printed_so_far() : link_->printed();
    if (!said) return false;
    tell_of_new_keys(printed);
    if (said->word == "ready") return true;
    throw refused(*said);
  }

  std::optional<Said> hear(Listening& listening, seconds patience) {
    try {
      auto said = link_->hear(listening, Link::Clock::now() + patience);
      if (!said && link_->is_late())
        throw Unreachable("cannot reach '" + host_ + "': it let us in, but no shell answered within " +
                          std::to_string(patience.count()) + " s")
            .hint("its login may wait for something: try 'ssh' to it by hand");
      return said;
    } catch (const Unreachable&) {
      throw;
    } catch (const Error& error) {
      throw unusable(error);
    }
  }

  Unreachable unusable(const Error& why) const {
    Unreachable out("cannot use '" + host_ + "': " + why.message());
    for (const auto& hint : why.hints()) out.hint(hint);
    return out;
  }

  static bool has_xz(const Said& said) { return said.rest.size() > 1 && said.rest[1].ends_with("/xz"); }

  void expect_fit(const Said& said) const {
    const std::string machine = said.rest.empty() ? "" : said.rest.front();
    const Strings libc(said.rest.begin() + std::min<std::ptrdiff_t>(2, std::ssize(said.rest)), said.rest.end());
    if (machine != bundle_.machine())
      throw Unreachable("cannot use '" + host_ + "': it is a machine of kind '" + machine +
                        "', and this agent is for " + bundle_.machine())
          .hint("run an agent that was built for " + machine + " on a controller of that kind");
    if (!libc_suffices(joined(libc), bundle_.least_libc()))
      throw Unreachable("cannot use '" + host_ + "': its C library is " + joined(libc) +
                        ", and this agent needs glibc " + bundle_.least_libc() + " or newer")
          .hint("build the agent on a system as old as the oldest host");
  }

  Unreachable refused(const Said& said) {
    const std::string printed = link_->printed();
    const std::string detail = printed.empty() ? "" : ": " + printed.substr(0, 500);
    if (said.word == "nowhere")
      return Unreachable("cannot use '" + host_ + "': no folder there can hold a program and run it (tried " +
                         joined(said.rest) + ")")
          .hint("they are missing, full, read-only or mounted noexec");
    if (said.word == "broken")
      return Unreachable("cannot use '" + host_ + "': the agent was sent but could not be unpacked" + detail)
          .hint("the host needs 'tar', 'gzip' and 'sha256sum', and room for three copies of the agent");
    return Unreachable("cannot use '" + host_ + "': its shell said '" + said.word + "'");
  }

  void tell_of_new_keys(const std::string& printed) const {
    if (terms_.tell && printed.find("Permanently added") != std::string::npos)
      terms_.tell("the host key of '" + host_ + "' was not known and has been accepted (--accept-new-host-keys)");
  }

  // ---- frames ----

  void greet() {
    link_->begin_frames();
    const auto hello = receive({});
    const Value* version = hello.find("hello");
    const Value* spoken = version ? version->find("protocol") : nullptr;
    if (!spoken || *spoken != Value(protocol::version)) throw lost("the agent there speaks another protocol");
    Map terms{{"run", terms_.run}};
    if (terms_.least_wall) terms.set("wall", std::string(wall::name_of(*terms_.least_wall)));
    try {
      tell_of_wall(ask(protocol::begin, std::move(terms), {}));
    } catch (const Unreachable&) {
      throw;
    } catch (const Error& error) {
      throw unusable(error);
    }
  }

  void tell_of_wall(const Value& begun) const {
    const Value* tier = begun.find("wall");
    if (!terms_.tell || !tier || !tier->is_string() || tier->string() == wall::name_of(wall::Tier::full)) return;
    terms_.tell("on '" + host_ + "' the wall of this check is only '" + tier->string() + "' (docs/check-mode.md)");
  }

  // One question at a time: its number tells the answer from what was late.
  Value ask(const char* what, Value question, const ProgressSink& progress) {
    const std::int64_t number = ++number_;
    send(Map{{"ask", number}, {"what", what}, {"with", std::move(question)}});
    for (;;) {
      const Value frame = receive(progress);
      const Value* of = frame.find("answer");
      if (!of || *of != Value(number)) continue;
      if (const Value* error = frame.find("error")) throw without_places(Error::from_value(*error));
      const Value* answer = frame.find("with");
      return answer ? *answer : Value();
    }
  }

  void send(Value message) {
    try {
      link_->send(message);
    } catch (const Error&) {
      throw lost("the link broke: " + link_->printed());
    }
  }

  Value receive(const ProgressSink& progress) {
    try {
      while (auto frame = link_->receive()) {
        if (const Value* step = frame->find("progress"))
          tell_progress(*step, progress);
        else if (const Value* identity = frame->find("password"))
          answer_password(*identity);
        else
          return std::move(*frame);
      }
    } catch (const Unreachable&) {
      throw;
    } catch (const Error& error) {
      throw lost("what comes from there is no message: " + error.message());
    }
    throw lost("the link broke" + last_words());
  }

  std::string last_words() {
    const std::string printed = link_->printed();
    return printed.empty() ? "" : ": " + printed.substr(0, 1000);
  }

  static void tell_progress(const Value& step, const ProgressSink& progress) {
    const Value *text = step.find("text"), *fraction = step.find("fraction");
    if (progress && text && text->is_string() && fraction && fraction->is_number())
      progress(text->string(), fraction->real());
  }

  // Told only while a task is under way that becomes somebody: a target that asks out of turn hears nothing.
  void answer_password(const Value& identity) {
    std::optional<std::string> password;
    if (terms_.password && becomes_) password = terms_.password(protocol::identity_from(identity));
    send(Map{{"password", password ? Value(*password) : Value()}});
  }

  Unreachable lost(const std::string& why) const {
    return Unreachable("'" + host_ + "' is lost: " + why)
        .hint("the task at hand may have been finished there, or not: run again to find out");
  }

  std::string host_;
  executor::Login login_;
  Bundle& bundle_;
  const Terms& terms_;
  std::unique_ptr<Link> link_;
  std::mutex mutex_;
  std::int64_t number_ = 0;
  bool becomes_ = false;  // the task at hand
};

}  // namespace

std::unique_ptr<TaskRunner> connect(const std::string& host, const executor::Login& login, Bundle& bundle,
                                    const Terms& terms) {
  return std::make_unique<Connection>(host, login, bundle, terms);
}

}  // namespace agent::fleet
