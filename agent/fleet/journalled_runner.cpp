#include <agent/fleet/journalled_runner.hpp>
#include <agent/fleet/rebooting.hpp>
#include <agent/sdk/checksum.hpp>
#include <agent/sdk/codec.hpp>

namespace agent::fleet {
namespace {

using Durable = Journal::Durable;

bool has_failed(const Value& end) {
  const Value* reply = end.find("reply");
  return end.find("failed") || (reply && task_reply_from(*reply).status == TaskReply::Status::failed);
}

// What changed nothing is only looked at once more when its record is lost: it waits for no disk.
Durable durability_of(const TaskReply& reply) {
  const bool may_have_changed = reply.status == TaskReply::Status::changed || !reply.changes.empty();
  return may_have_changed ? Durable::yes : Durable::no;
}

}  // namespace

JournalledRunner::JournalledRunner(std::unique_ptr<TaskRunner> pool, std::unique_ptr<Journal> journal, Beyond beyond,
                                   Ears ears)
    : pool_(std::move(pool)), journal_(std::move(journal)), beyond_(beyond), ears_(std::move(ears)) {
  if (!journal_) return;
  if (!journal_->damage().empty()) ears_.warned(journal_->damage());
  std::string last;
  for (const Value& record : journal_->take_records()) {
    learn(record);
    if (const Value* end = record.find("end")) last = end->string();
  }
  if (const auto found = done_.find(last); found != done_.end() && has_failed(found->second)) done_.erase(found);
}

JournalledRunner::~JournalledRunner() = default;

void JournalledRunner::learn(const Value& record) {
  if (const Value* end = record.find("end")) done_[end->string()] = record;
  if (const Value* said = record.find("said")) said_.insert(said->string());
  if (record.find("boot")) reboots_[record["start"].string()] = record;
  if (const Value* play = record.find("begins")) walks_.emplace_back(play->string(), Value());
  if (const Value* state = record.find("state"); state && !walks_.empty()) walks_.back().second = *state;
}

void JournalledRunner::begin_walk(const std::string& play) {
  walk_ = play;
  place_.clear();
}

Value JournalledRunner::state_before(const std::string& play) const {
  Value state;
  for (const auto& [name, behind] : walks_) {
    if (name == play) break;
    if (!behind.is_null()) state = behind;
  }
  return state;
}

void JournalledRunner::come_to(const std::string& place) {
  place_ = place;
}

std::string JournalledRunner::key_of(const std::string& what, const Value& asked) {
  std::string key;
  if (walk_.empty()) {
    const Bytes bytes = to_cbor(asked);
    key = what + " " + checksum(Digest::sha256, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  } else {
    key = walk_ + " " + place_ + " " + what;
  }
  return key + " " + std::to_string(counts_[key]++);
}

void JournalledRunner::add(Map record, Durable durable) {
  if (journal_ && !journal_->add(Value(std::move(record)), durable))
    ears_.warned(
        "the journal of the run cannot be written any more (is the disk full?): from here on it could not be resumed");
}

void JournalledRunner::note(Map record) {
  add(std::move(record), Durable::no);
}

void JournalledRunner::note_said(const std::string& what, Map record) {
  if (!journal_) return;
  std::string key = walk_ + " " + place_ + " " + what;
  if (!said_.insert(key).second) return;
  record.set("said", std::move(key));
  add(std::move(record), Durable::no);
}

void JournalledRunner::set_collected() {
  if (journal_) journal_->set_collected();
}

void JournalledRunner::expect_may_begin() const {
  if (beyond_ == Beyond::refuse)
    throw Unreachable("the run ended there before this was done").hint("'agent resume' goes on with it");
}

TaskReply JournalledRunner::run(const TaskRequest& request, const ProgressSink& progress) {
  // What only predicts is not kept: the predictions are the pool's.
  if (!journal_ || request.check_mode) return pool_->run(request, progress);
  const std::string key = key_of(request.module, walk_.empty() ? to_value(request) : Value());
  if (const auto found = done_.find(key); found != done_.end()) return task_reply_from(found->second["reply"]);
  expect_may_begin();
  if (request.module == reboot_module) return reboot(key, request, progress);
  add(Map{{"start", key}}, Durable::no);
  TaskReply reply = pool_->run(request, progress);
  add(Map{{"end", key}, {"reply", to_value(reply)}}, durability_of(reply));
  return reply;
}

// The one call that does not end where it began.
TaskReply JournalledRunner::reboot(const std::string& key, const TaskRequest& request, const ProgressSink& progress) {
  const std::string mark = boot_mark();
  TaskReply reply;
  if (const auto begun = reboots_.find(key); begun != reboots_.end() && begun->second["boot"] != Value(mark)) {
    reply = come_up(*pool_, request, begun->second["at"].real(), progress);
  } else {
    const double now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
    add(Map{{"start", key}, {"boot", mark}, {"at", now}}, Durable::yes);
    if (ears_.goes_down) ears_.goes_down(reboot_patience(request));
    reply = go_down(*pool_, request, progress);
  }
  add(Map{{"end", key}, {"reply", to_value(reply)}}, Durable::yes);
  return reply;
}

Value JournalledRunner::told(const std::string& what, const std::function<Told()>& ask) {
  if (!journal_) return ask().answer;
  const std::string key = key_of(what, Value());
  if (const auto found = done_.find(key); found != done_.end()) return found->second["told"];
  expect_may_begin();
  const Told told = ask();
  if (told.answer.is_null()) return told.answer;
  Map record{{"end", key}, {"told", told.answer}};
  if (told.status == Status::failed) record.set("failed", true);
  add(std::move(record), told.status == Status::changed ? Durable::yes : Durable::no);
  return told.answer;
}

Value JournalledRunner::facts(const Strings& subsets, const Identity& identity) {
  if (!journal_) return pool_->facts(subsets, identity);
  const std::string key = key_of("facts", Value(subsets));
  if (const auto found = done_.find(key); found != done_.end()) return found->second["facts"];
  expect_may_begin();
  Value facts = pool_->facts(subsets, identity);
  add(Map{{"end", key}, {"facts", facts}}, Durable::no);
  return facts;
}

}  // namespace agent::fleet
