#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Texts = std::vector<std::string>;

Texts seeds_below(const char* directory) {
  Texts seeds;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream stream(entry.path(), std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    seeds.push_back(text.str());
  }
  return seeds;
}

void run(const std::string& text) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
}

/// Makes new inputs of the seeds: parts taken out, doubled, moved from one to another, and bytes changed.
class Mutator {
 public:
  Mutator(const Texts& seeds, unsigned seed) : seeds_(seeds), random_(seed) {}

  std::string next() {
    std::string text = one();
    for (std::size_t changes = 1 + below(4); changes > 0; --changes) change(text);
    if (text.size() > 4096) text.resize(4096);
    return text;
  }

 private:
  std::size_t below(std::size_t limit) { return random_() % limit; }
  const std::string& one() { return seeds_[below(seeds_.size())]; }
  std::string part_of(const std::string& text) {
    const std::size_t from = below(text.size() + 1);
    return text.substr(from, 1 + below(16));
  }

  void change(std::string& text) {
    const std::size_t at = below(text.size() + 1);
    switch (below(5)) {
      case 0:
        text.erase(at, 1 + below(8));
        break;
      case 1:
        text.insert(at, part_of(text));
        break;
      case 2:
        text.insert(at, part_of(one()));
        break;
      case 3:
        if (at < text.size()) text[at] = static_cast<char>(below(256));
        break;
      default:
        text = text.substr(0, at) + one();
    }
  }

  const Texts& seeds_;
  std::mt19937 random_;
};

}  // namespace

/// `NAME_fuzz SEEDS [COUNT [SEED]]`: runs every file of a directory through the fuzz target that this is linked with,
/// and COUNT inputs made of them. A crash or a hang fails the test; for guided fuzzing see CMakeLists.txt.
int main(int argc, char** argv) {
  if (argc < 2) return 1;
  const Texts seeds = seeds_below(argv[1]);
  if (seeds.empty()) return 1;
  for (const std::string& seed : seeds) run(seed);
  const long count = argc > 2 ? std::atol(argv[2]) : 0;
  Mutator mutator(seeds, argc > 3 ? static_cast<unsigned>(std::atol(argv[3])) : 1U);
  for (long i = 0; i < count; ++i) run(mutator.next());
  std::printf("%zu seeds, %ld inputs made of them\n", seeds.size(), count);
  return 0;
}
