#pragma once

#include <optional>
#include <string>

#include <agent/sdk/module.hpp>
#include <agent/sdk/nvidia_repository.hpp>
#include <agent/sdk/openpgp_key.hpp>

namespace agent::cuda_repo {

/// The arguments of the module; the defaults stand here, once.
struct Want {
  std::string state = "present";
  std::string repo;
  std::string base_url = std::string(nvidia_repository_base);
  std::string key;
  std::string key_fingerprint;
  std::optional<std::int64_t> priority;
  bool drivers = true;
  Strings exclude;
  bool remove_old = true;
  bool update_cache = true;
};

const SpecOf<Want>& arguments();

/// One repository as it shall be on this machine.
struct Source {
  const NvidiaRepository* repository = nullptr;
  std::string url;          ///< without a slash at its end
  std::string id;           ///< "cuda-ubuntu2204-x86_64"
  std::string fingerprint;  ///< the key that must have signed it
  Path file;                ///< what names it to the package manager
  Path keyring;             ///< what holds its key
  std::string key;          ///< what the keyring shall hold, where the play gave the key itself
};

/// Which one is wanted. Throws Error for a release, an architecture or a package manager without one, naming what there
/// is, and for a key of which no full fingerprint is known.
Source source_of(const Want& want, const System& system, std::string_view manager);

/// Where a downloaded key waits until it is proved to be the right one; only root may look there.
inline const Path waiting_room = "/var/lib/agent/keys";

/// What both variants share: a key is trusted only after its fingerprint was compared, and a repository whose index
/// cannot be had is taken out again.
class CudaRepo : public Module {
 public:
  Plan check(const Args& args, const Host& host) const override;
  Outcome apply(const Plan& plan, Host& host) const override;

 protected:
  virtual std::string_view manager() const = 0;
  /// Where this package manager looks for its repositories and their keys.
  virtual void place(Source& source) const = 0;
  virtual std::string keyring_content(const OpenPgpKey& key) const = 0;
  virtual Strings fetch(const std::string& url, const Path& to) const = 0;
  /// Adds what says that there is such a repository, and how much it counts.
  virtual void plan_source(const Source& source, const Want& want, const Host& host, Plan& plan) const = 0;
  virtual void plan_removal(const Source& source, const Host& host, Plan& plan) const = 0;
  virtual void plan_leftovers(const Source& source, const Host& host, Plan& plan) const = 0;
  /// Whether what the repository offers was fetched since it was named.
  virtual bool has_index(const Source& source, const Host& host) const = 0;

 private:
  void plan_key(const Source& source, const Host& host, Plan& plan) const;
};

/// Debian and Ubuntu.
class DebianCudaRepo : public CudaRepo {
 protected:
  std::string_view manager() const override { return "apt"; }
  void place(Source& source) const override;
  std::string keyring_content(const OpenPgpKey& key) const override { return key.bytes; }
  Strings fetch(const std::string& url, const Path& to) const override;
  void plan_source(const Source& source, const Want& want, const Host& host, Plan& plan) const override;
  void plan_removal(const Source& source, const Host& host, Plan& plan) const override;
  void plan_leftovers(const Source& source, const Host& host, Plan& plan) const override;
  bool has_index(const Source& source, const Host& host) const override;
};

/// Fedora, and RHEL with what is built from it.
class FedoraCudaRepo : public CudaRepo {
 protected:
  std::string_view manager() const override { return "dnf"; }
  void place(Source& source) const override;
  std::string keyring_content(const OpenPgpKey& key) const override { return armoured_key(key.bytes); }
  Strings fetch(const std::string& url, const Path& to) const override;
  void plan_source(const Source& source, const Want& want, const Host& host, Plan& plan) const override;
  void plan_removal(const Source& source, const Host& host, Plan& plan) const override;
  void plan_leftovers(const Source& source, const Host& host, Plan& plan) const override;
  bool has_index(const Source& source, const Host& host) const override;
};

/// Adds what makes `path` hold `content`, with missing directories above it.
void plan_text(const Path& path, const std::string& content, const Host& host, Plan& plan);
/// Adds the removal of a file, if it is there.
void plan_absence(const Path& path, const std::string& what, const Host& host, Plan& plan);

/// Packages of the driver in NVIDIA's repositories, as globs.
Strings driver_packages(std::string_view manager);

/// apt's own name for the index files of a flat repository, without "_Packages" behind it.
std::string list_name(const std::string& url);

/// Takes NVIDIA's entries out of one-line sources; nothing when there are none. `ours` is left alone.
std::optional<std::string> without_nvidia_lines(const std::string& text, const std::string& url);
/// The same of deb822 sources (stanzas) and of .repo files (sections).
std::optional<std::string> without_nvidia_stanzas(const std::string& text, const std::string& url);
std::optional<std::string> without_nvidia_sections(const std::string& text, const std::string& url);

}  // namespace agent::cuda_repo
