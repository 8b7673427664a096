#include <agent/host/rpm_header.hpp>

namespace agent {

namespace {

// The tags and types of rpm's file format that we look at.
enum Tag : std::uint32_t { tag_name = 1000, tag_version, tag_release, tag_epoch, tag_arch = 1022, tag_provides = 1047 };
enum Type : std::uint32_t { type_int32 = 4, type_string = 6, type_string_array = 8 };

constexpr std::size_t entry_size = 16;

std::uint32_t number(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

// The text at `at`, up to its terminating zero, and `at` behind it.
std::optional<std::string> text(std::string_view data, std::size_t& at) {
  if (at >= data.size()) return std::nullopt;
  const auto end = data.find('\0', at);
  if (end == std::string_view::npos) return std::nullopt;
  std::string value(data.substr(at, end - at));
  at = end + 1;
  return value;
}

}  // namespace

std::string RpmHeader::evr() const {
  return (epoch && *epoch ? std::to_string(*epoch) + ":" : "") + version + "-" + release;
}

Package RpmHeader::package() const {
  return {.name = name, .version = evr(), .architecture = architecture};
}

std::optional<RpmHeader> parse_rpm_header(std::string_view blob) {
  if (blob.size() < 8) return std::nullopt;
  const std::size_t entries = number(blob, 0), data_size = number(blob, 4);
  if (entries > (blob.size() - 8) / entry_size || data_size > blob.size() - 8 - entries * entry_size)
    return std::nullopt;
  const std::string_view data = blob.substr(8 + entries * entry_size, data_size);
  RpmHeader header;
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t at = 8 + i * entry_size;
    const std::uint32_t tag = number(blob, at), type = number(blob, at + 4), count = number(blob, at + 12);
    std::size_t offset = number(blob, at + 8);
    std::string* into = tag == tag_name      ? &header.name
                        : tag == tag_version ? &header.version
                        : tag == tag_release ? &header.release
                        : tag == tag_arch    ? &header.architecture
                                             : nullptr;
    if (into && type == type_string) {
      const auto value = text(data, offset);
      if (!value) return std::nullopt;
      *into = *value;
    } else if (tag == tag_epoch && type == type_int32) {
      if (offset > data.size() || data.size() - offset < 4) return std::nullopt;
      header.epoch = number(data, offset);
    } else if (tag == tag_provides && type == type_string_array) {
      for (std::uint32_t n = 0; n < count; ++n) {
        auto value = text(data, offset);
        if (!value) return std::nullopt;
        header.provides.push_back(std::move(*value));
      }
    }
  }
  if (header.name.empty()) return std::nullopt;
  return header;
}

}  // namespace agent
