#pragma once

#include <memory>
#include <string>

#include <agent/fleet/connection.hpp>
#include <agent/fleet/link.hpp>

namespace agent::fleet {

/// Letters and digits that nobody can guess.
std::string make_nonce();

/// Opens an ssh to the host and has the agent run behind it: the bundle is sent where it is not there. With `is_again`
/// one that lost its link is met, by its key. Throws Unreachable, which says why and what to do.
std::unique_ptr<Link> open_link(const std::string& host, const executor::Login& login, Bundle& bundle,
                                const Terms& terms, const std::string& key, bool is_again);

/// "cannot use 'web': ...", with the hints of `why`.
Unreachable unusable(const std::string& host, const Error& why);

}  // namespace agent::fleet
