// A module that needs a library which no search path names.
#include <agent/sdk/module.hpp>

extern "C" const char* shared_summary();

namespace {

using namespace agent;

struct Want {};

const SpecOf<Want>& arguments() {
  static const auto spec = SpecOf<Want>("sharing", shared_summary());
  return spec;
}

class Sharing : public Module {
 public:
  Plan check(const Args&, const Host&) const override { return {}; }
};

constexpr Variant variants[] = {{"any", variant<Sharing>}};

}  // namespace

AGENT_MODULE(arguments, variants)
