#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <agent/sdk/error.hpp>
#include <agent/wire/module_index.hpp>

namespace agent {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class AnIndexFile : public testing::Test {
 protected:
  ~AnIndexFile() override { std::filesystem::remove(file_); }
  void write(const std::string& bytes) { std::ofstream(file_, std::ios::binary) << bytes; }
  std::string refusal() {
    try {
      load_module_index(file_, "/opt/modules");
    } catch (const Error& error) {
      return error.message();
    }
    return "not refused";
  }
  const Path file_ = Path(testing::TempDir()) / ("index." + std::to_string(::getpid()));
};

ModuleIndex::Entry entry(const std::string& name) {
  Spec spec;
  spec.name = name;
  spec.summary = "Does " + name + ".";
  return {name, "/build/" + name + ".so", "abc", {"debian"}, spec};
}

TEST_F(AnIndexFile, ComesBackWithItsLibrariesInTheDirectoryGiven) {
  write(module_index_bytes({entry("pip"), entry("apt")}));
  const auto index = load_module_index(file_, "/opt/modules");
  EXPECT_THAT(index->names(), ElementsAre("apt", "pip"));
  EXPECT_EQ(index->find("pip")->library, "/opt/modules/pip.so");
  EXPECT_EQ(index->find("pip")->spec.summary, "Does pip.");
  EXPECT_EQ(index->find("yum"), nullptr);
}

TEST_F(AnIndexFile, ThatIsMissingIsAnErrorThatSaysWhatToDo) {
  EXPECT_THAT(refusal(), HasSubstr("cannot be read"));
}

TEST_F(AnIndexFile, ThatIsDamagedIsAnError) {
  std::string bytes = module_index_bytes({entry("apt")});
  write(bytes.substr(0, bytes.size() / 2));
  EXPECT_THAT(refusal(), HasSubstr("not whole"));
}

TEST_F(AnIndexFile, ThatLacksTheEndOfItsLastSpecIsAnError) {
  std::string bytes = module_index_bytes({entry("apt")});
  write(bytes.substr(0, bytes.size() - 1));
  EXPECT_THAT(refusal(), HasSubstr("not whole"));
}

TEST_F(AnIndexFile, OfAnotherVersionIsAnError) {
  write(
      std::string("\xa1\x66"
                  "format\x07",
                  9));
  EXPECT_THAT(refusal(), HasSubstr("another version"));
}

}  // namespace
}  // namespace agent
