#include <fstream>

#include <agent/host/package_policy_rc_d.hpp>
#include <agent/sdk/error.hpp>

namespace agent {

namespace {

constexpr const char* mark = "# written by agent while it sets up packages; safe to remove\n";

bool is_ours(const Path& file) {
  std::ifstream in(file);
  std::string text(512, '\0');
  in.read(text.data(), 512);
  return text.find(mark) != std::string::npos;
}

}  // namespace

PolicyRcD::PolicyRcD(const Path& root, std::optional<unsigned> code)
    : file_(root / "usr/sbin/policy-rc.d"), saved_(root / "usr/sbin/policy-rc.d.before-agent") {
  if (!code) return;
  std::error_code failed;
  if (std::filesystem::exists(std::filesystem::symlink_status(file_, failed)) && !is_ours(file_))
    std::filesystem::rename(file_, saved_, failed);
  const Path fresh = root / "usr/sbin/.policy-rc.d.agent";
  std::filesystem::remove(fresh, failed);
  std::ofstream out(fresh, std::ios::binary);
  out << "#!/bin/sh\n" << mark << "exit " << *code << "\n";
  out.close();
  using std::filesystem::perms;
  if (out) std::filesystem::permissions(fresh, perms(0755), failed);
  if (out && !failed) std::filesystem::rename(fresh, file_, failed);
  active_ = true;
  if (!out || failed) throw Error("cannot write '" + file_.string() + "'" + (failed ? ": " + failed.message() : ""));
}

PolicyRcD::~PolicyRcD() {
  if (!active_) return;
  std::error_code failed;
  if (is_ours(file_)) std::filesystem::remove(file_, failed);
  if (std::filesystem::exists(std::filesystem::symlink_status(saved_, failed)))
    std::filesystem::rename(saved_, file_, failed);
}

}  // namespace agent
