"""The agent that machines keep: held against its manifest at every start, and not piling up."""
import shutil

from bed import case, same, says
from cases.parcels import ends, key_pair

PLAY = """
    - hosts: fleet
      gather_facts: false
      tasks:
        - name: here
          ping:
"""


@case("a kept agent that was changed is found, named, and sent anew")
def changed(controller):
    web, = controller.up("web")
    play, inventory = controller.write("ping.yml", PLAY), controller.inventory()
    ends(controller.run("run", play, "-i", inventory), 0)
    tree = web.must("ls -d /var/cache/agent/*/bin/agent").strip().removesuffix("/bin/agent")
    for harm, named in ((f"printf x | dd of={tree}/lib/agent/modules/ping.so bs=1 seek=99 conv=notrunc status=none",
                         "'lib/agent/modules/ping.so' has another content"),
                        (f"rm {tree}/lib/agent/modules/copy.so", "'lib/agent/modules/copy.so' is missing"),
                        (f"chmod o+w {tree}/share/agent/modules.cbor", "'share/agent/modules.cbor' may be changed by others"),
                        (f"truncate -s 0 {tree}/share/agent/modules.cbor", "'share/agent/modules.cbor' has another size")):
        web.must(harm)
        run = ends(controller.run("run", play, "-i", inventory), 0)
        says(run, "the agent that 'web' had kept was changed", named, "it is sent anew")
        ends(controller.run("run", play, "-i", inventory), 0)
    same(web.must("ls -A /var/cache/agent").split(), sorted([tree.rsplit("/", 1)[1], "lock", "runs"]), "what is kept")


@case("of older agents that were kept the two newest are left, and those that are in use")
def old(controller):
    web, = controller.up("web")
    play, inventory = controller.write("ping.yml", PLAY), controller.inventory()
    for day, name in enumerate(("a" * 32, "b" * 32, "c" * 32, "d" * 32)):
        web.must(f"mkdir -p -m 700 /var/cache/agent/{name}/bin && echo '{{}}' >/var/cache/agent/{name}/manifest.json && "
                 f"cp /bin/sleep /var/cache/agent/{name}/bin/agent && touch -d 2026-01-0{day + 1} /var/cache/agent/{name}")
    web.must("mkdir /var/cache/agent/of-somebody && touch -d 2026-01-01 /var/cache/agent/of-somebody")
    web.must(f"setsid /var/cache/agent/{'a' * 32}/bin/agent 1000 </dev/null >/dev/null 2>&1 & sleep 0.2")
    ends(controller.run("run", play, "-i", inventory), 0)
    left = [name for name in web.must("ls /var/cache/agent").split() if len(set(name)) == 1 or name == "of-somebody"]
    same(left, ["a" * 32, "c" * 32, "d" * 32, "of-somebody"], "what is left beside the new one")


@case("with --bundle-key only an agent is sent that this key has signed")
def signed(controller):
    controller.up("web")
    private, public = key_pair(controller, "release")
    _, foreign = key_pair(controller, "foreign")
    tree = controller.folder / "tree"
    source = controller.agent.resolve().parents[1]
    for part in ("bin/agent", "lib/agent", "share/agent"):
        (tree / part).parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (source / part).is_dir() else shutil.copy2)(source / part, tree / part)
    controller.agent = tree / "bin/agent"
    play, inventory = controller.write("ping.yml", PLAY), controller.inventory()
    says(ends(controller.run("run", play, "-i", inventory, "--bundle-key", public), 4), "this agent is not signed")
    ends(controller.run("bundle", "--sign", private, "--manifest"), 0)
    ends(controller.run("run", play, "-i", inventory, "--bundle-key", public), 0)
    says(ends(controller.run("run", play, "-i", inventory, "--bundle-key", foreign), 4), "signed with another key")
    # Put back to what was signed before: its signature is right, its number is not.
    before = [(file, file.read_bytes()) for file in (tree / "share/agent").glob("bundle.json*")]
    ends(controller.run("bundle", "--sign", private, "--manifest"), 0)
    ends(controller.run("run", play, "-i", inventory, "--bundle-key", public), 0)
    for file, content in before:
        file.write_bytes(content)
    ends(controller.run("bundle", "--verify", public), 0)
    says(ends(controller.run("run", play, "-i", inventory, "--bundle-key", public), 4), "this agent is older than one of the same key")
    ends(controller.run("run", play, "-i", inventory, "--bundle-key", public, "--allow-older-agent"), 0)
    says(ends(controller.run("run", play, "-i", inventory, "--bundle-key", public), 4), "this agent is older than one of the same key")
    ends(controller.run("bundle", "--sign", private, "--manifest"), 0)
    ends(controller.run("run", play, "-i", inventory, "--bundle-key", public), 0)
    with (tree / "lib/agent/modules/ping.so").open("ab") as module:
        module.write(b"x")
    says(ends(controller.run("run", play, "-i", inventory, "--bundle-key", public), 4),
         "not the one that was signed: 'lib/agent/modules/ping.so' was another")
