#include <cstdio>
#include <ctime>
#include <iomanip>
#include <locale>
#include <sstream>

#include <sys/time.h>
#include <unistd.h>

#include <agent/host/fact_groups.hpp>

namespace agent::facts {
namespace {

std::string formatted(const char* format, const std::tm& time) {
  std::ostringstream out;
  out.imbue(std::locale::classic());
  out << std::put_time(&time, format);
  return out.str();
}

/// The name of the zone in summer where there is a summer time, else its only name.
std::string summer_name(int year) {
  const auto on = [year](int month) {
    std::tm date{};
    date.tm_year = year;
    date.tm_mon = month;
    date.tm_mday = 1;
    date.tm_isdst = -1;
    std::mktime(&date);
    return date;
  };
  const std::tm january = on(0), july = on(6);
  return january.tm_gmtoff > july.tm_gmtoff ? formatted("%Z", january) : formatted("%Z", july);
}

}  // namespace

void user(Map& facts, const Host& host) {
  const User& self = host.self();
  facts.set("user_id", self.name);
  facts.set("user_uid", self.uid);
  facts.set("user_gid", self.gid);
  facts.set("user_gecos", self.comment);
  facts.set("user_dir", self.home);
  facts.set("user_shell", self.shell);
  facts.set("real_user_id", ::getuid());
  facts.set("effective_user_id", ::geteuid());
  facts.set("real_group_id", ::getgid());
  facts.set("effective_group_id", ::getegid());
}

void date_time(Map& facts, const Host&) {
  timeval now{};
  ::gettimeofday(&now, nullptr);
  std::tm here{}, utc{};
  ::localtime_r(&now.tv_sec, &here);
  ::gmtime_r(&now.tv_sec, &utc);
  char micro[8];
  std::snprintf(micro, sizeof micro, "%06ld", static_cast<long>(now.tv_usec) % 1000000);
  Map found;
  static constexpr std::pair<const char*, const char*> formats[] = {
      {"year", "%Y"},       {"month", "%m"},
      {"weekday", "%A"},    {"weekday_number", "%w"},
      {"weeknumber", "%W"}, {"day", "%d"},
      {"hour", "%H"},       {"minute", "%M"},
      {"second", "%S"},     {"date", "%Y-%m-%d"},
      {"time", "%H:%M:%S"}, {"tz", "%Z"},
      {"tz_offset", "%z"},  {"iso8601_basic_short", "%Y%m%dT%H%M%S"}};
  for (const auto& [name, format] : formats) found.set(name, formatted(format, here));
  found.set("epoch", std::to_string(now.tv_sec));
  found.set("epoch_int", std::to_string(now.tv_sec));
  found.set("iso8601", formatted("%Y-%m-%dT%H:%M:%SZ", utc));
  found.set("iso8601_micro", formatted("%Y-%m-%dT%H:%M:%S.", utc) + micro + "Z");
  found.set("iso8601_basic", formatted("%Y%m%dT%H%M%S", here) + micro);
  found.set("tz_dst", summer_name(here.tm_year));
  facts.set("date_time", found);
}

}  // namespace agent::facts
