"""See that a browser is there before the tests need it: `python -m tools.browser`.

As root on a Debian machine it is installed when missing; otherwise the tests that need
one are skipped, which this says beforehand, and which fails when CI=true.
"""

import os
import shutil
import subprocess
import sys

from tests.browsers import browser_program

ADVICE = "Install Chromium or Chrome, or set ADROIT_BROWSER to one."


def install() -> bool:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    print("No browser found; installing Chromium ...", flush=True)
    quiet = {"DEBIAN_FRONTEND": "noninteractive"} | dict(os.environ)
    steps = [
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"],
    ]
    done = [
        subprocess.run(step, env=quiet, stdout=subprocess.DEVNULL, check=False).returncode
        for step in steps
    ]
    return done[-1] == 0


def main() -> int:
    if browser_program() or (install() and browser_program()):
        return 0
    print(f"NO BROWSER: the browser's tests are skipped. {ADVICE}")
    return 1 if os.environ.get("CI") == "true" else 0


if __name__ == "__main__":
    sys.exit(main())
