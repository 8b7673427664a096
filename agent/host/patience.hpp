#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <thread>

namespace agent {

/// Does `work` in a thread of its own and waits for it no longer than `limit`; nothing when it has not ended by then,
/// or failed. For calls that a dead server may hold up for ever: the thread is then left to itself, so `work` must own
/// all that it uses.
template <class Result>
std::optional<Result> within(std::chrono::milliseconds limit, std::function<Result()> work) {
  auto promise = std::make_shared<std::promise<Result>>();
  auto answer = promise->get_future();
  std::thread([promise, work = std::move(work)] {
    try {
      promise->set_value(work());
    } catch (...) {
      promise->set_exception(std::current_exception());
    }
  }).detach();
  if (answer.wait_for(limit) != std::future_status::ready) return std::nullopt;
  try {
    return answer.get();
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

}  // namespace agent
