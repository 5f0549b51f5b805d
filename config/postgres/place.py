"""Where an embedded server keeps its data and its socket, and as whom it runs.

PostgreSQL refuses to run as root. Started by root it runs as a system user, who
must be able to reach the data: where a folder on the way is closed to that user
(a home folder, mostly), the data goes to a folder of its own outside.
"""

import hashlib
import os
import pwd
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

DATABASE = "adroit"
OWNER = "adroit"
SOCKET_NAME = ".s.PGSQL.5432"

# A Unix socket's path has 108 bytes on Linux and 104 on macOS, the last one zero.
LONGEST_SOCKET_PATH = 103
SYSTEM_USERS = ("pgserver", "postgres")
SYSTEM_FOLDER = Path("/var/lib/adroit")

Profile = Literal["keep", "test"]
"""`keep`: durable, for real data. `test`: a second server that may lose everything."""

_FOLDERS: dict[Profile, str] = {"keep": "postgres", "test": "test-postgres"}


@dataclass(frozen=True)
class Place:
    """The folders of one embedded server.

    `home` always lies in ADROIT_VAR and holds the locks; `base` holds data and
    log, and differs from `home` only when root's system user cannot reach it.
    """

    home: Path
    base: Path
    socket_folder: Path
    profile: Profile

    @property
    def data(self) -> Path:
        return self.base / "data"

    @property
    def log(self) -> Path:
        return self.base / "server.log"

    @property
    def socket(self) -> Path:
        return self.socket_folder / SOCKET_NAME

    @property
    def moved(self) -> bool:
        """Whether the data lies outside ADROIT_VAR."""
        return self.base != self.home


def place_for(var: Path, profile: Profile) -> Place:
    """The place below `var`, decided the same way by every process; creates nothing."""
    home = var / _FOLDERS[profile]
    base = home if (home / "data").exists() else _recorded_base(home) or _chosen_base(home)
    return Place(home=home, base=base, socket_folder=_socket_folder(base), profile=profile)


def record_base(place: Place) -> None:
    """Keep an outside choice, so that a later change of rights does not start a second database."""
    if place.moved:
        (place.home / "where").write_text(f"{place.base}\n", encoding="utf-8")


def _recorded_base(home: Path) -> Path | None:
    try:
        return Path((home / "where").read_text(encoding="utf-8").strip())
    except OSError:
        return None


def _chosen_base(home: Path) -> Path:
    if os.geteuid() != 0 or all(map(_open_to_all, _folders_above(home.parent))):
        return home
    key = _key(home)
    temporary = Path(tempfile.gettempdir()).resolve()
    if home.is_relative_to(temporary):
        return temporary / f"adroit-{key}"
    return SYSTEM_FOLDER / key


def _folders_above(var: Path) -> Iterator[Path]:
    """The existing folders on the way to `var`; `var` itself root can open (`_let_through`)."""
    return (folder for folder in var.parents if folder.exists())


def _open_to_all(folder: Path) -> bool:
    return bool(folder.stat().st_mode & stat.S_IXOTH)


def _socket_folder(base: Path) -> Path:
    inside = base / "run"
    if len(os.fsencode(inside / SOCKET_NAME)) <= LONGEST_SOCKET_PATH:
        return inside
    return Path(tempfile.gettempdir()) / f"adroit-{os.geteuid()}-{_key(base)}"


def _key(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


@dataclass(frozen=True)
class Account:
    """The operating system's user that runs the server."""

    name: str
    uid: int
    gid: int

    @classmethod
    def named(cls, name: str) -> "Account":
        entry = pwd.getpwnam(name)
        return cls(name, entry.pw_uid, entry.pw_gid)


def account_for(data: Path) -> Account | None:
    """Root's substitute: the owner of existing data, else a system user, made if
    there is none. None for anybody but root, who runs the server as themselves."""
    if os.geteuid() != 0:
        return None
    if data.exists() and (owner := data.stat().st_uid):
        return Account.named(pwd.getpwuid(owner).pw_name)
    for name in SYSTEM_USERS:
        try:
            return Account.named(name)
        except KeyError:
            continue
    return _new_account(SYSTEM_USERS[0])


def _new_account(name: str) -> Account:
    command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", name]
    subprocess.run(command, check=True, capture_output=True)
    return Account.named(name)


def make_folders(place: Place, account: Account | None) -> None:
    """Create what `place` needs, reachable by `account`, closed to everybody else."""
    place.home.mkdir(parents=True, exist_ok=True)
    place.base.mkdir(parents=True, exist_ok=True)
    if account:
        for folder in {place.home.parent, place.base}:
            _let_through(folder, account)
    _private_folder(place.socket_folder, account)


def _let_through(folder: Path, account: Account) -> None:
    """Let the account pass through root's own folder: search only, and its group only."""
    mode = folder.stat().st_mode
    if mode & stat.S_IXOTH or mode & stat.S_IRWXG:
        return
    os.chown(folder, -1, account.gid)
    folder.chmod(stat.S_IMODE(mode) | stat.S_IXGRP)


def _private_folder(folder: Path, account: Account | None) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    owner = account.uid if account else os.geteuid()
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {owner, os.geteuid()}:
        raise PermissionError(
            f"{folder} belongs to somebody else, so the database's socket cannot go there. "
            "Remove it, or set ADROIT_VAR to a shorter path."
        )
    if account:
        os.chown(folder, account.uid, account.gid)
    folder.chmod(0o700)
