// What a host asks and tells: heard by the line's thread, and answered by it, but for what is delegated.
#include <algorithm>

#include <agent/fleet/carried_outcome.hpp>
#include <agent/fleet/heard_event.hpp>
#include <agent/fleet/linked_connection.hpp>
#include <agent/sdk/codec.hpp>

namespace agent::fleet {

using std::chrono::seconds;

namespace {

/// On one walk, of each that the play has: a handler may come again.
constexpr std::size_t most_errands = 100;

}  // namespace

void LinkedConnection::answer(std::int64_t number, const std::string& what, const Value& with) {
  if (what == protocol::errand)
    // It may take as long as any task: whoever waits for the end of the walk does it meanwhile.
    dialogue_->have_done([this, number, with] { reply(number, [&] { return carry_out(with); }); });
  else if (what == protocol::once || what == protocol::turn)
    try {
      wait_with_others(number, what, with);
    } catch (const Error& error) {
      dialogue_->fail(number, error);
    }
  else
    reply(number, [&] { return answer_to(what, with); });
}

void LinkedConnection::reply(std::int64_t number, const std::function<Value()>& answer) {
  try {
    dialogue_->answer(number, answer());
  } catch (const Error& error) {
    dialogue_->fail(number, error);
  } catch (const std::exception& error) {
    dialogue_->fail(number, Error(error.what()));
  }
}

Value LinkedConnection::carry_out(const Value& with) {
  // This is the thread that the walk belongs to: it does not end meanwhile.
  const executor::Journey& journey = this->journey(protocol::errand);
  const auto& errands = journey.luggage.of(journey.play.play).errands;
  const auto task = errands.find(with["where"].string());
  if (task == errands.end()) throw Error("it asks for a task to be done that the play does not delegate");
  if (++errands_ > most_errands * errands.size()) throw Error("it asks for more to be done than any play delegates");
  take_state(with["state"], journey.host);
  Value report = value_of(executor::carry_out(journey, *task->second));
  // Before the host goes on to its next task.
  if (journey.play.world.interrupted) dialogue_->tell(protocol::interrupt, {});
  return report;
}

void LinkedConnection::wait_with_others(std::int64_t number, const std::string& what, const Value& with) {
  const std::lock_guard lock(journey_mutex_);
  const executor::Journey& journey = this->journey(what);
  if (what == protocol::turn) {
    if (!with["most"].is_integer() || with["most"].integer() < 1) throw Error("it asks for a turn among none");
    journey.gathering.wait_for_turn(journey.number, static_cast<std::size_t>(with["most"].integer()),
                                    [this, number] { reply(number, [] { return Value(); }); });
  } else {
    journey.gathering.wait_for_all(journey.number, protocol::place_from(with["place"]),
                                   [this, number](const std::optional<executor::TaskOutcome>& done) {
                                     reply(number, [&] { return done ? value_of(*done) : Value(); });
                                   });
  }
}

const executor::Journey& LinkedConnection::journey(const std::string& what) const {
  if (!journey_) throw Error("it asks for '" + what + "', and is on no walk");
  return *journey_;
}

Value LinkedConnection::answer_to(const std::string& what, const Value& with) {
  if (what == protocol::password) {
    // Told only while something is under way that becomes somebody: a target that asks out of turn hears nothing.
    std::optional<std::string> password;
    if (terms_.password && becomes_) password = terms_.password(protocol::identity_from(with));
    return password ? Value(*password) : Value();
  }
  const std::lock_guard lock(journey_mutex_);
  const executor::Journey& journey = this->journey(what);
  if (what == protocol::file) return journey.luggage.answer({with["what"].string(), with["path"].string()});
  if (what == protocol::lookup) {
    jinja::LookupCall call;
    call.name = with["name"].string();
    if (with["terms"].is_list()) call.terms = with["terms"].list();
    if (with["options"].is_map()) call.options = with["options"].map();
    call.search_path = strings_from(with["path"]);
    return journey.luggage.lookup(call);
  }
  throw Error("it asks for '" + what + "', which is nothing to ask for");
}

void LinkedConnection::hear(const std::string& what, const Value& with) {
  if (what == protocol::hello) {
    if (with["protocol"] != Value(protocol::version)) throw Error("the agent there speaks another protocol");
    {
      const std::lock_guard lock(state_mutex_);
      if (const Value* boot = with.find("boot"); boot && boot->is_string()) boot_ = boot->string();
    }
    reach_.greeted();
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
  } else {
    hear_of_the_walk(what, with);
  }
}

void LinkedConnection::hear_of_the_walk(const std::string& what, const Value& with) {
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
  } else if (journey && what == protocol::did_once) {
    journey->gathering.has_done(journey->number, protocol::place_from(with["place"]), hearsay_from(with["outcome"]));
  } else if (journey && what == protocol::turn_over) {
    journey->gathering.turn_is_over(journey->number);
  }
}

void LinkedConnection::tell_of_wall(const Value& begun) const {
  const Value* tier = begun.find("wall");
  if (!terms_.tell || !tier || !tier->is_string() || tier->string() == wall::name_of(wall::Tier::full)) return;
  if (wall::tier_named(tier->string()))
    terms_.tell("on '" + host_ + "' the wall of this check is only '" + tier->string() + "' (docs/check-mode.md)");
}

}  // namespace agent::fleet
