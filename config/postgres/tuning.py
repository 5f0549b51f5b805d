"""Settings of the embedded server: what differs from PostgreSQL's defaults, and why."""

from pathlib import Path

from config.postgres.place import Profile

_ALWAYS = ["--auth=trust", "--encoding=UTF8"]

# Keyed by "PostgreSQL 17 or newer": the built-in C.UTF-8 sorts the same on every machine.
INIT_OPTIONS: dict[bool, list[str]] = {
    True: [*_ALWAYS, "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"],
    False: [*_ALWAYS, "--locale=C.UTF-8"],
}

_BOTH = {
    "listen_addresses": "",  # the socket is the only way in
    "port": "5432",  # part of the socket's name only
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",  # our queries are short; compiling them costs more than it saves
    "random_page_cost": "1.1",  # solid-state disks
    "work_mem": "32MB",  # roll-ups sort and hash some hundred thousand rows
    "maintenance_work_mem": "256MB",
    "effective_cache_size": "2GB",
    "max_wal_size": "4GB",  # imports should not force checkpoints
    "checkpoint_completion_target": "0.9",
    "shared_buffers": "256MB",
    "idle_in_transaction_session_timeout": "10min",
}

_BY_PROFILE: dict[Profile, dict[str, str]] = {
    "keep": {
        "max_connections": "150",
        "synchronous_commit": "on",  # money: an answered change survives a power cut
        "log_min_duration_statement": "1000",
    },
    "test": {
        "max_connections": "400",  # races of 64 threads, in every test process
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "wal_level": "minimal",
        "max_wal_senders": "0",
        "autovacuum": "off",
        "shared_buffers": "128MB",
    },
}


def run_options(profile: Profile, socket_folder: Path, major: int) -> list[str]:
    """Command-line options for `postgres`."""
    values = _BOTH | _BY_PROFILE[profile] | {"unix_socket_directories": _quoted(socket_folder)}
    if major >= 18 and profile == "test":
        values["io_method"] = "sync"  # no helper processes for a server of small tables
    return [part for key, value in values.items() for part in ("-c", f"{key}={value}")]


def _quoted(folder: Path) -> str:
    """The folder as one entry of a list setting: double quotes keep commas and spaces."""
    return '"' + str(folder).replace('"', '""') + '"'
