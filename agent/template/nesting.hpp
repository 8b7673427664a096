#pragma once

#include <string>

#include <agent/template/token_stream.hpp>

namespace agent::jinja {

/// Counts how deep a parser is while it lives, so that no text can exhaust the stack: fails at `deepest`.
class Nesting {
 public:
  Nesting(int& depth, int deepest, const TokenStream& tokens, const char* what) : depth_(depth) {
    if (depth_ >= deepest) tokens.fail(Error(std::string(what) + " nested too deeply"));
    ++depth_;
  }
  ~Nesting() { --depth_; }
  Nesting(const Nesting&) = delete;
  Nesting& operator=(const Nesting&) = delete;

 private:
  int& depth_;
};

}  // namespace agent::jinja
