#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <agent/sdk/host.hpp>

// The groups of facts, each gathered by one function that puts what it finds into `facts`. They look through `host`
// where a file answers, so that a test can tell them a machine; they may throw, and are then left out.
namespace agent::facts {

// fact_platform.cpp
void platform(Map& facts, const Host& host);
void python(Map& facts, const Host& host);
// fact_distribution.cpp
void distribution(Map& facts, const Host& host);
void lsb(Map& facts, const Host& host);
void pkg_mgr(Map& facts, const Host& host);
// fact_system.cpp
void service_mgr(Map& facts, const Host& host);
void selinux(Map& facts, const Host& host);
void apparmor(Map& facts, const Host& host);
void fips(Map& facts, const Host& host);
void cmdline(Map& facts, const Host& host);
void dns(Map& facts, const Host& host);
void ssh_pub_keys(Map& facts, const Host& host);
void loadavg(Map& facts, const Host& host);
void chroot(Map& facts, const Host& host);
// fact_user.cpp
void user(Map& facts, const Host& host);
void date_time(Map& facts, const Host& host);
// fact_local.cpp
void local(Map& facts, const Host& host);
// fact_hardware.cpp
void memory(Map& facts, const Host& host);
void processor(Map& facts, const Host& host);
void uptime(Map& facts, const Host& host);
void dmi(Map& facts, const Host& host);
// fact_mounts.cpp
void mounts(Map& facts, const Host& host);
// fact_devices.cpp
void devices(Map& facts, const Host& host);
// fact_gpu.cpp
void gpu(Map& facts, const Host& host);
// fact_network.cpp
void network(Map& facts, const Host& host);
// fact_virtual.cpp
void virtualization(Map& facts, const Host& host);

/// The content of a file without white space at its ends; nothing when it is absent, unreadable or empty.
std::optional<std::string> text_of(const Host& host, const Path& file);
/// The number a text starts with; 0 when there is none.
std::int64_t number_of(std::string_view text);
/// The text, or null.
Value or_null(const std::optional<std::string>& text);
bool exists(const Host& host, const Path& path);

}  // namespace agent::facts
