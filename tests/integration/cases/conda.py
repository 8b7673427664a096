import hashlib

from harness import case, same

# A conda of the test's own: it keeps records as conda does, and nothing else. The real one cannot be fetched everywhere.
CONDA = r"""#!/bin/sh
set -e
command=$1; shift
# config --file FILE --set KEY VALUE
if [ "$command" = config ]; then echo "$4: $5" >>"$2"; exit; fi
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
# An environment with Python in it is one that works.
case " $names" in *" python"*) [ -x "$prefix/bin/python" ] || { [ -e "$prefix" ] || mkdir -p "$prefix"; python3 -m venv "$prefix"; } ;; esac
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




def serve(box):
    """Puts the installer where it can be fetched; returns its address and its checksum."""
    port = int(box.sh("python3 -c 'import socket; s = socket.socket(); s.bind((\"127.0.0.1\", 0)); print(s.getsockname()[1])'"))
    box.write("/srv/www/Miniforge3.sh", INSTALLER)
    box.sh(f"cd /srv/www && setsid python3 -m http.server --bind 127.0.0.1 {port} >/dev/null 2>&1 & "
           f"for i in $(seq 100); do grep -q ':{port:04X} ' /proc/net/tcp && exit 0; sleep 0.1; done; exit 1")
    return f"http://127.0.0.1:{port}/Miniforge3.sh", f"sha256:{hashlib.sha256(INSTALLER.encode()).hexdigest()}"


@case("conda: an installer of that form is checked and run, environments are made, changed and removed", layer="python", weight=20)
def conda(box):
    box.user("alice")
    address, checksum = serve(box)
    install = f"""
        - name: conda
          conda:
            prefix: ~/conda
            installer: {address}
            checksum: {checksum}
            init: [bash]
          become: true
          become_user: alice
    """
    box.fails(install.replace(checksum, "sha256:" + "0" * 64), says="checksum", clean=False)
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
