"""The migrated database that every test process copies instead of migrating its own.

Migrations take seconds, a copy takes a tenth of one. The template is kept on the test
server under a name made from the migrations, and made anew when one of them changes.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import psycopg
from django.apps import apps
from psycopg import sql

from config.places import PROJECT_ROOT
from config.postgres.place import OWNER, Place
from config.postgres.server import server_of

PREFIX = "migrated_"
TESTING = "test_adroit_"


def template_database(place: Place) -> str:
    """Its name; it exists when this returns. Several test processes may ask at once."""
    server_of(place).hold()
    name = PREFIX + _key()
    with (place.home / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _drop_abandoned(place)
        if name not in _existing(place):
            _make(place, name)
    return name


def own_name() -> str:
    """A name for this process's test database, so that several runs go side by side."""
    return f"{TESTING}{os.getpid()}"


def _drop_abandoned(place: Place) -> None:
    """Drop the databases of test processes that were killed."""
    for name in _existing(place):
        owner = name.removeprefix(TESTING)
        if name.startswith(TESTING) and owner.isdigit() and not Path("/proc", owner).exists():
            _drop(place, name)


def _drop(place: Place, name: str) -> None:
    with _connect(place) as server:
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _key() -> str:
    """Changes with any migration, ours or a package's."""
    digest = hashlib.sha256()
    for config in sorted(apps.get_app_configs(), key=lambda one: one.label):
        for path in sorted(Path(config.path, "migrations").glob("*.py")):
            digest.update(f"{config.label}/{path.name}\0".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _existing(place: Place) -> set[str]:
    with _connect(place) as server:
        return {row[0] for row in server.execute("SELECT datname FROM pg_database")}


def _make(place: Place, name: str) -> None:
    draft = f"{PREFIX}draft"
    for outdated in _existing(place):
        if outdated.startswith(PREFIX):
            _drop(place, outdated)
    with _connect(place) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(draft)))
    address = f"postgresql://{OWNER}@/{draft}?host={place.socket_folder}"
    command = [sys.executable, "manage.py", "migrate", "--noinput", "-v0", "--skip-checks"]
    subprocess.run(
        command, cwd=PROJECT_ROOT, env=os.environ | {"DATABASE_URL": address}, check=True
    )
    with _connect(place) as server:
        rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        server.execute(rename.format(sql.Identifier(draft), sql.Identifier(name)))


def _connect(place: Place) -> psycopg.Connection[tuple[str]]:
    return psycopg.connect(
        host=str(place.socket_folder), user=OWNER, dbname="postgres", autocommit=True
    )
