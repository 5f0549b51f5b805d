"""The message queue when no broker is given: one file per message in one folder.

kombu's own file transport writes a message in place, so a reader can take it half
written and lose it. Here a message appears under its name only when it is whole,
is taken by a rename inside the folder, and what a killed reader had taken is put back.
"""

import fcntl
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import filesystem
from kombu.transport.virtual import BrokerState
from kombu.utils.json import dumps, loads

WAITING, WRITING, TAKEN = ".msg", ".writing", ".taken"
ABANDONED_SECONDS = 60


class Channel(filesystem.Channel):
    """kombu's channel with whole messages only."""

    def _put(self, queue: str, payload: Any, **_: Any) -> None:
        name = f"{time.time_ns()}_{uuid.uuid4().hex}.{queue}"
        writing = self._folder / (name + WRITING)
        writing.write_text(dumps(payload), encoding="utf-8")
        writing.rename(self._folder / (name + WAITING))

    def _get(self, queue: str) -> Any:
        for waiting in self._waiting(queue):
            taken = waiting.with_suffix(TAKEN)
            try:
                waiting.rename(taken)
            except FileNotFoundError:
                continue  # another worker was faster
            payload = loads(taken.read_text(encoding="utf-8"))
            taken.unlink()
            return payload
        raise Empty

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        """Note which queue an exchange feeds, in a table that readers always find whole."""
        file = self._exchange_file(exchange)
        self.control_folder.mkdir(parents=True, exist_ok=True)
        with (self.control_folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            entry = [routing_key or "", pattern or "", queue or ""]
            table = [list(row) for row in self.get_table(exchange)]
            if entry not in table:
                writing = file.with_suffix(WRITING)
                writing.write_text(dumps([entry, *table]), encoding="utf-8")
                writing.rename(file)

    def _size(self, queue: str) -> int:
        return sum(1 for _ in self._waiting(queue))

    def _purge(self, queue: str) -> int:
        waiting = list(self._waiting(queue))
        for path in waiting:
            path.unlink(missing_ok=True)
        return len(waiting)

    def _waiting(self, queue: str) -> Iterator[Path]:
        """The queue's messages, oldest first."""
        ending = f".{queue}{WAITING}"
        waiting = sorted(path for path in self._folder.iterdir() if path.name.endswith(ending))
        return iter(waiting)

    @property
    def _folder(self) -> Path:
        return Path(self.data_folder_out)


class Transport(filesystem.Transport):
    Channel = Channel
    driver_type = "filesystem"
    driver_name = "filesystem"
    # There is no host; with a name here kombu warns that none was given.
    default_connection_params: dict[str, Any] = {}

    def __init__(self, client: Any, **options: Any) -> None:
        """kombu keeps one state per process; two folders in one process need two."""
        super().__init__(client, **options)
        self.state = BrokerState()

    def establish_connection(self) -> Any:
        put_back_abandoned(Path(self.client.transport_options["data_folder_out"]), time.time())
        return super().establish_connection()


def put_back_abandoned(folder: Path, now: float) -> int:
    """Return to the queue what a reader took and never finished reading.

    Taking and reading are microseconds apart, so a file that stays taken for
    ABANDONED_SECONDS belonged to a reader that was killed in between.
    """
    count = 0
    for taken in folder.glob(f"*{TAKEN}"):
        if now - taken.stat().st_ctime > ABANDONED_SECONDS:
            taken.rename(taken.with_suffix(WAITING))
            count += 1
    return count
