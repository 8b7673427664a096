#include <fstream>
#include <regex>
#include <sstream>
#include <string>

#include <gmock/gmock.h>

namespace {

std::string read(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// The page about modules names each file before it shows it; a reader must be able to trust that it is the tested one.
TEST(PageAboutWritingAModule, ShowsTheTestedFilesWordForWord) {
  const std::string root = AGENT_SOURCE_DIR, page = read(root + "/docs/writing-a-module.md");
  const std::regex block("`(docs/examples/[^`]+)`[^\n]*\n+```[a-z]*\n");
  int shown = 0;
  for (std::sregex_iterator it(page.begin(), page.end(), block), end; it != end; ++it, ++shown) {
    const auto begin = static_cast<std::size_t>(it->position() + it->length());
    EXPECT_EQ(page.substr(begin, page.find("```", begin) - begin), read(root + "/" + (*it)[1].str())) << (*it)[1];
  }
  EXPECT_EQ(shown, 2);
}

}  // namespace
