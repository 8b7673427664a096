// Points in time and what lies between them: to_datetime, strftime, now().
#include <algorithm>
#include <cmath>
#include <ctime>
#include <iomanip>
#include <sstream>

#include <agent/template/coerce.hpp>
#include <agent/template/compare.hpp>
#include <agent/template/date_time.hpp>
#include <agent/template/macro.hpp>
#include <agent/template/printing.hpp>
#include <agent/template/registry.hpp>
#include <agent/template/unicode.hpp>

namespace agent::jinja {

namespace {

constexpr std::int64_t million = 1'000'000, day_seconds = 86'400;

std::string two(std::int64_t number) {
  return (number < 10 ? "0" : "") + std::to_string(number);
}

std::string fraction(std::int64_t micros) {
  const std::string digits = std::to_string(micros);
  return "." + std::string(6 - digits.size(), '0') + digits;
}

std::string strftime_text(const std::string& format, const std::tm& time, std::int64_t micros) {
  // %f is Python's own.
  std::string own;
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] == '%' && i + 1 < format.size()) {
      if (format[i + 1] == 'f')
        own += fraction(micros).substr(1);
      else
        own += {'%', format[i + 1]};
      ++i;
    } else {
      own += format[i];
    }
  }
  std::ostringstream stream;
  stream << std::put_time(&time, own.c_str());
  return stream.str();
}

/// Python's timedelta.
class TimeDelta : public Thing {
 public:
  explicit TimeDelta(std::int64_t micros) : micros_(micros) {}
  std::string_view what() const override { return "a time span"; }
  std::int64_t micros() const { return micros_; }

  std::optional<Value> member(std::string_view name) const override {
    if (name == "days") return Value(days());
    if (name == "seconds") return Value(rest() / million);
    if (name == "microseconds") return Value(rest() % million);
    if (name == "total_seconds")
      return native_function(
          [micros = micros_](Context&, Arguments) { return Value(static_cast<double>(micros) / 1e6); });
    return std::nullopt;
  }
  std::string print() const override {
    std::string text;
    if (days() != 0) text = std::to_string(days()) + (std::abs(days()) == 1 ? " day, " : " days, ");
    const std::int64_t seconds = rest() / million;
    text += std::to_string(seconds / 3600) + ":" + two(seconds / 60 % 60) + ":" + two(seconds % 60);
    return rest() % million == 0 ? text : text + fraction(rest() % million);
  }
  std::optional<Value> operate(char operation, const Value& other) const override;
  std::optional<int> order(const Thing& other) const override {
    const auto* span = dynamic_cast<const TimeDelta*>(&other);
    if (!span) return std::nullopt;
    return micros_ < span->micros_ ? -1 : micros_ > span->micros_ ? 1 : 0;
  }

 private:
  std::int64_t days() const {
    const std::int64_t day = day_seconds * million;
    return micros_ / day - (micros_ % day < 0 ? 1 : 0);
  }
  std::int64_t rest() const { return micros_ - days() * day_seconds * million; }
  std::int64_t micros_;
};

/// Python's datetime: microseconds since 1970 of a clock on a wall; where that wall is, is kept only if a text said so.
class DateTime : public Thing {
 public:
  explicit DateTime(std::int64_t micros, std::optional<std::int64_t> offset = {}) : micros_(micros), offset_(offset) {}
  std::string_view what() const override { return "a point in time"; }
  std::int64_t seconds() const { return micros_ / million - (micros_ % million < 0 ? 1 : 0); }
  std::int64_t fraction_part() const { return micros_ - seconds() * million; }
  std::tm parts() const {
    const std::time_t time = seconds();
    std::tm result{};
    gmtime_r(&time, &result);
    return result;
  }
  std::string format(const std::string& format) const { return strftime_text(format, parts(), fraction_part()); }

  std::optional<Value> member(std::string_view name) const override {
    const std::tm time = parts();
    if (name == "year") return Value(time.tm_year + 1900);
    if (name == "month") return Value(time.tm_mon + 1);
    if (name == "day") return Value(time.tm_mday);
    if (name == "hour") return Value(time.tm_hour);
    if (name == "minute") return Value(time.tm_min);
    if (name == "second") return Value(time.tm_sec);
    if (name == "microsecond") return Value(fraction_part());
    const auto function = [](Value result) {
      return native_function([result = std::move(result)](Context&, Arguments) { return result; });
    };
    if (name == "isoformat") return function(iso('T'));
    if (name == "timestamp") return function(timestamp());
    if (name == "weekday") return function((time.tm_wday + 6) % 7);
    if (name == "isoweekday") return function(time.tm_wday == 0 ? 7 : time.tm_wday);
    if (name == "date") return function(format("%Y-%m-%d"));
    if (name == "time") return function(format("%H:%M:%S"));
    if (name == "strftime")
      return native_function([copy = *this](Context&, Arguments arguments) {
        if (arguments.positional.size() != 1) throw Error("'strftime' takes a format");
        return Value(copy.format(agent::jinja::print(arguments.positional.front())));
      });
    return std::nullopt;
  }
  std::string print() const override { return iso(' '); }

  std::optional<Value> operate(char operation, const Value& other) const override {
    if (!other.is_object()) return std::nullopt;
    if (const auto* span = dynamic_cast<const TimeDelta*>(other.object().get()))
      return Value(std::make_shared<const DateTime>(
          operation == '-' ? micros_ - span->micros() : micros_ + span->micros(), offset_));
    const auto* time = dynamic_cast<const DateTime*>(other.object().get());
    if (!time || operation != '-') return std::nullopt;
    return Value(std::make_shared<const TimeDelta>(absolute() - time->absolute()));
  }
  std::optional<int> order(const Thing& other) const override {
    const auto* time = dynamic_cast<const DateTime*>(&other);
    if (!time) return std::nullopt;
    return absolute() < time->absolute() ? -1 : absolute() > time->absolute() ? 1 : 0;
  }

 private:
  std::int64_t absolute() const { return micros_ - offset_.value_or(0) * million; }
  double timestamp() const {
    if (offset_) return static_cast<double>(absolute()) / 1e6;
    std::tm local = parts();
    local.tm_isdst = -1;
    return static_cast<double>(std::mktime(&local)) + static_cast<double>(fraction_part()) / 1e6;
  }
  std::string iso(char separator) const {
    std::string text = format("%Y-%m-%d") + separator + format("%H:%M:%S");
    if (fraction_part() != 0) text += fraction(fraction_part());
    if (!offset_) return text;
    const std::int64_t minutes = std::abs(*offset_) / 60;
    return text + (*offset_ < 0 ? "-" : "+") + two(minutes / 60) + ":" + two(minutes % 60);
  }
  std::int64_t micros_;
  std::optional<std::int64_t> offset_;
};

std::optional<Value> TimeDelta::operate(char operation, const Value& other) const {
  if (operation == '-' && other.is_null()) return Value(std::make_shared<const TimeDelta>(-micros_));
  if (!other.is_object()) return std::nullopt;
  if (const auto* span = dynamic_cast<const TimeDelta*>(other.object().get()))
    return Value(
        std::make_shared<const TimeDelta>(operation == '-' ? micros_ - span->micros_ : micros_ + span->micros_));
  if (const auto* time = dynamic_cast<const DateTime*>(other.object().get()); time && operation == '+')
    return time->operate('+', Value(std::make_shared<const TimeDelta>(*this)));
  return std::nullopt;
}

// Takes up to `most` digits off the front.
std::int64_t digits(std::string_view& rest, std::size_t most, std::size_t* used = nullptr) {
  std::size_t count = 0;
  std::int64_t number = 0;
  while (count < most && count < rest.size() && rest[count] >= '0' && rest[count] <= '9')
    number = number * 10 + (rest[count++] - '0');
  if (count == 0) throw Error("");
  rest.remove_prefix(count);
  if (used) *used = count;
  return number;
}

// What strptime of the C library does not know: %f and %z.
bool read_own(char letter, std::string_view& rest, std::int64_t& micros, std::optional<std::int64_t>& offset) {
  if (letter == 'f') {
    std::size_t used = 0;
    micros = digits(rest, 6, &used);
    for (; used < 6; ++used) micros *= 10;
    return true;
  }
  if (letter != 'z') return false;
  if (!rest.empty() && rest.front() == 'Z') {
    rest.remove_prefix(1);
    offset = 0;
    return true;
  }
  if (rest.empty() || (rest.front() != '+' && rest.front() != '-')) throw Error("");
  const int sign = rest.front() == '-' ? -1 : 1;
  rest.remove_prefix(1);
  const std::int64_t hours = digits(rest, 2);
  if (!rest.empty() && rest.front() == ':') rest.remove_prefix(1);
  offset = sign * (hours * 3600 + digits(rest, 2) * 60);
  return true;
}

Value parsed_time(const std::string& text, const std::string& format) {
  std::tm time{};
  time.tm_mday = 1;
  time.tm_year = 0;
  std::int64_t micros = 0;
  std::optional<std::int64_t> offset;
  std::string_view rest = text;
  const auto fail = [&]() -> Error {
    return Error("'" + text + "' is no time of the form '" + format + "'")
        .hint("the form is the filter's argument: to_datetime('%Y-%m-%d')");
  };
  for (std::size_t i = 0; i < format.size();) {
    std::string piece(1, format[i++]);
    if (piece == "%" && i < format.size()) {
      piece += format[i++];
      try {
        if (read_own(piece[1], rest, micros, offset)) continue;
      } catch (const Error&) {
        throw fail();
      }
    }
    const std::string left(rest);
    const char* end = strptime(left.c_str(), piece.c_str(), &time);
    if (!end) throw fail();
    rest.remove_prefix(static_cast<std::size_t>(end - left.c_str()));
  }
  if (!rest.empty()) throw fail();
  const int day = time.tm_mday, month = time.tm_mon;
  const std::int64_t seconds = timegm(&time);
  if (time.tm_mday != day || time.tm_mon != month) throw fail();
  return Value(std::make_shared<const DateTime>(seconds * million + micros, offset));
}

Value to_datetime(Context&, const Value& input, const Bound& arguments) {
  return parsed_time(text_of(input), arguments.text(0, "%Y-%m-%d %H:%M:%S"));
}

// format | strftime(seconds, utc)
Value strftime_(Context& context, const Value& input, const Bound& arguments) {
  std::time_t time = std::chrono::system_clock::to_time_t(context.services().now());
  if (arguments.has(0) && !arguments[0].is_null()) {
    const auto seconds = arguments[0].is_string() ? parse_real(arguments[0].string()) : number(arguments[0]);
    if (!seconds) throw Error("'second' has to be a number of seconds, and this is " + repr(arguments[0]));
    time = static_cast<std::time_t>(*seconds);
  }
  std::tm parts{};
  if (arguments.flag(1))
    gmtime_r(&time, &parts);
  else
    localtime_r(&time, &parts);
  return strftime_text(text_of(input), parts, 0);
}

}  // namespace

Value date_time_now(std::chrono::system_clock::time_point now, bool utc) {
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count();
  std::int64_t shift = 0;
  if (!utc) {
    const std::time_t time = std::chrono::system_clock::to_time_t(now);
    std::tm local{};
    localtime_r(&time, &local);
    shift = local.tm_gmtoff;
  }
  return Value(std::make_shared<const DateTime>(micros + shift * million));
}

std::string formatted_time(const Value& date_time, const std::string& format) {
  return static_cast<const DateTime&>(*date_time.object()).format(format);
}

const Filters& time_filters() {
  static const Filters filters = {{"to_datetime", "format=", to_datetime}, {"strftime", "second=, utc=", strftime_}};
  return filters;
}

}  // namespace agent::jinja
