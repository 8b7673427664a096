#include <algorithm>

#include <agent/host/rpm_database.hpp>
#include <agent/sdk/text.hpp>

namespace agent {

namespace {

constexpr const char* format = "%{NAME}\\t%{EPOCHNUM}\\t%{VERSION}\\t%{RELEASE}\\t%{ARCH}\\n";

class RpmCommand : public RpmDatabase {
 public:
  explicit RpmCommand(const PackageContext& context) : context_(context) {}

  std::vector<RpmHeader> named(const std::string& name) const override {
    return ask({"-q", "--qf", format, "--", name});
  }
  std::vector<RpmHeader> providing(const std::string& capability) const override {
    return ask({"-q", "--whatprovides", "--qf", format, "--", capability});
  }
  Strings names() const override {
    Strings all = all_names();
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
  }
  Strings repeated() const override {
    const Strings all = all_names();
    Strings twice;
    for (std::size_t i = 1; i < all.size(); ++i)
      if (all[i] == all[i - 1] && (twice.empty() || twice.back() != all[i])) twice.push_back(all[i]);
    return twice;
  }

 private:
  Strings all_names() const {
    Strings all;
    for (const RpmHeader& header : ask({"-qa", "--qf", format})) all.push_back(header.name);
    std::sort(all.begin(), all.end());
    return all;
  }
  // rpm exits with the number of names it did not find; what it found is in the lines of our format.
  std::vector<RpmHeader> ask(Strings words) const {
    words.insert(words.begin(), "rpm");
    if (context_.root != "/") words.insert(words.begin() + 1, {"--root", context_.root.string()});
    const Output output = context_.run({.argv = words, .deadline = std::chrono::seconds(60)});
    if (output.rc == 127) throw Error("rpm is missing, so the installed packages cannot be read");
    std::vector<RpmHeader> found;
    for (const std::string& line : text::split(output.out, '\n')) {
      Strings parts = text::split(line, '\t');
      if (parts.size() != 5) continue;
      RpmHeader header{.name = parts[0], .version = parts[2], .release = parts[3], .architecture = parts[4]};
      header.epoch = static_cast<std::uint32_t>(std::strtoul(parts[1].c_str(), nullptr, 10));
      found.push_back(std::move(header));
    }
    return found;
  }

  const PackageContext& context_;
};

}  // namespace

std::unique_ptr<RpmDatabase> ask_rpm(const PackageContext& context) {
  return std::make_unique<RpmCommand>(context);
}

}  // namespace agent
