import hashlib

from harness import case, same

# A conda of the test's own: it keeps records as conda does, and nothing else. The real one cannot be fetched everywhere.
CONDA = r"""#!/bin/sh
set -e
command=$1; shift
prefix= names=
while [ $# -gt 0 ]; do
  case $1 in
    -p) prefix=$2; shift ;;
    -c|--file) shift ;;
    -*) ;;
    *) names="$names $1" ;;
  esac
  shift
done
meta=$prefix/conda-meta
mkdir -p "$meta"; echo "==> $command" >>"$meta/history"
for spec in $names; do
  name=$(echo "$spec" | sed 's/[=<>!].*//'); version=$(echo "$spec" | sed -n 's/[^=]*==*//p'); rm -f "$meta/$name"-[0-9]*.json
  [ "$command" = remove ] || echo "{\"name\": \"$name\"}" >"$meta/$name-${version:-1.0}-0.json"
done
"""
INSTALLER = r"""#!/bin/sh
set -e
[ "$1" = -b ] && [ "$2" = -p ] && [ ! -e "$3" ]
mkdir -p "$3/bin" "$3/conda-meta"
echo 'channels: [conda-forge]' >"$3/.condarc"
: >"$3/conda-meta/history"; echo '{}' >"$3/conda-meta/conda-25.3.1-0.json"
cat >"$3/bin/conda" <<'END'
""" + CONDA + r"""END
chmod +x "$3/bin/conda"
"""


@case("conda: an installer of that form is checked and run, environments are made, changed and removed", layer="python", weight=20)
def conda(box):
    box.user("alice")
    port = int(box.sh("python3 -c 'import socket; s = socket.socket(); s.bind((\"127.0.0.1\", 0)); print(s.getsockname()[1])'"))
    box.write("/srv/www/Miniforge3.sh", INSTALLER)
    box.sh(f"cd /srv/www && setsid python3 -m http.server --bind 127.0.0.1 {port} >/dev/null 2>&1 & sleep 1")
    install = f"""
        - name: conda
          conda:
            prefix: ~/conda
            installer: http://127.0.0.1:{port}/Miniforge3.sh
            checksum: sha256:{hashlib.sha256(INSTALLER.encode()).hexdigest()}
            init: [bash]
          become: true
          become_user: alice
    """
    box.fails(install.replace(
        hashlib.sha256(INSTALLER.encode()).hexdigest(), "0" * 64), says="checksum", clean=False)
    assert box.run("test -e /home/alice/conda").code != 0, "nothing unchecked was run"
    box.converge(install, changes=["conda"])
    assert "# >>> conda initialize >>>" in box.read("/home/alice/.bashrc")
    same(box.sh("stat -c %U /home/alice/conda").strip(), "alice", "owner")
    box.converge("""
        - name: environment
          conda: {prefix: /home/alice/conda, name: ml, packages: ["python=3.11", "numpy=1.26"], channels: [conda-forge]}
          become: true
          become_user: alice
        - name: another version
          conda: {prefix: /home/alice/conda, name: ml, packages: ["numpy>=1"]}
          become: true
          become_user: alice
    """, changes=["environment"])
    box.converge("""
        - name: another version
          conda: {prefix: /home/alice/conda, name: ml, packages: ["numpy=2.0"]}
          become: true
          become_user: alice
    """, changes=["another version"])
    box.converge("""
        - name: gone
          conda: {prefix: /home/alice/conda, name: ml, state: absent}
        - name: all of it
          conda: {prefix: /home/alice/conda, state: absent}
    """, changes=["gone", "all of it"])
    assert box.run("test -e /home/alice/conda").code != 0
