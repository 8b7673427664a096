#include "nvidia_driver.hpp"

namespace agent::nvidia_driver {

const SpecOf<Want>& arguments() {
  static const auto spec =
      SpecOf<Want>("nvidia_driver", "Installs the NVIDIA driver that serves the cards of this machine.")
          .description(
              "The cards are read from the PCI bus, the firmware and the kernel are asked for Secure Boot and for what "
              "is "
              "loaded, and everything that would end badly is refused before the first change: no card; cards that no "
              "driver serves together; a branch that does not serve the card; modules that Secure Boot would not load; "
              "a "
              "driver of another version that programs are using right now; one that NVIDIA's `.run` installer put "
              "there.\n\n"
              "Of the kernel modules the open ones are taken where the card allows it (from Turing on) and the branch "
              "is "
              "560 or newer, or the card demands it (Blackwell). On Ubuntu modules that are built and signed "
              "beforehand "
              "are preferred: they load under Secure Boot and need no compiler.\n\n"
              "A driver that is there and does stays; `state: latest` brings the newest that serves the card. What "
              "counts "
              "is what is *loaded*: a driver that was installed but not loaded yet is reported with `reboot_needed` "
              "and "
              "the reasons. `reboot: if_needed` starts the machine anew one minute later, which ends the run there.\n\n"
              "Not tried on a machine with a card: which packages come, how they are refused and how they go was "
              "proven "
              "with the real apt and dnf, and packages that carry the real names, versions and dependencies. No module "
              "of "
              "the driver was compiled, loaded or signed, and no machine restarted.")
          .optional(
              "state", &Want::state,
              "`present`; `latest`: the newest that serves the card; `absent`: every package of a driver is removed, "
              "and nouveau may come back")
          .choices({"present", "latest", "absent"})
          .optional("branch", &Want::branch, "a branch: `580`. Retired branches that bring another one are refused")
          .optional("minimum", &Want::minimum,
                    "the oldest version that will do: `550.54.14`, or `{{ stack.driver_min }}`")
          .optional("modules", &Want::modules, "which kernel modules; `auto`: by card and branch")
          .choices({"auto", "open", "proprietary"})
          .optional("flavour", &Want::flavour,
                    "the branches for desktops, or those supported for servers (Ubuntu's `-server`, Debian's `tesla`)")
          .choices({"desktop", "server"})
          .optional("headless", &Want::headless, "for computing only, without what draws on a screen")
          .optional(
              "source", &Want::source,
              "where it comes from; unless said the distribution, on Fedora RPM Fusion, on RHEL NVIDIA's repository. "
              "The repository itself is added elsewhere (`cuda_repo`, RPM Fusion's release package)")
          .choices({"distro", "cuda_repo", "rpmfusion"})
          .optional(
              "build", &Want::build,
              "`dkms`: compiled on this machine; `prebuilt`: signed modules of Ubuntu; `auto`: those where there are")
          .choices({"auto", "dkms", "prebuilt"})
          .optional("headers", &Want::headers, "the headers of the running kernel too, where modules are compiled")
          .optional(
              "disable_nouveau", &Want::disable_nouveau,
              "keep nouveau from taking the card: modprobe, the initramfs made anew, on Fedora the kernel's arguments")
          .optional("secure_boot", &Want::secure_boot,
                    "with Secure Boot on and modules that are compiled here, whose key was not enrolled: `refuse`, or "
                    "`proceed` and enrol it at the console afterwards")
          .choices({"refuse", "proceed"})
          .optional(
              "in_use", &Want::in_use,
              "when programs use a driver of another version: `refuse`, or `replace` it under them (new ones fail "
              "until the reboot)")
          .choices({"refuse", "replace"})
          .optional("without_card", &Want::without_card, "go on where no card is seen (an image for other machines)")
          .optional("hold", &Want::hold, "keep the packages at their version in upgrades")
          .optional("reboot", &Want::reboot, "`never`: the need is only reported; `if_needed`: in one minute")
          .choices({"never", "if_needed"})
          .example("What serves the card", "- nvidia_driver:\n  register: driver")
          .example("What the resolver chose", "- nvidia_driver: {minimum: \"{{ stack.driver_min }}\"}")
          .example("A server without a screen", "- nvidia_driver: {branch: 580, flavour: server, headless: true}")
          .example("Fedora, from NVIDIA's repository", "- nvidia_driver: {source: cuda_repo, branch: 580}")
          .returns("cards", "list", "the cards: slot, device id, architecture")
          .returns("installed", "text", "version of the driver packages; empty: none")
          .returns("loaded", "text", "version of the module that is loaded; empty: none")
          .returns("modules", "text", "`open` or `proprietary`, as chosen")
          .returns("secure_boot", "boolean", "as the firmware says; null where it does not")
          .returns("reboot_needed", "boolean", "whether the machine has to start anew for this to work")
          .returns("reboot_reasons", "list", "why");
  return spec;
}

}  // namespace agent::nvidia_driver
