#include <thread>

#include <agent/fleet/askpass.hpp>
#include <agent/fleet/opening.hpp>
#include <agent/fleet/seal.hpp>
#include <agent/sdk/checksum.hpp>
#include <agent/sdk/text.hpp>

namespace agent::fleet {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int tries = 4;
/// Behind each of the two pieces of the agent, which a slow link may still have before it.
constexpr seconds to_unpack{120};

/// One host, on the way to frames.
class Opening {
 public:
  Opening(const std::string& host, const executor::Login& login, Bundle& bundle, const Terms& terms,
          const std::string& key, bool is_again)
      : host_(host), login_(login), bundle_(bundle), terms_(terms), key_(key), is_again_(is_again) {}

  std::unique_ptr<Link> open() {
    for (int attempt = 1;; ++attempt) {
      std::string printed;
      if (try_to_open(printed)) return std::move(link_);
      // Too many at once, here or at a bastion on the way: others are served meanwhile.
      if (is_kept_login_bad_ && attempt < tries) continue;
      if (attempt == tries || !is_worth_another_try(printed)) throw ssh_failure(host_, login_, printed);
      std::this_thread::sleep_for(milliseconds(200 << attempt));
    }
  }

 private:
  bool try_to_open(std::string& printed) {
    const Handshake handshake{make_nonce(), bundle_.id(), bundle_.room(), terms_.least_wall.has_value(),
                              key_,         is_again_};
    // A link that was lost tells nothing good of the login that it went over.
    const auto kept =
        terms_.kept && !is_again_ && !is_kept_login_bad_ ? terms_.kept->configuration(host_, login_) : std::nullopt;
    Command command = ssh_command(host_, login_, terms_.host_keys, handshake_command(handshake), kept);
    std::optional<Askpass> askpass;
    if (!login_.password.empty()) askpass.emplace(login_.password).add_to(command.environment);
    // Who asks for a password has to be an ssh that is our own child (askpass.cpp).
    link_ = std::make_unique<Link>(command, login_.password.empty() ? terms_.starter.get() : nullptr);
    Listening listening(handshake.nonce);
    const auto patience = seconds(30 + (login_.timeout.empty() ? 10 : std::stoi(login_.timeout)));
    auto said = hear(listening, patience);
    if (said && said->word == "want") {
      expect_fit(*said);
      const auto& [unpacker, sha256, packed] = bundle_.archive();
      if (!link_->put(std::to_string(unpacker.size()) + " " + sha256 + " " + std::to_string(packed.size()) + "\n") ||
          !link_->put(unpacker))
        throw lost("the link broke while the agent was sent");
      said = hear(listening, to_unpack);
      if (said && said->word == "go") {
        if (!link_->put(packed)) throw lost("the link broke while the agent was sent");
        said = hear(listening, to_unpack);
      }
      if (!said) throw lost("the agent was sent, and nothing came back: " + link_->printed());
    }
    printed = said ? link_->printed_so_far() : link_->printed();
    if (!said) {
      is_kept_login_bad_ = kept && is_of_kept_login(printed);
      return false;
    }
    tell_of_new_keys(printed);
    if (said->word == "ready") return true;
    throw refused(*said);
  }

  std::optional<Said> hear(Listening& listening, seconds patience) {
    try {
      auto said = link_->hear(listening, Link::Clock::now() + patience);
      if (!said && link_->is_late())
        throw Unreachable("cannot reach '" + host_ + "': it let us in, but no shell answered within " +
                          std::to_string(patience.count()) + " s")
            .hint("its login may wait for something: try 'ssh' to it by hand");
      return said;
    } catch (const Unreachable&) {
      throw;
    } catch (const Error& error) {
      throw unusable(host_, error);
    }
  }

  Unreachable lost(const std::string& why) const { return Unreachable("'" + host_ + "' is lost: " + why); }

  void expect_fit(const Said& said) const {
    const std::string machine = said.rest.empty() ? "" : said.rest.front();
    const Strings libc(said.rest.begin() + std::min<std::ptrdiff_t>(1, std::ssize(said.rest)), said.rest.end());
    if (machine != bundle_.machine())
      throw Unreachable("cannot use '" + host_ + "': it is a machine of kind '" + machine +
                        "', and this agent is for " + bundle_.machine())
          .hint("run an agent that was built for " + machine + " on a controller of that kind");
    if (!libc_suffices(text::joined(libc, " "), bundle_.least_libc()))
      throw Unreachable("cannot use '" + host_ + "': its C library is " + text::joined(libc, " ") +
                        ", and this agent needs glibc " + bundle_.least_libc() + " or newer")
          .hint("build the agent on a system as old as the oldest host");
  }

  Unreachable refused(const Said& said) {
    const std::string printed = link_->printed();
    const std::string detail = printed.empty() ? "" : ": " + printed.substr(0, 500);
    if (said.word == "nowhere")
      return Unreachable("cannot use '" + host_ + "': no folder there can hold a program and run it (tried " +
                         text::joined(said.rest, " ") + ")")
          .hint("they are missing, read-only, mounted noexec, or have no room for " +
                std::to_string(bundle_.room() / 1024 + 1) + " MiB");
    if (said.word == "broken")
      return Unreachable("cannot use '" + host_ + "': the agent was sent but could not be unpacked" + detail)
          .hint("the host needs 'dd' and 'sha256sum', and room for " + std::to_string(bundle_.room() / 1024 + 1) +
                " MiB");
    return Unreachable("cannot use '" + host_ + "': its shell said '" + said.word + "'");
  }

  void tell_of_new_keys(const std::string& printed) const {
    if (terms_.tell && printed.find("Permanently added") != std::string::npos)
      terms_.tell("the host key of '" + host_ + "' was not known and has been accepted (--accept-new-host-keys)");
  }

  const std::string& host_;
  const executor::Login& login_;
  Bundle& bundle_;
  const Terms& terms_;
  const std::string& key_;
  const bool is_again_;
  bool is_kept_login_bad_ = false;
  std::unique_ptr<Link> link_;
};

}  // namespace

std::string make_nonce() {
  return hexadecimal(random_key()).substr(0, 16);
}

Unreachable unusable(const std::string& host, const Error& why) {
  Unreachable out("cannot use '" + host + "': " + why.message());
  for (const auto& hint : why.hints()) out.hint(hint);
  return out;
}

std::unique_ptr<Link> open_link(const std::string& host, const executor::Login& login, Bundle& bundle,
                                const Terms& terms, const std::string& key, bool is_again) {
  return Opening(host, login, bundle, terms, key, is_again).open();
}

}  // namespace agent::fleet
