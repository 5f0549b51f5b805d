"""The frame: who sees which place, which one is current, what the top bar remembers."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.test import RequestFactory, override_settings
from django.urls import path

from core import search, shell
from core.shell import Bell, NavItem, Option

urlpatterns = [
    path("", lambda r: None, name="home"),  # type: ignore[arg-type, return-value]
    path("campaigns/", lambda r: None, name="campaigns"),  # type: ignore[arg-type, return-value]
    path("campaigns/board/", lambda r: None, name="board"),  # type: ignore[arg-type, return-value]
    path("campaigns/file/", lambda r: None, name="file"),  # type: ignore[arg-type, return-value]
]


class Person:
    is_authenticated = True
    acts: frozenset[str] = frozenset({"see"})


@pytest.fixture(autouse=True)
def hooks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(shell, "_hooks", shell._Hooks())
    monkeypatch.setattr(search, "_providers", [])
    with override_settings(ROOT_URLCONF=__name__):
        shell.register_can(lambda user, act: act in user.acts)
        shell.register_nav(NavItem("board", "Board", "home", "board", "Act", 10))
        shell.register_nav(
            NavItem("campaigns", "Campaigns", "home", "campaigns", order=20, badge=lambda _: 3)
        )
        shell.register_nav(NavItem("home", "Home", "home", "home", order=10))
        shell.register_nav(NavItem("secret", "Secret", "home", "home", order=30, action="rule"))
        shell.register_nav(NavItem("gone", "Not mounted", "home", "no-such-url", order=40))
        yield


def ask(url: str, user: Any = None, **cookies: str) -> HttpRequest:
    request: Any = RequestFactory().get(url)
    request.user = user or Person()
    request.COOKIES.update(cookies)
    made: HttpRequest = request
    return made


def test_the_rail_holds_what_a_person_may_open_in_order() -> None:
    groups = shell.build(ask("/")).nav
    assert [(group, [link.key for link in links]) for group, links in groups] == [
        ("", ["home", "campaigns"]),
        ("Act", ["board"]),
    ]
    assert groups[0][1][1].count == 3


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("/", "home"),
        ("/campaigns/", "campaigns"),
        ("/campaigns/12/", "campaigns"),
        ("/campaigns/board/x/", "board"),
    ],
)
def test_the_longest_fitting_address_is_current(url: str, key: str) -> None:
    assert [link.key for link in shell.build(ask(url)).links if link.current] == [key]


def test_a_page_may_belong_to_a_place_below_which_it_does_not_lie() -> None:
    def current() -> list[str]:
        return [
            link.key for link in shell.build(ask("/campaigns/file/rows/")).links if link.current
        ]

    assert current() == ["campaigns"]
    shell.register_page("file", "board")
    shell.register_page("no-such-url", "home")
    assert current() == ["board"]
    # Who may not open that place stays where the page lies.
    shell.register_page("file", "secret")
    assert current() == ["campaigns"]


def test_a_visitor_gets_an_empty_frame_in_their_theme() -> None:
    frame = shell.build(ask("/", AnonymousUser(), adroit_theme="dark"))
    assert (frame.theme, frame.nav, frame.live_url) == ("dark", [], "")


def test_a_theme_we_do_not_know_is_the_systems() -> None:
    assert shell.theme(ask("/", adroit_theme="<script>")) == "system"


def test_a_choice_comes_from_the_address_before_the_cookie() -> None:
    assert shell.chosen(ask("/?period=2026-Q3", adroit_period="2026-Q4"), "period") == "2026-Q3"
    assert shell.chosen(ask("/", adroit_period="2026-Q4"), "period") == "2026-Q4"
    assert shell.chosen(ask("/"), "currency") == ""


def test_the_top_bar_is_filled_by_who_knows() -> None:
    shell.register_organisation(lambda _: "Tarn & Fell")
    shell.register_role(lambda _: "Marketing director")
    shell.register_periods(lambda _: [Option("q3", "Q3 2026"), Option("q4", "Q4 2026", True)])
    shell.register_currencies(lambda _: [])
    shell.register_bell(lambda _: Bell(2, "/n/"))
    frame = shell.build(ask("/"))
    assert (frame.organisation, frame.role, frame.currency) == (
        "Tarn & Fell",
        "Marketing director",
        None,
    )
    assert frame.period == Option("q4", "Q4 2026", True)
    assert frame.bell == Bell(2, "/n/")


def test_an_unknown_group_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown navigation group"):
        shell.register_nav(NavItem("x", "X", "home", "home", group="Misc"))


def test_search_gathers_hits_by_kind_and_asks_nobody_for_nothing() -> None:
    asked: list[str] = []

    def provider(user: Any, text: str, limit: int) -> list[search.Hit]:
        asked.append(text)
        return [search.Hit("Campaign", f"{text} {i}", "", "/") for i in range(limit)]

    search.register(provider)
    search.register(provider)
    assert len(search.find(None, " alp ", limit=2)["Campaign"]) == 2
    assert search.find(None, "  ") == {}
    assert asked == ["alp"]
