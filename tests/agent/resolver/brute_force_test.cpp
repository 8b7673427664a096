// Every released torch, with every Python and every driver branch of the tables, on cards of all ages: the search
// against one that knows nothing of it. This one reads the files by itself and tries everything.
#include <charconv>

#include <gtest/gtest.h>

#include <agent/resolver/search.hpp>
#include <agent/yaml/yaml.hpp>

#include "tables_for_tests.hpp"

namespace agent::resolver {
namespace {

Value file(const char* name) {
  const Path path = Path(AGENT_SOURCE_DIR) / "share/compat" / name;
  return yaml::read(yaml::load(path), path.string(), {.templates = false}).root;
}

/// Numbers of a dotted text, so that they compare as lists do.
std::vector<int> numbers(const std::string& text) {
  std::vector<int> all;
  for (std::size_t start = 0; start <= text.size();) {
    const auto end = std::min(text.find('.', start), text.size());
    int number = 0;
    std::from_chars(text.data() + start, text.data() + end, number);
    all.push_back(number);
    start = end + 1;
  }
  return all;
}

struct Card4 {
  const char *name, *capability;
  int first, last;
};

/// Capability, and the driver branches that serve it, from gpus.yml by hand.
const Card4 cards[] = {{"Tesla K80", "3.7", 340, 470},
                       {"GeForce GTX 980", "5.2", 340, 580},
                       {"GeForce GTX 1080", "6.1", 367, 580},
                       {"Tesla V100", "7.0", 384, 580},
                       {"GeForce RTX 2080", "7.5", 410, 9999},
                       {"A100", "8.0", 450, 9999},
                       {"GeForce RTX 3070", "8.6", 455, 9999},
                       {"GeForce RTX 4090", "8.9", 520, 9999},
                       {"H100", "9.0", 515, 9999},
                       {"B200", "10.0", 570, 9999},
                       {"GeForce RTX 5090", "12.0", 570, 9999}};

struct Toolkits {
  struct One {
    std::vector<int> version;
    std::string least, full;
  };
  std::map<std::string, One> newest;  // by series
  std::map<std::string, std::pair<std::vector<int>, std::vector<int>>> range;
};

Toolkits read_toolkits() {
  Toolkits all;
  const Value drivers = file("cuda_driver.yml"), compute = file("cuda_compute.yml");
  for (const Value& row : drivers["toolkits"].list()) {
    const auto version = numbers(row["cuda"].string());
    auto& one = all.newest[row["series"].string()];
    if (!one.version.empty() && one.version > version) continue;
    const std::string full = row["min_driver"].string();
    one = {version, row["mvc_min_driver"].is_string() ? row["mvc_min_driver"].string() : full, full};
  }
  for (const Value& row : compute["toolkits"].list())
    all.range[row["cuda"].string()] = {numbers(row["cc_min"].string()), numbers(row["cc_max"].string())};
  return all;
}

/// 0: runs nothing, 1: by PTX, 2: the list is not known, 3: machine code.
int runs(const Value& wheel, const std::string& capability, const Toolkits& toolkits) {
  const auto card = numbers(capability);
  if (!wheel["arch"].is_list()) {
    const auto& [low, high] = toolkits.range.at(wheel["cuda"].string());
    return card >= low && card <= high ? 2 : 0;
  }
  int best = 0;
  for (const Value& entry : wheel["arch"].list()) {
    const std::string& text = entry.string();
    const auto built = numbers(text.substr(0, text.find('+')));
    if (built[0] == card[0] && built[1] <= card[1]) return 3;
    if (text.ends_with("+PTX") && built <= card) best = std::max(best, 1);
  }
  return best;
}

/// The label of the best wheel of one release, or "".
std::string best_tag(const Value& release, const std::string& python, int branch, const Card4& card,
                     const Toolkits& toolkits) {
  if (numbers(python) < numbers(release["python_min"].string()) ||
      numbers(python) > numbers(release["python_max"].string()) || branch < card.first || branch > card.last)
    return "";
  std::string best;
  std::tuple<int, int, std::vector<int>> merit{-1, -1, {}};
  for (const Value& wheel : release["wheels"].list()) {
    const int how = runs(wheel, card.capability, toolkits);
    const auto& toolkit = toolkits.newest.at(wheel["cuda"].string());
    const std::string least = how == 1 ? toolkit.full : toolkit.least;
    // The least driver must be one that still serves the card, whichever is there.
    if (how == 0 || branch < numbers(least)[0] || numbers(least)[0] > card.last) continue;
    const std::tuple<int, int, std::vector<int>> own{branch >= numbers(toolkit.full)[0] ? 1 : 0,
                                                     how == 3   ? 2
                                                     : how == 1 ? 1
                                                                : 0,
                                                     numbers(wheel["cuda"].string())};
    if (own > merit) {
      merit = own;
      best = wheel["tag"].string();
    }
  }
  return best;
}

/// One release on one Python: asked many times, each time with another driver and card.
class Questions {
 public:
  Questions(const std::string& version, const std::string& python) : request_(requested(version, python)) {
    // Without the optimiser most of the time goes into releases that are not asked for.
    std::erase_if(problem_.builds[0], [&](const Build& build) { return !allows(request_.requirements[0], build); });
  }
  std::string found(int branch, const char* card) {
    problem_.driver = GivenDriver{*Dotted::parse(std::to_string(branch)), true};
    problem_.cards = {card_from(card, shipped())};
    const auto choice = Search(problem_).best();
    return choice ? choice->builds.at(0)->version.text() + "+" + choice->builds.at(0)->label : "";
  }

 private:
  static Request requested(const std::string& version, const std::string& python) {
    Request request;
    add_requirement(request, version.empty() ? "torch" : "torch==" + version, shipped());
    request.python = python;
    return request;
  }
  Request request_;
  Problem problem_{shipped(), request_};
};

TEST(TheSearch, FindsWhatTryingEverythingFinds) {
  const Value torch = file("pytorch.yml"), drivers = file("cuda_driver.yml");
  const Toolkits toolkits = read_toolkits();
  std::size_t cases = 0, with_answer = 0, turn = 0;
  for (const Value& release : torch["releases"].list())
    for (int minor = 5; minor <= 14; ++minor) {
      const std::string python = "3." + std::to_string(minor), version = release["torch"].string();
      Questions questions(version, python);
      for (const Value& row : drivers["driver_branches"].list()) {
        const int branch = numbers(row["branch"].string())[0];
        const Card4& card = cards[turn++ % std::size(cards)];
        const std::string expected = best_tag(release, python, branch, card, toolkits);
        ASSERT_EQ(questions.found(branch, card.name), expected.empty() ? "" : version + "+" + expected)
            << "torch " << version << ", Python " << python << ", driver " << branch << ", " << card.name;
        ++cases;
        with_answer += expected.empty() ? 0 : 1;
      }
    }
  std::cout << cases << " cases, " << with_answer << " of them with an answer\n";
  EXPECT_GT(cases, 9000U);
  EXPECT_GT(with_answer, 1000U);
}

/// Without a version it is the newest release that has an answer at all.
TEST(TheSearch, TakesTheNewestReleaseThatFits) {
  const Value torch = file("pytorch.yml"), drivers = file("cuda_driver.yml");
  const Toolkits toolkits = read_toolkits();
  for (const Card4& card : cards)
    for (int minor = 6; minor <= 14; minor += 2) {
      Questions questions("", "3." + std::to_string(minor));
      for (const Value& row : drivers["driver_branches"].list()) {
        const std::string python = "3." + std::to_string(minor);
        const int branch = numbers(row["branch"].string())[0];
        std::string expected, fallback;  // a release that is not sure comes last
        std::vector<int> newest, newest_fallback;
        for (const Value& release : torch["releases"].list()) {
          const std::string tag = best_tag(release, python, branch, card, toolkits);
          const auto version = numbers(release["torch"].string());
          const bool sure = !(release["verified"] == Value(false));
          auto& best = sure ? newest : newest_fallback;
          if (tag.empty() || version < best) continue;
          best = version;
          (sure ? expected : fallback) = release["torch"].string() + "+" + tag;
        }
        if (expected.empty()) expected = fallback;
        ASSERT_EQ(questions.found(branch, card.name), expected)
            << "Python " << python << ", driver " << branch << ", " << card.name;
      }
    }
}

}  // namespace
}  // namespace agent::resolver
