#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <agent/host/rpm_header.hpp>

namespace agent {
namespace {

using testing::ElementsAre;

std::string number(std::uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xff);
  return bytes;
}

/// Puts a header together as rpm writes it.
class HeaderMaker {
 public:
  HeaderMaker& text(std::uint32_t tag, const std::string& value) { return entry(tag, 6, 1, value + '\0'); }
  HeaderMaker& texts(std::uint32_t tag, const Strings& values) {
    std::string data;
    for (const std::string& value : values) data += value + '\0';
    return entry(tag, 8, static_cast<std::uint32_t>(values.size()), data);
  }
  HeaderMaker& integer(std::uint32_t tag, std::uint32_t value) {
    while (data_.size() % 4) data_ += '\0';
    return entry(tag, 4, 1, number(value));
  }
  std::string blob() const {
    return number(count_) + number(static_cast<std::uint32_t>(data_.size())) + index_ + data_;
  }

 private:
  HeaderMaker& entry(std::uint32_t tag, std::uint32_t type, std::uint32_t count, const std::string& data) {
    index_ += number(tag) + number(type) + number(static_cast<std::uint32_t>(data_.size())) + number(count);
    data_ += data;
    ++count_;
    return *this;
  }
  std::uint32_t count_ = 0;
  std::string index_, data_;
};

std::string vim() {
  return HeaderMaker()
      .text(1000, "vim-enhanced")
      .text(1001, "9.1.1")
      .text(1002, "1.fc40")
      .integer(1003, 2)
      .text(1022, "x86_64")
      .texts(1047, {"vim", "vim-enhanced"})
      .blob();
}

TEST(RpmHeader, IsRead) {
  const auto header = parse_rpm_header(vim());
  ASSERT_TRUE(header);
  EXPECT_EQ(header->package(),
            (Package{.name = "vim-enhanced", .version = "2:9.1.1-1.fc40", .architecture = "x86_64"}));
  EXPECT_THAT(header->provides, ElementsAre("vim", "vim-enhanced"));
}

TEST(RpmHeader, LeavesOutAnEpochOfZero) {
  const auto header =
      parse_rpm_header(HeaderMaker().text(1000, "a").text(1001, "1").text(1002, "2").integer(1003, 0).blob());
  ASSERT_TRUE(header);
  EXPECT_EQ(header->evr(), "1-2");
}

TEST(RpmHeader, IsRefusedWhenItsCountsLie) {
  for (const std::string& blob :
       {std::string(), std::string("abc"), number(0xffffffff) + number(0), number(1) + number(0xffffffff),
        number(2) + number(4) + "1234", HeaderMaker().text(1000, "no-end").blob().substr(0, 28)})
    EXPECT_FALSE(parse_rpm_header(blob));
}

TEST(RpmHeader, SurvivesEveryFlippedByte) {
  const std::string whole = vim();
  std::mt19937 random(7);
  for (int i = 0; i < 20000; ++i) {
    std::string blob = whole;
    for (int flips = 1 + static_cast<int>(random() % 4); flips > 0; --flips)
      blob[random() % blob.size()] = static_cast<char>(random());
    if (random() % 3 == 0) blob.resize(random() % blob.size());
    EXPECT_NO_THROW(parse_rpm_header(blob));
  }
}

}  // namespace
}  // namespace agent
