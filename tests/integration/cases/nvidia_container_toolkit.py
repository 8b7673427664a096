import json

from harness import case, same

# Packages with the real names and dependencies; nvidia-ctk does to daemon.json what its documentation says.
MAKE = r"""set -e
export GNUPGHOME=/srv/gpg; mkdir -p -m 700 $GNUPGHOME /srv/www/stable/deb/amd64
gpg --batch --quiet --passphrase '' --quick-generate-key 'test <test@example.org>' rsa2048 sign never
gpg --armor --export >/srv/www/gpgkey
gpg --with-colons --list-keys | awk -F: '/^fpr/{print $10; exit}' >/srv/fingerprint
cd /srv/www/stable/deb/amd64
make() {
  mkdir -p /srv/b/DEBIAN
  printf 'Package: %s\nVersion: %s\nArchitecture: amd64\nMaintainer: test <test@example.org>\nDescription: test\n%s' "$1" "$2" "$3" >/srv/b/DEBIAN/control
  dpkg-deb --root-owner-group -b /srv/b "$1_$2_amd64.deb" >/dev/null
  rm -rf /srv/b
}
for v in 1.16.2-1 1.17.8-1; do
  make libnvidia-container1 $v ''
  make libnvidia-container-tools $v "Depends: libnvidia-container1 (>= $v)
"
  mkdir -p /srv/b/usr/bin
  cat >/srv/b/usr/bin/nvidia-ctk <<'END'
#!/usr/bin/python3
import json, os, sys
assert sys.argv[1:4] == ["runtime", "configure", "--runtime=docker"], sys.argv
path = "/etc/docker/daemon.json"
os.makedirs("/etc/docker", exist_ok=True)
config = json.load(open(path)) if os.path.exists(path) else {}
config.setdefault("runtimes", {})["nvidia"] = {"args": [], "path": "nvidia-container-runtime"}
if "--set-as-default" in sys.argv: config["default-runtime"] = "nvidia"
json.dump(config, open(path, "w"), indent=4)
END
  chmod +x /srv/b/usr/bin/nvidia-ctk
  make nvidia-container-toolkit-base $v ''
  make nvidia-container-toolkit $v "Depends: nvidia-container-toolkit-base (= $v), libnvidia-container-tools (>= $v)
"
done
for d in *.deb; do
  dpkg-deb -f "$d"; printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' "$d" "$(stat -c %s "$d")" "$(sha256sum "$d" | cut -d' ' -f1)"
done >Packages
printf 'Origin: test\nDate: %s\nSHA256:\n %s %s Packages\n' "$(LC_ALL=C date -Ru)" "$(sha256sum Packages | cut -d' ' -f1)" "$(stat -c %s Packages)" >Release
gpg --batch --quiet --clearsign -o InRelease Release
"""


@case("nvidia_container_toolkit: from a signed repository of that layout, at one version, docker told of it", layer="repository",
      weight=25)
def toolkit(box):
    box.sh(MAKE)
    port = int(box.sh("python3 -c 'import socket; s = socket.socket(); s.bind((\"127.0.0.1\", 0)); print(s.getsockname()[1])'"))
    box.sh(f"cd /srv/www && setsid python3 -m http.server --bind 127.0.0.1 {port} >/dev/null 2>&1 & sleep 1")
    fingerprint = box.read("/srv/fingerprint").strip()
    box.write("/etc/docker/daemon.json", '{"data-root": "/data"}\n')
    box.write("/etc/apt/sources.list.d/nvidia-docker.list", f"deb http://127.0.0.1:{port}/stable/deb/amd64 /\n")
    play = f"""
        - name: toolkit
          nvidia_container_toolkit:
            base_url: http://127.0.0.1:{port}
            key_fingerprint: {fingerprint}
            version: 1.16.2-1
    """
    box.fails(play.replace(fingerprint, "C95B321B61E88C1809C4F759DDCAE044F796ECB0"), says="not the one expected", clean=False)
    assert box.run("test -e /etc/apt/sources.list.d/nvidia-container-toolkit.list").code != 0, "nothing was trusted"
    box.write("/etc/apt/sources.list.d/nvidia-docker.list", f"deb http://127.0.0.1:{port}/stable/deb/amd64 /\n")
    box.converge(play, changes=["toolkit"])
    config = json.loads(box.read("/etc/docker/daemon.json"))
    same((config["data-root"], config["runtimes"]["nvidia"]["path"]), ("/data", "nvidia-container-runtime"), "what docker reads")
    versions = set(box.sh("dpkg-query -W -f '${Version}\\n' 'nvidia-container*' 'libnvidia-container*'").split())
    same(versions, {"1.16.2-1"}, "the versions of the four packages")
    assert box.run("test -e /etc/apt/sources.list.d/nvidia-docker.list").code != 0, "the entry of an older guide is gone"
    box.converge("""
        - name: gone
          nvidia_container_toolkit: {state: absent}
    """, changes=["gone"])
    same(json.loads(box.read("/etc/docker/daemon.json")), {"data-root": "/data", "runtimes": {}}, "what docker reads")
