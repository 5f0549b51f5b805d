"""Reading the same rows once in a piece of work that asks for them from many sides.

For what nothing in that piece of work changes: a request is measured, bound and shown by a
dozen questions that each begin with the lines its payload names. Whoever takes a lock calls
``forget``: what was read before it may have changed while one waited.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

T = TypeVar("T")

_kept: ContextVar[dict[Hashable, Any] | None] = ContextVar("adroit_read_once", default=None)


@contextmanager
def reading_once() -> Iterator[None]:
    """Within (or in a function it decorates) ``once`` reads a thing the first time only."""
    if _kept.get() is not None:
        yield
        return
    before = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(before)


def forget() -> None:
    """Let everything be read anew."""
    kept = _kept.get()
    if kept:
        kept.clear()


def once(key: Hashable, read: Callable[[], T]) -> T:
    """What ``read`` gives; kept under ``key`` while somebody is ``reading_once``."""
    kept = _kept.get()
    if kept is None:
        return read()
    if key not in kept:
        kept[key] = read()
    found: T = kept[key]
    return found
