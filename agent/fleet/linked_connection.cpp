#include <agent/fleet/heard_event.hpp>
#include <agent/fleet/journey_question.hpp>
#include <agent/fleet/left_journals.hpp>
#include <agent/fleet/linked_connection.hpp>
#include <agent/fleet/opening.hpp>
#include <agent/fleet/seal.hpp>
#include <agent/sdk/checksum.hpp>
#include <agent/sdk/codec.hpp>

namespace agent::fleet {
namespace {

using std::chrono::seconds;

/// All that a machine may say in a run.
constexpr std::size_t most_heard = std::size_t{512} << 20;

void arrive(const executor::Journey& journey, const Value& end) {
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

LinkedConnection::LinkedConnection(std::string host, executor::Login login, const Terms& terms)
    : host_(std::move(host)), terms_(terms), reach_(host_, std::move(login), terms) {
  open();
}

LinkedConnection::~LinkedConnection() {
  reach_.want_end(true);
  if (!dialogue_) return;
  dialogue_->tell(protocol::bye, {});
  dialogue_->flush(seconds(2));
  dialogue_.reset();
}

void LinkedConnection::open() {
  Line::Limits limits;
  limits.heard = most_heard;
  dialogue_ = std::make_unique<Dialogue>(
      reach_.open(),
      Dialogue::Ears{
          [this](std::int64_t number, const std::string& what, const Value& with) { answer(number, what, with); },
          [this](const std::string& what, const Value& with) { hear(what, with); },
          [this](const std::string& why) -> std::optional<Line::Ends> {
            // An agent on a machine that reboots is not met again: another one is started (come_back).
            if (reboots_within() > seconds(0)) return std::nullopt;
            return reach_.again(why);
          }},
      limits);
}

TaskReply LinkedConnection::run(const TaskRequest& request, const ProgressSink& progress) {
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

Value LinkedConnection::facts(const Strings& subsets, const Identity& identity) {
  const std::lock_guard lock(mutex_);
  becomes_ = identity.become;
  return ask(protocol::facts, [&] {
    return Value(Map{{"subsets", subsets}, {"identity", protocol::value_of(identity)}});
  });
}

void LinkedConnection::reset() {
  const std::lock_guard lock(mutex_);
  ask(protocol::reset, [] { return Value(); });
}

void LinkedConnection::walk(const executor::Journey& journey) {
  const std::lock_guard lock(mutex_);
  const std::atomic<bool>& interrupted = journey.play.world.interrupted;
  becomes_ = journey.luggage.of(journey.play.play).becomes;
  begin_journey(journey);
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
    end_journey();
    throw;
  }
  end_journey();
  try {
    arrive(journey, end);
  } catch (const std::exception& error) {
    throw lost("it answers what is no answer: " + std::string(error.what()));
  }
}

Value LinkedConnection::ask(const char* what, const Question& question, const Meanwhile& meanwhile) {
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
      const std::string why = reach_.why_lost();
      throw lost(why.empty() ? gone.message() : why);
    } catch (const Error& error) {
      set_progress(nullptr);
      if (error.argument() == protocol::busy) throw Busy("'" + host_ + "' is taken: " + error.message());
      if (error.argument() == protocol::unusable) throw unusable(host_, error);
      throw without_places(error);
    }
  }
}

Strings LinkedConnection::take_left() {
  const std::lock_guard lock(state_mutex_);
  return std::exchange(left_, {});
}

Value LinkedConnection::beginning() const {
  Map begin{{"run", terms_.run}, {"host", host_}, {"patience", terms_.patience.count()}, {"wait", terms_.wait.count()}};
  if (terms_.least_wall) begin.set("wall", std::string(wall::name_of(*terms_.least_wall)));
  // A machine that lies can open its own journal with its key, and no other machine's.
  if (!terms_.key.empty())
    begin.set("journal", Map{{"key", hexadecimal(derived_key(terms_.key, host_))}, {"mode", journal_}});
  return begin;
}

Unreachable LinkedConnection::lost(const std::string& why) const {
  return Unreachable("'" + host_ + "' is lost: " + why.substr(0, 1000))
      .hint("the task at hand may have been finished there, or not");
}

void LinkedConnection::begin_journey(const executor::Journey& journey) {
  const std::lock_guard lock(journey_mutex_);
  journey_ = &journey;
  errands_ = 0;
}

// From here on nothing comes back to this host for which it waited with others.
void LinkedConnection::end_journey() {
  const std::lock_guard lock(journey_mutex_);
  journey_->gathering.forget(journey_->number);
  journey_ = nullptr;
}

void LinkedConnection::set_progress(const ProgressSink* sink) {
  const std::lock_guard lock(state_mutex_);
  progress_ = sink;
}

std::unique_ptr<Connection> connect(const std::string& host, const executor::Login& login, const Terms& terms) {
  return std::make_unique<LinkedConnection>(host, login, terms);
}

}  // namespace agent::fleet
