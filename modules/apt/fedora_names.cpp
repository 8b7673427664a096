#include <algorithm>
#include <string_view>

#include <agent/sdk/text.hpp>

#include "apt.hpp"

namespace agent::apt {

namespace {

struct Renamed {
  std::string_view debian;
  std::string_view fedora;  ///< words with blanks between them; none: nothing is needed there
};

// Sorted by Debian's name. Only what playbooks for workstations really ask for, and what has another name there.
constexpr Renamed table[] = {
    {"apache2", "httpd"},
    {"apt-transport-https", ""},
    {"apt-utils", ""},
    {"build-essential", "gcc gcc-c++ make glibc-devel"},
    {"cron", "cronie"},
    {"default-jdk", "java-latest-openjdk-devel"},
    {"default-jre", "java-latest-openjdk"},
    {"dirmngr", "gnupg2"},
    {"dnsutils", "bind-utils"},
    {"docker.io", "moby-engine"},
    {"ffmpeg", "ffmpeg-free"},
    {"fonts-dejavu", "dejavu-sans-fonts"},
    {"g++", "gcc-c++"},
    {"gfortran", "gcc-gfortran"},
    {"gnupg", "gnupg2"},
    {"golang-go", "golang"},
    {"gpg", "gnupg2"},
    {"iputils-ping", "iputils"},
    {"ipython3", "python3-ipython"},
    {"jupyter-notebook", "python3-notebook"},
    {"libblas-dev", "blas-devel"},
    {"libbz2-dev", "bzip2-devel"},
    {"libcurl4-openssl-dev", "libcurl-devel"},
    {"libffi-dev", "libffi-devel"},
    {"libgl1", "mesa-libGL"},
    {"libgl1-mesa-glx", "mesa-libGL"},
    {"libglib2.0-0", "glib2"},
    {"libgomp1", "libgomp"},
    {"libhdf5-dev", "hdf5-devel"},
    {"libjpeg-dev", "libjpeg-turbo-devel"},
    {"liblapack-dev", "lapack-devel"},
    {"liblzma-dev", "xz-devel"},
    {"libncurses-dev", "ncurses-devel"},
    {"libncurses5-dev", "ncurses-devel"},
    {"libopenblas-dev", "openblas-devel"},
    {"libopenmpi-dev", "openmpi-devel"},
    {"libpng-dev", "libpng-devel"},
    {"libreadline-dev", "readline-devel"},
    {"libsm6", "libSM"},
    {"libsndfile1", "libsndfile"},
    {"libsqlite3-dev", "sqlite-devel"},
    {"libssl-dev", "openssl-devel"},
    {"libstdc++6", "libstdc++"},
    {"libxext6", "libXext"},
    {"libxml2-dev", "libxml2-devel"},
    {"libxrender1", "libXrender"},
    {"libxslt1-dev", "libxslt-devel"},
    {"libyaml-dev", "libyaml-devel"},
    {"linux-headers-amd64", "kernel-devel"},
    {"linux-headers-generic", "kernel-devel"},
    {"locales", "glibc-langpack-en"},
    {"netcat", "nmap-ncat"},
    {"netcat-openbsd", "nmap-ncat"},
    {"openmpi-bin", "openmpi"},
    {"openssh-client", "openssh-clients"},
    {"pkg-config", "pkgconf-pkg-config"},
    {"procps", "procps-ng"},
    {"python-is-python3", "python-unversioned-command"},
    {"python3-all-dev", "python3-devel"},
    {"python3-dev", "python3-devel"},
    {"python3-distutils", "python3-setuptools"},
    {"python3-tk", "python3-tkinter"},
    {"python3-venv", "python3"},
    {"python3-yaml", "python3-pyyaml"},
    {"software-properties-common", "dnf-plugins-core"},
    {"ssh", "openssh-server openssh-clients"},
    {"tk-dev", "tk-devel"},
    {"uuid-dev", "libuuid-devel"},
    {"vim", "vim-enhanced"},
    {"vim-tiny", "vim-minimal"},
    {"xz-utils", "xz"},
    {"zlib1g", "zlib"},
    {"zlib1g-dev", "zlib-devel"},
};

// "python3.11-venv" and "python3.11-dev": Fedora's python3.11 has its venv in itself.
std::optional<std::string> versioned_python(const std::string& name) {
  if (!name.starts_with("python3.")) return std::nullopt;
  const auto dash = name.find('-');
  if (dash == std::string::npos) return std::nullopt;
  const std::string python = name.substr(0, dash), part = name.substr(dash + 1);
  if (part == "venv" || part == "full" || part == "distutils") return python;
  if (part == "dev") return python + "-devel";
  return std::nullopt;
}

}  // namespace

Strings fedora_names(const std::string& debian_name) {
  if (const auto python = versioned_python(debian_name)) return {*python};
  const auto found = std::find_if(std::begin(table), std::end(table),
                                  [&](const Renamed& renamed) { return renamed.debian == debian_name; });
  if (found == std::end(table)) return {debian_name};
  return text::words_of(found->fedora);
}

}  // namespace agent::apt
