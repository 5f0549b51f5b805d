"""Saved views in the filter bar: the people's room says which there are for a list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class SavedLink:
    """A kept view of this list: where it opens, and whose it is when shared by somebody else."""

    label: str
    url: str
    current: bool = False
    by: str = ""
    is_default: bool = False


@dataclass(frozen=True, slots=True)
class SavedViews:
    """What the filter bar offers: the views, where to save this one, where to change the open one."""

    links: Sequence[SavedLink]
    save_url: str
    edit_url: str = ""
    is_changed: bool = False

    @property
    def label(self) -> str:
        """The open view, with a mark when the list has moved on from it."""
        name = next((link.label for link in self.links if link.current), "")
        return f"{name} (changed)" if name and self.is_changed else name or "Views"


Provider = Callable[[HttpRequest], SavedViews | None]
_providers: list[Provider] = []


def register_saved_views(provider: Provider) -> None:
    """Say who knows the views of a list; None for a page that has none."""
    _providers[:] = [provider]


def saved_views(request: HttpRequest | None) -> SavedViews | None:
    """The views of the list a request shows."""
    return _providers[0](request) if _providers and request is not None else None
