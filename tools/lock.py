"""Compile requirements/*.txt and package-lock.json anew: `python -m tools.lock` (`make lock`).

`--upgrade` takes the newest versions the *.in files allow; without it, versions stay
as they are wherever they still fit. No lock names the index it was resolved from.
"""

import re
import subprocess
import sys
from pathlib import Path

from config.places import PROJECT_ROOT

UV = Path(sys.executable).parent / "uv"
OPTIONS = [
    "--universal",
    "--python-version=3.11",
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-header",
    "--quiet",
]
HEADER = "# Compiled by `make lock`; change the .in file, not this one.\n"
ADDRESS = re.compile(r"^\s*--(extra-)?index-url|https?://", re.MULTILINE)


def main(arguments: list[str]) -> int:
    # dev.txt first: base.txt takes its versions, so both can be installed together.
    compile_lock("dev", [*arguments])
    compile_lock("base", ["-c", "requirements/dev.txt"])
    compile_lock("bench", ["-c", "requirements/dev.txt"])
    npm = ["npm", "install", "--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund"]
    subprocess.run([*npm, "--omit-lockfile-registry-resolved"], cwd=PROJECT_ROOT, check=True)
    return 0


def compile_lock(name: str, arguments: list[str]) -> None:
    source, target = f"requirements/{name}.in", f"requirements/{name}.txt"
    command = [str(UV), "pip", "compile", source, "-o", target, *OPTIONS, *arguments]
    subprocess.run(command, cwd=PROJECT_ROOT, check=True)
    path = PROJECT_ROOT / target
    text = path.read_text(encoding="utf-8")
    if found := ADDRESS.search(text):
        raise SystemExit(f"{target} names an address: {found.group(0)}")
    path.write_text(HEADER + text, encoding="utf-8")
    print(f"{target}: {text.count('==')} packages")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
