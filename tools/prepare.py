"""Make the database and static files ready before the product starts.

`python -m tools.prepare PERSONAS_FILE` applies migrations, collects static files when
they changed, fills an empty database with the demo company (unless DEMO=no), and writes who can sign in
to the given file.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import django
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command, get_commands

from config.database import APP_ROLE

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


def main(personas_file: Path) -> int:
    collecting = start_collecting()
    django.setup()

    commands = get_commands()
    call_command("migrate", interactive=False, verbosity=0)
    if "EMBEDDED" in settings.DATABASES["default"]:
        call_command("database_rights", APP_ROLE, verbosity=0)
    wanted = os.environ.get("DEMO", "yes") != "no"
    if wanted and "demo" in commands and not get_user_model().objects.exists():
        # The archive of reports is written by the worker; until then every page says so.
        call_command("demo", essentials=True)
    with personas_file.open("w", encoding="utf-8") as file:
        if "personas" in commands:
            call_command("personas", stdout=file)
    return finish_collecting(collecting)


def start_collecting() -> subprocess.Popen[bytes] | None:
    """Collect in a process of its own, beside the migrations: compressing takes seconds."""
    made_from = Path(settings.STATIC_ROOT) / ".made-from"
    if made_from.exists() and made_from.read_text(encoding="ascii") == static_inputs():
        return None
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
    return subprocess.Popen(command)


def finish_collecting(collecting: subprocess.Popen[bytes] | None) -> int:
    if collecting is None:
        return 0
    code = collecting.wait()
    if code == 0:
        made_from = Path(settings.STATIC_ROOT) / ".made-from"
        made_from.write_text(static_inputs(), encoding="ascii")
    return code


def static_inputs() -> str:
    """A hash of what is collected: our built files, and the packages that bring others."""
    digest = hashlib.sha256()
    for lock in sorted(Path("requirements").glob("*.txt")):
        digest.update(lock.read_bytes())
    for folder in map(Path, settings.STATICFILES_DIRS):
        for path in sorted(folder.rglob("*")):
            found = path.stat()
            digest.update(f"{path}:{found.st_size}:{found.st_mtime_ns}\n".encode())
    return digest.hexdigest()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
