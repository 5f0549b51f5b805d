"""Every check that needs no test run: `python -m tools.check` (`make check`).

All of them run, so that one run shows everything that is wrong.
"""

import os
import secrets
import subprocess
import sys
import time
from pathlib import Path

from config.places import PROJECT_ROOT
from tools.setup import npm

BIN = Path(sys.executable).parent

# What a deployment sets; `check --deploy` judges the settings these lead to.
DEPLOYMENT = {
    "DEBUG": "false",
    "SECRET_KEY": secrets.token_urlsafe(50),
    "SITE_URL": "https://adroit.example.com",
    "ALLOWED_HOSTS": "adroit.example.com",
}
NPM, NPM_ENVIRONMENT = npm()
MANAGE = [sys.executable, "manage.py"]
PYTEST = [sys.executable, "-m", "pytest", "-rP"]
CHECKS: dict[str, tuple[list[str], dict[str, str]]] = {
    "ruff": ([str(BIN / "ruff"), "check", "."], {}),
    "format": ([str(BIN / "ruff"), "format", "--check", "."], {}),
    "types": ([str(BIN / "mypy"), "."], {}),
    "scripts": ([*map(str, NPM), "run", "--silent", "check"], NPM_ENVIRONMENT),
    "layers": ([str(BIN / "lint-imports")], {}),
    "migrations": ([*MANAGE, "makemigrations", "--check", "--dry-run"], {}),
    "deployment": ([*MANAGE, "check", "--deploy", "--fail-level", "WARNING"], DEPLOYMENT),
    "architecture": ([*PYTEST, "tests/architecture"], {}),
}


def main() -> int:
    failed = []
    for name, (command, environment) in CHECKS.items():
        began = time.monotonic()
        print(f"== {name}", flush=True)
        done = subprocess.run(command, cwd=PROJECT_ROOT, env=os.environ | environment, check=False)
        print(f"   {time.monotonic() - began:.1f} s", flush=True)
        if done.returncode:
            failed.append(name)
    print(f"FAILED: {', '.join(failed)}" if failed else "all checks passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
