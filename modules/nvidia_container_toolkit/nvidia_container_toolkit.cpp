#include "nvidia_container_toolkit.hpp"

#include <algorithm>

#include <agent/sdk/json_file.hpp>
#include <agent/sdk/systemd_unit.hpp>

namespace agent::nvidia_container_toolkit {

const SpecOf<Want>& arguments() {
  static const auto spec =
      SpecOf<Want>("nvidia_container_toolkit",
                   "Gives containers the GPUs: NVIDIA's container toolkit, and the runtimes told of it.")
          .description(
              "NVIDIA has one repository for all distributions; its key is trusted after its whole fingerprint was "
              "compared, and the entries of older guides (nvidia-docker.list, libnvidia-container.list) go. The "
              "toolkit's four packages are kept at one version.\n\n"
              "`nvidia-ctk runtime configure` is run for a runtime that does not know NVIDIA's yet, and the runtime is "
              "restarted then. Podman takes the devices from a CDI specification, which is made where there is none; "
              "that needs a loaded driver. From 1.18 on, the toolkit itself makes it at each boot.\n\n"
              "Not tried with a GPU: the repository, the packages and what docker is told were proven with the real "
              "apt "
              "and dnf, and an nvidia-ctk that does to daemon.json what its documentation says. No container has seen "
              "a "
              "GPU, and no CDI specification was made by the real program.")
          .optional("runtimes", &Want::runtimes, "docker, containerd, crio, podman: which of them shall know the GPUs")
          .optional("version", &Want::version, "version of the four packages: 1.17.8-1")
          .optional("default_runtime", &Want::default_runtime,
                    "every container of docker's or containerd's gets NVIDIA's runtime")
          .optional("cdi", &Want::cdi, "make a CDI specification, also for docker; by default for podman")
          .optional("restart", &Want::restart, "restart a runtime whose configuration changes")
          .optional("base_url", &Want::base_url, "mirror of NVIDIA's repository")
          .optional("key_url", &Want::key_url, "where the mirror's key is, or a path on the machine")
          .optional("key_fingerprint", &Want::key_fingerprint, "fingerprint of that key")
          .optional("state", &Want::state, "present, or absent")
          .choices({"present", "absent"})
          .example("For docker", "nvidia_container_toolkit:")
          .example("For podman, in one version", "nvidia_container_toolkit:\n  runtimes: [podman]\n  version: 1.17.8-1")
          .returns("cdi", "text", "the CDI specification, where there is one");
  return spec;
}

namespace {

const Strings packages = {"nvidia-container-toolkit", "nvidia-container-toolkit-base", "libnvidia-container-tools",
                          "libnvidia-container1"};
constexpr const char* docker_settings = "/etc/docker/daemon.json";

VendorRepository repository_of(const Want& want) {
  return {
      .id = "nvidia-container-toolkit",
      .title = "NVIDIA container toolkit",
      .apt = want.base_url + "/stable/deb/$(ARCH) /",
      .rpm = want.base_url + "/stable/rpm/$basearch",
      .key_url = want.key_url.value_or(want.base_url + "/gpgkey"),
      .fingerprint = want.key_fingerprint.value_or("C95B321B61E88C1809C4F759DDCAE044F796ECB0"),
      .keyring = "/usr/share/keyrings/nvidia-container-toolkit-keyring.gpg",
      .signs_packages = false,  // its rpms were not signed before 1.20; NVIDIA's own file checks the index as well
      .signs_index = true,
      .old_files = {"/etc/apt/sources.list.d/nvidia-docker.list", "/etc/apt/sources.list.d/libnvidia-container.list",
                    "/etc/apt/sources.list.d/nvidia-container-runtime.list", "/etc/yum.repos.d/nvidia-docker.repo",
                    "/etc/yum.repos.d/libnvidia-container.repo"}};
}

std::optional<Path> cdi_file(const Host& host) {
  for (const char* file : {"/etc/cdi/nvidia.yaml", "/var/run/cdi/nvidia.yaml", "/run/cdi/nvidia.yaml"})
    if (host.stat(file)) return Path(file);
  return std::nullopt;
}

Exec configure(const std::string& runtime, bool as_default) {
  Exec exec{.argv = {"nvidia-ctk", "runtime", "configure", "--runtime=" + runtime}};
  if (as_default) exec.argv.push_back("--set-as-default");
  exec.effects.complete = true;
  exec.title = "telling " + runtime + " of NVIDIA's runtime";
  return exec;
}

void add_restart(const Want& want, const std::string& service, const Host& host, Step& step) {
  const SystemdUnit unit{service, std::nullopt};
  if (want.restart && runs_systemd(host) && unit.is_running(host))
    step.actions.push_back(unit.systemctl({"restart"}, host));
}

void plan_docker(const Want& want, const Host& host, Plan& plan) {
  const Map now = read_json_file(docker_settings, host);
  const Value settings(now);
  const bool known = settings["runtimes"]["nvidia"]["path"].is_string();
  const bool is_default = settings["default-runtime"].is_string() && settings["default-runtime"].string() == "nvidia";
  if (known && (is_default || !want.default_runtime)) return;
  // What nvidia-ctk makes of the file, other keys kept.
  Map runtimes = settings["runtimes"].is_map() ? settings["runtimes"].map() : Map();
  runtimes.set("nvidia", Map{{"args", List{}}, {"path", "nvidia-container-runtime"}});
  Map after = now;
  after.set("runtimes", runtimes);
  if (want.default_runtime) after.set("default-runtime", "nvidia");
  Exec exec = configure("docker", want.default_runtime);
  exec.effects.files = {{docker_settings, Value(after).json(4) + "\n"}};
  if (!host.stat("/etc/docker")) exec.effects.directories = {"/etc/docker"};
  Step step;
  if (!known) step.changes.push_back({"docker runtime nvidia", std::nullopt, "nvidia-container-runtime"});
  if (want.default_runtime && !is_default)
    step.changes.push_back({"docker default runtime",
                            settings["default-runtime"].is_string() ? settings["default-runtime"].string() : "runc",
                            "nvidia"});
  step.actions = {std::move(exec)};
  add_restart(want, "docker.service", host, step);
  plan.steps.push_back(std::move(step));
}

/// containerd and CRI-O take a file of their own, or had the runtime put into their configuration by older toolkits.
void plan_drop_in(const Want& want, const std::string& runtime, const Path& main, const Path& drop_in, const Host& host,
                  Plan& plan) {
  const auto knows = [&](const Path& file) {
    return host.read(file).value_or("").find("nvidia-container-runtime") != std::string::npos;
  };
  if (knows(main) || knows(drop_in)) return;
  Exec exec = configure(runtime, want.default_runtime);
  exec.effects.files = {{drop_in, "# written by nvidia-ctk: nvidia-container-runtime\n"}};
  Step step{.changes = {{runtime + " runtime nvidia", std::nullopt, "nvidia-container-runtime"}},
            .actions = {std::move(exec)}};
  add_restart(want, runtime + ".service", host, step);
  plan.steps.push_back(std::move(step));
}

void plan_cdi(const Want& want, const Host& host, Plan& plan) {
  if (host.stat("/etc/cdi/nvidia.yaml") && (host.stat("/var/run/cdi/nvidia.yaml") || host.stat("/run/cdi/nvidia.yaml")))
    plan.notes.push_back(
        "/etc/cdi/nvidia.yaml and the one in /var/run/cdi name the same devices, which conflicts: remove the first");
  if (cdi_file(host)) return;
  if (!read_gpu_machine(host).has_driver()) {
    const std::string why = "no NVIDIA driver is loaded, so that there are no devices to describe yet";
    if (want.cdi.value_or(false))
      throw Error(why).about("cdi").hint("nvidia_driver: {state: present} installs it; then restart");
    plan.notes.push_back(why + "; from 1.18 on the toolkit does it at the next boot");
    return;
  }
  Exec exec{.argv = {"nvidia-ctk", "cdi", "generate", "--output=/etc/cdi/nvidia.yaml"},
            .title = "describing the GPUs for CDI"};
  exec.effects = {.directories = {"/etc/cdi"}, .opaque = {"/etc/cdi/nvidia.yaml"}, .complete = true};
  if (host.stat("/etc/cdi")) exec.effects.directories.clear();
  plan.steps.push_back({{{"/etc/cdi/nvidia.yaml", std::nullopt, "the GPUs of this machine"}}, {std::move(exec)}});
}

void plan_absence(const Want& want, const Host& host, Plan& plan) {
  Map cleaned;
  const Value settings(read_json_file(docker_settings, host));
  if (settings["runtimes"]["nvidia"].is_map()) cleaned.set("runtimes", Map{{"nvidia", Value()}});
  if (settings["default-runtime"].is_string() && settings["default-runtime"].string() == "nvidia")
    cleaned.set("default-runtime", Value());
  if (!cleaned.empty() && plan_json_file(docker_settings, cleaned, host, plan))
    add_restart(want, "docker.service", host, plan.steps.back());
  for (const char* file :
       {"/etc/cdi/nvidia.yaml", "/etc/containerd/conf.d/99-nvidia.toml", "/etc/crio/conf.d/99-nvidia.toml"})
    if (host.stat(file)) plan.steps.push_back({{{file, "there", std::nullopt}}, {RemovePath{file}}});
  plan_vendor_packages(packages, WantedPackages::State::absent, false, host, plan);
  plan_no_repository(repository_of(want), host, plan);
}

}  // namespace

Plan Toolkit::check(const Args& args, const Host& host) const {
  const Want want = arguments().read(args);
  for (const auto& runtime : want.runtimes)
    if (runtime != "docker" && runtime != "containerd" && runtime != "crio" && runtime != "podman")
      throw Error("'" + runtime + "' is no runtime that the toolkit knows")
          .about("runtimes")
          .hint("docker, containerd, crio and podman are");
  Plan plan;
  if (want.state == "absent") {
    plan_absence(want, host, plan);
    return plan;
  }
  const bool is_new = plan_repository(repository_of(want), host, plan);
  Strings requests = packages;
  const bool apt = host.packages().manager() == "apt";
  for (auto& name : requests)
    if (want.version) name += (apt ? "=" : "-") + *want.version;
  plan_vendor_packages(requests, WantedPackages::State::present, is_new, host, plan);
  const auto wants = [&](const char* name) {
    return std::find(want.runtimes.begin(), want.runtimes.end(), name) != want.runtimes.end();
  };
  if (wants("docker")) plan_docker(want, host, plan);
  if (wants("containerd"))
    plan_drop_in(want, "containerd", "/etc/containerd/config.toml", "/etc/containerd/conf.d/99-nvidia.toml", host,
                 plan);
  if (wants("crio")) plan_drop_in(want, "crio", "/etc/crio/crio.conf", "/etc/crio/conf.d/99-nvidia.toml", host, plan);
  if (want.cdi.value_or(wants("podman"))) plan_cdi(want, host, plan);
  if (const auto file = cdi_file(host)) plan.result.set("cdi", file->string());
  return plan;
}

namespace {
constexpr Variant variants[] = {{"debian", variant<Toolkit>}, {"ubuntu", variant<Toolkit>},
                                {"fedora", variant<Toolkit>}, {"rhel", variant<Toolkit>},
                                {"centos", variant<Toolkit>}, {"rocky", variant<Toolkit>}};
}

}  // namespace agent::nvidia_container_toolkit

AGENT_MODULE(agent::nvidia_container_toolkit::arguments, agent::nvidia_container_toolkit::variants)
