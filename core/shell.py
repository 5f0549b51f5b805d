"""The frame around every page: navigation, organisation, period, currency, theme, bell.

Apps fill it from ``AppConfig.ready()``; the context processor ``context`` puts it into
every template as ``shell``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from core import clock
from core.known import PARAMETER, Moment, chosen_moment

GROUPS = ("", "Understand", "Act", "Data")
THEMES = ("light", "dark", "system")
THEME_COOKIE = "adroit_theme"
RAILS = ("narrow", "wide")
RAIL_COOKIE = "adroit_rail"


@dataclass(frozen=True, slots=True)
class NavItem:
    """A place in the rail. ``action`` is the act that must be allowed, or a tuple of which one
    must be; ``badge`` counts what waits; ``shown`` says whether the place is there at all."""

    key: str
    label: str
    icon: str
    url_name: str
    group: str = ""
    order: int = 50
    action: Any = None
    badge: Callable[[HttpRequest], int] | None = None
    shown: Callable[[], bool] | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A rail entry as it is drawn."""

    key: str
    label: str
    icon: str
    url: str
    current: bool
    count: int


@dataclass(frozen=True, slots=True)
class Option:
    """A choice of the top bar's period or currency picker."""

    key: str
    label: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class Bell:
    """How many notifications are unread and where they are."""

    count: int
    url: str


@dataclass(slots=True)
class _Hooks:
    """What the apps registered."""

    nav: dict[str, NavItem] = field(default_factory=dict)
    # Page -> the place that it belongs to.
    pages: dict[str, str] = field(default_factory=dict)
    can: Callable[[Any, Any], bool] | None = None
    organisation: Callable[[HttpRequest], str] | None = None
    role: Callable[[HttpRequest], str] | None = None
    periods: Callable[[HttpRequest], Sequence[Option]] | None = None
    currencies: Callable[[HttpRequest], Sequence[Option]] | None = None
    bell: Callable[[HttpRequest], Bell] | None = None
    notices: list[Callable[[], str]] = field(default_factory=list)


_hooks = _Hooks()


def register_nav(item: NavItem) -> None:
    """Put a place into the rail; the same key again replaces it. Raises for an unknown group."""
    if item.group not in GROUPS:
        raise ValueError(f"unknown navigation group “{item.group}”")
    _hooks.nav[item.key] = item


def register_page(url_name: str, key: str) -> None:
    """Count a page, and what is below its address, to the place ``key`` and not to where it lies."""
    _hooks.pages[url_name] = key


def register_can(check: Callable[[Any, Any], bool]) -> None:
    """``check(user, act)``: whether a person sees the places that need ``act``."""
    _hooks.can = check


def register_organisation(name: Callable[[HttpRequest], str]) -> None:
    _hooks.organisation = name


def register_role(words: Callable[[HttpRequest], str]) -> None:
    """What stands under a person's name in the rail: "Marketing director"."""
    _hooks.role = words


def register_periods(options: Callable[[HttpRequest], Sequence[Option]]) -> None:
    _hooks.periods = options


def register_currencies(options: Callable[[HttpRequest], Sequence[Option]]) -> None:
    _hooks.currencies = options


def register_bell(bell: Callable[[HttpRequest], Bell]) -> None:
    _hooks.bell = bell


def register_notice(text: Callable[[], str]) -> None:
    """A sentence over every page while something about the whole company is not true yet."""
    if text not in _hooks.notices:
        _hooks.notices.append(text)


def chosen(request: HttpRequest, name: str) -> str:
    """The key picked in the top bar (``period`` or ``currency``): from the URL, else the cookie."""
    return request.GET.get(name, "") or request.COOKIES.get(f"adroit_{name}", "")


def theme(request: HttpRequest) -> str:
    """``light``, ``dark`` or ``system``, as the person left it."""
    kept = request.COOKIES.get(THEME_COOKIE, "system")
    return kept if kept in THEMES else "system"


def rail(request: HttpRequest) -> str:
    """``narrow`` or ``wide`` as the person left it, empty when the page decides."""
    kept = request.COOKIES.get(RAIL_COOKIE, "")
    return kept if kept in RAILS else ""


def navigation(request: HttpRequest) -> list[tuple[str, list[Link]]]:
    """The groups of the rail with what this person may open."""
    items = sorted(_hooks.nav.values(), key=lambda item: (item.order, item.label))
    links = [(item.group, link) for item in items if (link := _link(request, item))]
    current = _current([link for _, link in links], request.path)
    groups = [(group, [_marked(k, current) for g, k in links if g == group]) for group in GROUPS]
    return [(group, found) for group, found in groups if found]


def _link(request: HttpRequest, item: NavItem) -> Link | None:
    if item.shown and not item.shown():
        return None
    acts = item.action if isinstance(item.action, tuple) else (item.action,)
    can = _hooks.can
    if item.action is not None and can and not any(can(request.user, act) for act in acts):
        return None
    url = _address(item.url_name)
    if not url:
        return None
    count = item.badge(request) if item.badge else 0
    return Link(item.key, item.label, item.icon, url, False, count)


def _current(links: Sequence[Link], path: str) -> str:
    """The key of the place whose address is the longest beginning of ``path``."""
    shown = {link.key for link in links}
    pages = [(_address(name), key) for name, key in _hooks.pages.items() if key in shown]
    places = [*((link.url, link.key) for link in links), *pages]
    fitting = [(url, key) for url, key in places if path == url or _is_below(path, url)]
    return max(fitting, key=lambda place: len(place[0]))[1] if fitting else ""


def _address(url_name: str) -> str:
    """Where a page is; "" when it is not mounted."""
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""


def _is_below(path: str, url: str) -> bool:
    return url not in {"", "/"} and path.startswith(url)


def _marked(link: Link, current: str) -> Link:
    return Link(link.key, link.label, link.icon, link.url, link.key == current, link.count)


@dataclass
class Shell:
    """Everything the frame shows for one request."""

    theme: str
    live_url: str
    nav: list[tuple[str, list[Link]]]
    organisation: str
    role: str
    ask_periods: Callable[[], Sequence[Option]]
    ask_currencies: Callable[[], Sequence[Option]]
    bell: Bell | None
    search_url: str
    account_url: str
    rail: str = ""
    notices: Sequence[str] = ()
    # What the page is read as of; None on a page whose content has no past.
    moment: Moment | None = None
    # The moment chosen for other pages, which this one does not follow.
    elsewhere: Moment | None = None
    kept: Sequence[tuple[str, str]] = ()

    @cached_property
    def periods(self) -> Sequence[Option]:
        """Asked for only by pages that have a period to choose."""
        return self.ask_periods()

    @cached_property
    def currencies(self) -> Sequence[Option]:
        return self.ask_currencies()

    @property
    def default_crumbs(self) -> list[tuple[str, str]]:
        """The place in the rail, for a page that names no way to itself."""
        return [(link.label, "") for link in self.links if link.current]

    @property
    def account_crumbs(self) -> list[tuple[str, str]]:
        return [("Your account", "")]

    @property
    def period(self) -> Option | None:
        return _picked(self.periods)

    @property
    def currency(self) -> Option | None:
        return _picked(self.currencies)

    @property
    def links(self) -> list[Link]:
        return [link for _, links in self.nav for link in links]

    @property
    def phone_links(self) -> list[Link]:
        """The four places at the bottom of a phone: home first, then what waits for somebody."""
        first = [link for link in self.links if link.key in {"home", "approvals", "alerts"}]
        rest = [link for link in self.links if link not in first]
        return (first + rest)[:4]


def _picked(options: Sequence[Option]) -> Option | None:
    return next((option for option in options if option.current), None)


def _asked(hook: Callable[[HttpRequest], Any] | None, request: HttpRequest, empty: Any) -> Any:
    return hook(request) if hook else empty


def _url_if_mounted(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def build(request: HttpRequest) -> Shell:
    """The frame for a request; a visitor who is not signed in gets only the theme."""
    if not (hasattr(request, "user") and request.user.is_authenticated):
        return Shell(theme(request), "", [], "", "", tuple, tuple, None, "", "")
    return Shell(
        theme=theme(request),
        live_url=_url_if_mounted("live") if settings.LIVE_URL else "",
        nav=navigation(request),
        organisation=_asked(_hooks.organisation, request, ""),
        role=_asked(_hooks.role, request, ""),
        ask_periods=lambda: _asked(_hooks.periods, request, ()),
        ask_currencies=lambda: _asked(_hooks.currencies, request, ()),
        bell=_asked(_hooks.bell, request, None),
        search_url=_url_if_mounted("reporting:search"),
        account_url=_url_if_mounted("mfa_index"),
        rail=rail(request),
        notices=[said for notice in _hooks.notices if (said := notice())],
        moment=(moment := getattr(request, "as_known", None)),
        elsewhere=_elsewhere(request) if moment is None else None,
        kept=_kept(request),
    )


def _elsewhere(request: HttpRequest) -> Moment | None:
    chosen = chosen_moment(request)
    return Moment(chosen) if chosen else None


def _kept(request: HttpRequest) -> list[tuple[str, str]]:
    """What the form of the moment carries along: the page's filters, not its place in a list."""
    own = {PARAMETER, "page", "export"}
    return [(k, v) for k, vs in request.GET.lists() if k not in own for v in vs]


def context(request: HttpRequest) -> Mapping[str, Any]:
    """Template context: ``shell`` (built when first used), ``theme``, ``today``, ``now``, ``zone``."""
    return {
        "shell": SimpleLazyObject(lambda: build(request)),
        "theme": theme(request),
        "today": SimpleLazyObject(_today),
        "now": clock.now(),
        "zone": zone_words(clock.now()),
    }


def zone_words(now: datetime) -> str:
    """The time zone that moments on the page are in: ``Europe/Berlin (CET)``."""
    name, short = timezone.get_current_timezone_name(), timezone.localtime(now).tzname()
    return f"{name} ({short})" if short and short.isalpha() and short != name else name


def _today() -> date:
    return clock.today()
