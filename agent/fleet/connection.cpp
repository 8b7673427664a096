#include <algorithm>
#include <thread>

#include <agent/fleet/connection.hpp>
#include <agent/fleet/dialogue.hpp>
#include <agent/fleet/heard_event.hpp>
#include <agent/fleet/journey_question.hpp>
#include <agent/fleet/left_journals.hpp>
#include <agent/fleet/opening.hpp>
#include <agent/fleet/protocol.hpp>
#include <agent/fleet/retelling.hpp>
#include <agent/fleet/seal.hpp>
#include <agent/sdk/codec.hpp>
#include <agent/sdk/text.hpp>

namespace agent::fleet {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// All that a machine may say in a run.
constexpr std::size_t most_heard = std::size_t{512} << 20;

/// One agent on one host, seen from the controller.
class LinkedConnection : public Connection {
 public:
  LinkedConnection(std::string host, executor::Login login, Bundle& bundle, const Terms& terms)
      : host_(std::move(host)), login_(std::move(login)), bundle_(bundle), terms_(terms), key_(make_nonce()) {
    open();
  }

  ~LinkedConnection() override {
    is_ending_ = true;
    if (!dialogue_) return;
    dialogue_->tell(protocol::bye, {});
    dialogue_->flush(seconds(2));
    dialogue_.reset();
  }

  TaskReply run(const TaskRequest& request, const ProgressSink& progress) override {
    const std::lock_guard lock(mutex_);
    becomes_ = request.identity.become;
    set_progress(&progress);
    const Value answer = ask(protocol::task, [&] { return to_value(request); });
    set_progress(nullptr);
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
    return ask(protocol::facts, [&] {
      return Value(Map{{"subsets", subsets}, {"identity", protocol::value_of(identity)}});
    });
  }

  void reset() override {
    const std::lock_guard lock(mutex_);
    ask(protocol::reset, [] { return Value(); });
  }

  void walk(const executor::Journey& journey) override;

 private:
  static void arrive(const executor::Journey& journey, const Value& end);

  // ---- the link, and the next one ----

  void open() {
    link_ = open_link(host_, login_, bundle_, terms_, key_, false);
    Line::Limits limits;
    limits.heard = most_heard;
    dialogue_ = std::make_unique<Dialogue>(
        link_->ends(),
        Dialogue::Ears{
            [this](std::int64_t number, const std::string& what, const Value& with) { answer(number, what, with); },
            [this](const std::string& what, const Value& with) { hear(what, with); },
            [this](const std::string& why) { return meet_again(why); }},
        limits);
  }

  // By the line's thread. The agent there goes on meanwhile; all that it has to say it says when it is met again.
  std::optional<Line::Ends> meet_again(const std::string& why) {
    // An agent on a machine that reboots is not met again: another one is started (come_back).
    if (is_ending_ || reboots_within() > seconds(0)) return std::nullopt;
    const auto until = Link::Clock::now() + terms_.patience;
    std::string reason = text::trimmed(link_->printed());
    // What it says when there is nobody to be met any more (exec.cpp).
    if (reason.find(protocol::nobody_to_meet) != std::string::npos) return give_up("the agent there has ended");
    if (const auto at = reason.find(protocol::tampered); at != std::string::npos && !std::exchange(is_sent_anew_, true))
      return send_anew(reason.substr(at + std::string_view(protocol::tampered).size()));
    if (reason.empty()) reason = why;
    if (!has_greeted_) return give_up(reason);
    if (terms_.tell) terms_.tell("the link to '" + host_ + "' broke; it is looked for again");
    for (milliseconds pause(500); Link::Clock::now() < until; pause = std::min(pause * 2, milliseconds(5000))) {
      const auto next = Link::Clock::now() + pause;
      while (Link::Clock::now() < next && !is_ending_) std::this_thread::sleep_for(milliseconds(50));
      if (is_ending_) return std::nullopt;
      try {
        link_ = open_link(host_, login_, bundle_, terms_, key_, true);
        if (terms_.tell) terms_.tell("'" + host_ + "' is back");
        return link_->ends();
      } catch (const Error& error) {
        reason = error.message();
      }
    }
    return give_up(reason);
  }

  // Nothing has begun there yet: the agent that was kept found itself changed, and is gone.
  std::optional<Line::Ends> send_anew(const std::string& what) {
    if (terms_.tell)
      terms_.tell("the agent that '" + host_ + "' had kept was changed: " + what.substr(0, what.find('\n')) +
                  "; it is sent anew");
    try {
      link_ = open_link(host_, login_, bundle_, terms_, key_, false);
      Line::Ends ends = link_->ends();
      ends.is_first = true;
      return ends;
    } catch (const Error& error) {
      return give_up(error.message());
    }
  }

  std::nullopt_t give_up(std::string why) {
    const std::lock_guard lock(state_mutex_);
    why_lost_ = std::move(why);
    return std::nullopt;
  }

  // ---- asking ----

  using Question = std::function<Value()>;
  /// Called now and then; false: nothing long is to be waited for.
  using Meanwhile = std::function<bool()>;

  Value ask(const char* what, const Question& question, const Meanwhile& meanwhile = {}) {
    retelling_.begin();
    for (;;) {
      Map whole{{"of", question()}};
      if (!std::exchange(has_begun_, true)) whole.set("begin", beginning());
      try {
        Value answer = dialogue_->ask(what, std::move(whole), [&] {
          if (meanwhile) meanwhile();
        });
        if (const Strings left = take_left(); !left.empty()) collect(*dialogue_, terms_, host_, left);
        return answer;
      } catch (const Dialogue::Gone& gone) {
        if (reboots_within() > seconds(0)) {
          come_back(meanwhile);
          continue;
        }
        set_progress(nullptr);
        const std::lock_guard lock(state_mutex_);
        throw lost(why_lost_.empty() ? gone.message() : why_lost_);
      } catch (const Error& error) {
        set_progress(nullptr);
        if (error.argument() == protocol::busy) throw Busy("'" + host_ + "' is taken: " + error.message());
        if (error.argument() == protocol::unusable) throw unusable(host_, error);
        throw without_places(error);
      }
    }
  }

  Strings take_left() {
    const std::lock_guard lock(state_mutex_);
    return std::exchange(left_, {});
  }

  Value beginning() const {
    Map begin{
        {"run", terms_.run}, {"host", host_}, {"patience", terms_.patience.count()}, {"wait", terms_.wait.count()}};
    if (terms_.least_wall) begin.set("wall", std::string(wall::name_of(*terms_.least_wall)));
    // A machine that lies can open its own journal with its key, and no other machine's.
    if (!terms_.key.empty())
      begin.set("journal", Map{{"key", hex(derived_key(terms_.key, host_))}, {"mode", journal_}});
    return begin;
  }

  // ---- a machine that reboots ----

  seconds reboots_within() {
    const std::lock_guard lock(state_mutex_);
    return reboots_within_;
  }

  // Waits until the machine is up again, and has an agent there that goes on with the journal. What it then says once
  // more was told.
  void come_back(const Meanwhile& meanwhile) {
    const seconds within = reboots_within();
    const auto until = Link::Clock::now() + within;
    if (terms_.tell) terms_.tell("'" + host_ + "' reboots; it is waited for");
    const std::string before = boot();
    std::string reason = "it did not go down";
    is_ending_ = true;
    for (milliseconds pause(1000); Link::Clock::now() < until; pause = std::min(pause * 2, milliseconds(5000))) {
      dialogue_.reset();
      link_.reset();
      const auto next = Link::Clock::now() + pause;
      while (Link::Clock::now() < next && (!meanwhile || meanwhile())) std::this_thread::sleep_for(milliseconds(50));
      if (meanwhile && !meanwhile()) throw lost("the run was interrupted while it rebooted");
      try {
        is_ending_ = has_greeted_ = false;
        open();
        const auto greeting = Link::Clock::now() + seconds(30);
        while (!has_greeted_ && Link::Clock::now() < greeting) std::this_thread::sleep_for(milliseconds(10));
        is_ending_ = true;
        // It may still be on its way down.
        if (!has_greeted_ || boot() == before) continue;
        is_ending_ = false;
        has_begun_ = has_world_ = false;
        journal_ = protocol::after_reboot;
        retelling_.begin_again();
        set_rebooting(seconds(0));
        if (terms_.tell) terms_.tell("'" + host_ + "' is up again");
        return;
      } catch (const Error& error) {
        is_ending_ = true;
        reason = error.message();
      }
    }
    set_rebooting(seconds(0));
    set_progress(nullptr);
    throw lost("it is not back " + std::to_string(within.count()) + " s after it was told to reboot: " + reason);
  }

  std::string boot() {
    const std::lock_guard lock(state_mutex_);
    return boot_;
  }

  void set_rebooting(seconds within) {
    const std::lock_guard lock(state_mutex_);
    reboots_within_ = within;
  }

  Unreachable lost(const std::string& why) const {
    return Unreachable("'" + host_ + "' is lost: " + why.substr(0, 1000))
        .hint("the task at hand may have been finished there, or not: run again to find out");
  }

  // ---- being asked, and told; by the line's thread ----

  void answer(std::int64_t number, const std::string& what, const Value& with) {
    try {
      dialogue_->answer(number, answer_to(what, with));
    } catch (const Error& error) {
      dialogue_->fail(number, error);
    } catch (const std::exception& error) {
      dialogue_->fail(number, Error(error.what()));
    }
  }

  Value answer_to(const std::string& what, const Value& with) {
    if (what == protocol::password) {
      // Told only while something is under way that becomes somebody: a target that asks out of turn hears nothing.
      std::optional<std::string> password;
      if (terms_.password && becomes_) password = terms_.password(protocol::identity_from(with));
      return password ? Value(*password) : Value();
    }
    const std::lock_guard lock(journey_mutex_);
    const executor::Journey* journey = journey_;
    if (!journey) throw Error("it asks for '" + what + "', and is on no walk");
    if (what == protocol::file) return journey->luggage.answer({with["what"].string(), with["path"].string()});
    if (what == protocol::lookup) {
      jinja::LookupCall call;
      call.name = with["name"].string();
      if (with["terms"].is_list()) call.terms = with["terms"].list();
      if (with["options"].is_map()) call.options = with["options"].map();
      call.search_path = strings_from(with["path"]);
      return journey->luggage.lookup(call);
    }
    throw Error("it asks for '" + what + "', which is nothing to ask for");
  }

  void hear(const std::string& what, const Value& with) {
    if (what == protocol::hello) {
      if (with["protocol"] != Value(protocol::version)) throw Error("the agent there speaks another protocol");
      {
        const std::lock_guard lock(state_mutex_);
        if (const Value* boot = with.find("boot"); boot && boot->is_string()) boot_ = boot->string();
      }
      has_greeted_ = true;
    } else if (what == protocol::rebooting) {
      // Long, but not for as long as it likes; and without a journal there is no way back.
      if (with["within"].is_integer() && !terms_.key.empty())
        set_rebooting(seconds(std::clamp<std::int64_t>(with["within"].integer(), 1, 86400)));
    } else if (what == protocol::begun) {
      tell_of_wall(with);
    } else if (what == protocol::waiting) {
      if (terms_.tell && with.is_string())
        terms_.tell("'" + host_ + "' is waited for: " + with.string() + " works on it");
    } else if (what == protocol::left) {
      const std::lock_guard lock(state_mutex_);
      left_ = strings_from(with["runs"]);
    } else if (what == protocol::remark) {
      if (terms_.tell && with["text"].is_string()) terms_.tell("'" + host_ + "': " + with["text"].string());
    } else if (what == protocol::progress) {
      const std::lock_guard lock(state_mutex_);
      if (progress_ && *progress_ && with["text"].is_string() && with["fraction"].is_number())
        (*progress_)(with["text"].string(), with["fraction"].real());
      return;
    }
    const std::lock_guard lock(journey_mutex_);
    const executor::Journey* journey = journey_;
    if (journey && what == protocol::arrived) {
      if (!retelling_.is_news_that_it_arrives(with["place"])) return;
      std::optional<Event> banner;
      if (const Value* said = with.find("banner")) banner = HeardEvents(*journey).banner(*said);
      if (const Value* counts = with.find("counts")) journey->host.counts = protocol::counts_from(*counts);
      journey->arrived(protocol::place_from(with["place"]), std::move(banner));
    } else if (journey && what == protocol::said && retelling_.is_news_that_it_says(with)) {
      if (auto event = HeardEvents(*journey).event(with)) journey->said(std::move(*event));
    }
  }

  void tell_of_wall(const Value& begun) const {
    const Value* tier = begun.find("wall");
    if (!terms_.tell || !tier || !tier->is_string() || tier->string() == wall::name_of(wall::Tier::full)) return;
    if (wall::tier_named(tier->string()))
      terms_.tell("on '" + host_ + "' the wall of this check is only '" + tier->string() + "' (docs/check-mode.md)");
  }

  void set_journey(const executor::Journey* journey) {
    const std::lock_guard lock(journey_mutex_);
    journey_ = journey;
  }

  void set_progress(const ProgressSink* sink) {
    const std::lock_guard lock(state_mutex_);
    progress_ = sink;
  }

  std::string host_;
  executor::Login login_;
  Bundle& bundle_;
  const Terms& terms_;
  std::string key_;
  std::unique_ptr<Link> link_;  // of the line's thread, once there is one
  std::mutex mutex_;            // one question at a time
  std::atomic<bool> becomes_{false}, is_ending_{false}, has_greeted_{false};
  std::mutex journey_mutex_;  // held while it is told of: nothing comes after its end
  const executor::Journey* journey_ = nullptr;
  bool has_begun_ = false, has_world_ = false, is_sent_anew_ = false;
  std::string journal_ = terms_.journal;  // what is to be done with it
  Retelling retelling_;                   // of the line's thread, while there is one
  std::mutex state_mutex_;
  std::string boot_;
  Strings left_;               // runs whose journals are there
  seconds reboots_within_{0};  // not 0: it goes down
  const ProgressSink* progress_ = nullptr;
  std::string why_lost_;
  std::unique_ptr<Dialogue> dialogue_;  // last: its thread uses all of the above
};

void LinkedConnection::walk(const executor::Journey& journey) {
  const std::lock_guard lock(mutex_);
  const std::atomic<bool>& interrupted = journey.play.world.interrupted;
  becomes_ = journey.luggage.of(journey.play.play).becomes;
  set_journey(&journey);
  // Asked again behind a reboot, of an agent that knows nothing.
  const auto question = [&] {
    Map with = question_of(journey);
    if (!std::exchange(has_world_, true)) with.set("world", world_of(journey));
    return Value(std::move(with));
  };
  bool is_told = false;
  const auto meanwhile = [&] {
    if (!interrupted) return true;
    if (dialogue_ && !std::exchange(is_told, true)) dialogue_->tell(protocol::interrupt, {});
    return false;
  };
  Value end;
  try {
    end = ask(protocol::walk, question, meanwhile);
  } catch (...) {
    set_journey(nullptr);
    throw;
  }
  set_journey(nullptr);
  try {
    arrive(journey, end);
  } catch (const std::exception& error) {
    throw lost("it answers what is no answer: " + std::string(error.what()));
  }
}

void LinkedConnection::arrive(const executor::Journey& journey, const Value& end) {
  for (const char* name : {"failed", "unreachable", "has_counts"})
    if (!end[name].is_boolean()) throw Error(std::string("it does not say '") + name + "'");
  const auto flag = [&](const char* name) { return end[name].boolean(); };
  journey.host.failed |= flag("failed");
  journey.host.unreachable |= flag("unreachable");
  journey.host.counts = protocol::counts_from(end["counts"]);
  journey.host.has_counts |= flag("has_counts");
  if (const Value* state = end.find("state")) take_state(*state, journey.host);
}

}  // namespace

std::unique_ptr<Connection> connect(const std::string& host, const executor::Login& login, Bundle& bundle,
                                    const Terms& terms) {
  return std::make_unique<LinkedConnection>(host, login, bundle, terms);
}

}  // namespace agent::fleet
