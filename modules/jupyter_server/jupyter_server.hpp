#pragma once

#include <memory>
#include <optional>
#include <string>

#include <agent/sdk/module.hpp>
#include <agent/sdk/systemd_unit.hpp>

namespace agent::jupyter_server {

struct Want {
  std::string name = "jupyterlab";
  std::optional<Path> venv;
  std::string command = "lab";
  std::optional<std::string> user;
  std::string scope = "user";
  std::string ip = "127.0.0.1";
  std::int64_t port = 8888;
  std::optional<Path> directory;
  std::string base_url = "/";
  std::optional<std::string> password, password_hash, token;
  std::optional<Path> certificate, key;
  Environment env;
  Map settings;
  bool enabled = true;
  std::string state = "started";
};

const SpecOf<Want>& arguments();

/// JupyterLab as a service of systemd's: a configuration of its own, a unit, and the unit as it shall be.
class JupyterServer : public Module {
 public:
  Plan check(const Args& args, const Host& host) const override;
  /// Started means that it answers: waits until the port is taken, or tells what the server said.
  Outcome apply(const Plan& plan, Host& host) const override;
};

/// The password in the form that Jupyter checks, "sha512:SALT:DIGEST".
std::string hashed_password(const std::string& password, const std::string& salt);
/// Whether a kept hash is one of this password; nothing where only Jupyter can tell (argon2).
std::optional<bool> is_hash_of(const std::string& hash, const std::string& password);
/// Whether a TCP port is listened on, by what /proc/net/tcp and tcp6 say.
bool is_listening(const std::string& table, std::int64_t port);

std::unique_ptr<Module> any();

}  // namespace agent::jupyter_server
