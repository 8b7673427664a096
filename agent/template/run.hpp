#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <agent/template/engine.hpp>
#include <agent/template/frame.hpp>
#include <agent/template/parser.hpp>
#include <agent/template/registry.hpp>

namespace agent::jinja {

/// Compiled texts, by what they say and how they are read. Safe to share between threads.
class Cache {
 public:
  explicit Cache(const Registry& registry) : registry_(registry) {}
  ProgramPtr text(const std::string& text, const Options& options) const;
  ProgramPtr expression(const std::string& text, bool raw_literals) const;

 private:
  using Programs = std::unordered_map<std::string, ProgramPtr>;
  template <class Parse>
  ProgramPtr find(Programs& programs, const std::string& text, Parse parse) const;

  const Registry& registry_;
  mutable std::mutex mutex_;
  mutable Programs texts_, expressions_, conditions_;
};

/// The variables of one scope during one call of the engine: each is rendered once.
class Variables {
 public:
  explicit Variables(const Scope& scope) : scope_(scope) {}

  struct Known {
    Value value;
    bool is_raw = false;  ///< may hold templates: to be rendered before anybody else sees it
  };
  /// The variable as far as it is known; null when there is none. Valid until the next call of put().
  const Known* find(std::string_view name);
  void put(std::string_view name, Value value);
  Strings names() const { return scope_.names(); }
  /// Only known while somebody asks for an undefined name; asked for once.
  const Scope& scope() const { return scope_; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  const Scope& scope_;
  std::unordered_map<std::string, std::optional<Known>> known_;
};

/// What one call of the engine may use up, and what it is doing.
class Run {
 public:
  Run(const Registry& registry, const Services& services, const Options& options, const Cache& cache)
      : registry_(registry), services_(services), options_(options), cache_(cache) {}

  const Registry& registry() const { return registry_; }
  const Services& services() const { return services_; }
  const Options& options() const { return options_; }
  const Cache& cache() const { return cache_; }

  /// Throws Error when there is no time left, or `bytes` more are too many.
  void spend(std::size_t bytes);
  /// The variables of a view; kept to the end, and the view with them.
  Variables& variables_of(const std::shared_ptr<const Object>& view);

  /// Keeps what macros were made in: they are kept in there themselves, and must not own it.
  void keep(FramePtr frame) { frames_.push_back(std::move(frame)); }

  /// Says, for as long as it lives, that a text is being rendered, and on behalf of which name.
  class Rendering {
   public:
    Rendering(Run& run, const Variables& variables, const Value& text, std::string name);
    ~Rendering();
    Rendering(const Rendering&) = delete;
    Rendering& operator=(const Rendering&) = delete;

   private:
    Run& run_;
  };
  /// "a -> b -> " while the texts of a and b are being rendered.
  std::string chain() const;

  /// Says that an expression within an expression is evaluated.
  class Climb {
   public:
    explicit Climb(Run& run);
    ~Climb() { --run_.climbed_; }
    Climb(const Climb&) = delete;
    Climb& operator=(const Climb&) = delete;

   private:
    Run& run_;
  };

  /// Says that a macro, an include or the like is entered.
  class Level {
   public:
    explicit Level(Run& run);
    ~Level() { --run_.depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

   private:
    Run& run_;
  };

 private:
  struct Step {
    const Variables* variables;
    const void* text;
    std::string name;
  };
  const Registry& registry_;
  const Services& services_;
  const Options& options_;
  const Cache& cache_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::size_t steps_ = 0, bytes_ = 0;
  int depth_ = 0, climbed_ = 0;
  std::vector<Step> steps_open_;
  std::vector<FramePtr> frames_;
  std::unordered_map<const Object*, std::pair<std::shared_ptr<const Object>, std::unique_ptr<Variables>>> views_;
};

}  // namespace agent::jinja
