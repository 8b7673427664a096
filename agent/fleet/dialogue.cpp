#include <agent/fleet/dialogue.hpp>

namespace agent::fleet {
namespace {

const Value& member(const Value& message, const char* name) {
  static const Value none;
  const Value* found = message.find(name);
  return found ? *found : none;
}

std::string word(const Value& value) {
  if (!value.is_string()) throw Error("a message has no word");
  return value.string();
}

}  // namespace

Dialogue::Dialogue(Line::Ends ends, Ears ears, Line::Limits limits)
    : ears_(std::move(ears)),
      line_(
          std::move(ends),
          {[this](const Value& message) { hear(message); }, ears_.again, [this](const std::string& why) { end(why); }},
          limits) {}

Value Dialogue::ask(const std::string& what, Value with, const std::function<void()>& meanwhile) {
  std::unique_lock lock(mutex_);
  if (gone_) {
    const std::string why = *gone_;
    lock.unlock();
    miss(what, why);
  }
  const std::int64_t number = ++last_;
  Waiting& waiting = waiting_[number];
  lock.unlock();
  try {
    line_.say(Map{{"ask", number}, {"what", what}, {"with", std::move(with)}});
  } catch (const Error&) {
    lock.lock();
    waiting_.erase(number);
    throw;
  }
  lock.lock();
  const auto done = [&] { return waiting.is_answered || gone_; };
  const auto is_wanted = [&] { return done() || !work_.empty(); };
  while (!done()) {
    if (!meanwhile)
      answered_.wait(lock, is_wanted);
    else
      answered_.wait_for(lock, std::chrono::milliseconds(100), is_wanted);
    if (done()) break;
    auto work = meanwhile;
    if (!work_.empty()) {
      work = std::move(work_.front());
      work_.pop_front();
    }
    lock.unlock();
    work();
    lock.lock();
  }
  Waiting out = std::move(waiting);
  waiting_.erase(number);
  if (!out.is_answered) {
    const std::string why = *gone_;
    lock.unlock();
    miss(what, why);
  }
  if (out.error) throw std::move(*out.error);
  return std::move(out.with);
}

void Dialogue::have_done(std::function<void()> work) {
  const std::lock_guard lock(mutex_);
  work_.push_back(std::move(work));
  answered_.notify_all();
}

void Dialogue::miss(const std::string& what, const std::string& why) {
  if (ears_.missed) ears_.missed(what);
  throw Gone(why);
}

void Dialogue::answer(std::int64_t number, Value with) {
  try {
    line_.say(Map{{"answer", number}, {"with", std::move(with)}});
  } catch (const Error& error) {
    fail(number, error);
  }
}

void Dialogue::fail(std::int64_t number, const Error& error) {
  line_.say(Map{{"answer", number}, {"error", error.to_value()}});
}

void Dialogue::tell(const std::string& what, Value with, Line::Haste haste) {
  line_.say(Map{{"tell", what}, {"with", std::move(with)}}, haste);
}

void Dialogue::hear(const Value& message) {
  if (const Value* number = message.find("ask"); number && number->is_integer())
    return ears_.asked(number->integer(), word(member(message, "what")), member(message, "with"));
  if (const Value* what = message.find("tell")) return ears_.told(word(*what), member(message, "with"));
  const Value* number = message.find("answer");
  if (!number || !number->is_integer()) throw Error("it is neither question nor answer");
  const std::lock_guard lock(mutex_);
  const auto found = waiting_.find(number->integer());
  // One that was not asked for, or a second one.
  if (found == waiting_.end() || found->second.is_answered) return;
  found->second.is_answered = true;
  if (const Value* error = message.find("error"))
    found->second.error = Error::from_value(*error);
  else
    found->second.with = member(message, "with");
  answered_.notify_all();
}

void Dialogue::end(const std::string& why) {
  {
    const std::lock_guard lock(mutex_);
    gone_ = why;
    answered_.notify_all();
  }
  if (ears_.over) ears_.over(why);
}

}  // namespace agent::fleet
