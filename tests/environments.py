"""Python environments that suites and benchmarks use, kept outside the tree."""
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import venv

HERE = pathlib.Path(__file__).resolve().parent


def python_with(wanted=HERE / "requirements.txt"):
    """The Python of a virtual environment that has what the list names, made anew when the list changes."""
    key = hashlib.sha256(wanted.read_bytes() + sys.version.encode()).hexdigest()[:16]
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "agent-tests"
    folder = cache / f"venv-{key}"
    python = folder / "bin" / "python"
    if not (folder / "complete").exists():
        print(f"==> making a virtual environment in {folder}", file=sys.stderr, flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", wanted], check=True)
        (folder / "complete").touch()
    return python
