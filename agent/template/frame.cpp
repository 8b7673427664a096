#include <agent/template/frame.hpp>

namespace agent::jinja {

const Value& Slot::read() {
  if (list_) {
    value_ = Value(std::move(*list_));
    list_.reset();
  } else if (map_) {
    value_ = Value(std::move(*map_));
    map_.reset();
  }
  return value_;
}

void Slot::write(Value value) {
  list_.reset();
  map_.reset();
  value_ = std::move(value);
}

List& Slot::list() {
  if (!list_) list_ = std::make_unique<List>(value_.list());
  return *list_;
}

Map& Slot::map() {
  if (!map_) map_ = std::make_unique<Map>(value_.map());
  return *map_;
}

Slot* Frame::find_here(std::string_view name) {
  for (auto& [known, slot] : slots_)
    if (known == name) return &slot;
  return nullptr;
}

Slot* Frame::find(std::string_view name) {
  for (Frame* frame = this; frame; frame = frame->outer_.get())
    if (Slot* slot = frame->find_here(name)) return slot;
  return nullptr;
}

void Frame::set(std::string_view name, Value value) {
  if (Slot* slot = find_here(name)) return slot->write(std::move(value));
  slots_.emplace_back(std::string(name), Slot(std::move(value)));
}

Strings Frame::names() const {
  Strings names;
  for (const Frame* frame = this; frame; frame = frame->outer_.get())
    for (const auto& entry : frame->slots_) names.push_back(entry.first);
  return names;
}

Map Frame::exported() const {
  Map map;
  for (const auto& [name, slot] : slots_)
    if (name.empty() || name[0] != '_') map.set(name, const_cast<Slot&>(slot).read());
  return map;
}

}  // namespace agent::jinja
