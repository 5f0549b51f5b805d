"""Looking at pages as people do: light and dark, desk and phone, with every rule a page must keep.

    def test_home(shots: Shots, cast: Cast) -> None:
        shots.sign_in(cast.director)
        shots.visit("/", "home-director")

A visit fails on an error status, a message in the console (the content security policy
speaks there), an accessibility violation, sideways scrolling, or a chart that was not
drawn. Pictures go to $ADROIT_VAR/shots.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page
from playwright.sync_api import Error as PlaywrightError

from config.places import var_folder
from tests.sign_in import signed_in

THEMES = ("light", "dark")
WIDTHS = (1440, 390)
HEIGHTS = {1440: 900, 390: 844}
AXE = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
CONTRAST = {"resultTypes": ["violations"], "runOnly": ["color-contrast"]}
GO_DARK = """document.querySelector("[data-theme-choice=dark]").click()"""
GO_LIGHT = """document.querySelector("[data-theme-choice=light]").click()"""
READY = """() => document.fonts.status === "loaded"
    && (!document.querySelector("[data-chart]") || document.documentElement.dataset.charts === "drawn")"""
TOO_WIDE = """() => [...document.querySelectorAll("body *")]
    .filter((e) => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1 && !e.closest(".table-scroll, .sheet-scroll, .scroll-x, .rail"))
    .slice(0, 5).map((e) => `${e.tagName}.${e.getAttribute("class")}`)"""


def shots_folder() -> Path:
    folder = var_folder(os.environ) / "shots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@dataclass
class Shots:
    """One person at a browser. ``base`` is the address of the running pages."""

    browser: Browser
    base: str
    cookies: list[dict[str, Any]] = field(default_factory=list)

    def sign_in(self, user: Any) -> None:
        """Be ``user`` from now on, as after a finished sign-in."""
        client = signed_in(user)
        name = settings.SESSION_COOKIE_NAME
        self.cookies = [{"name": name, "value": client.cookies[name].value, "url": self.base}]

    def sign_out(self) -> None:
        self.cookies = []

    @contextmanager
    def page(self, *, theme: str = "light", width: int = 1440) -> Iterator[Page]:
        """A page to click on; fails afterwards when the console said something."""
        with self._window(width, theme) as (page, said):
            yield page
        assert not said, f"the console says at {width} px, {theme}: {said}"

    def _context(self, theme: str, width: int) -> BrowserContext:
        context = self.browser.new_context(
            viewport={"width": width, "height": HEIGHTS.get(width, 900)},
            device_scale_factor=2 if width < 600 else 1,
            has_touch=width < 600,
            color_scheme=theme,  # type: ignore[arg-type]
            reduced_motion="reduce",
            base_url=self.base,
        )
        # Two tests share two processors with a database and a browser each.
        context.set_default_timeout(60_000)
        theme_cookie = {"name": "adroit_theme", "value": theme, "url": self.base}
        context.add_cookies([*self.cookies, theme_cookie])  # type: ignore[list-item]
        return context

    def visit(
        self,
        path: str,
        name: str,
        *,
        themes: Sequence[str] = THEMES,
        widths: Sequence[int] = WIDTHS,
        status: int = 200,
    ) -> None:
        """Open ``path`` in every theme and width, check all the rules and keep the pictures."""
        for theme in themes:
            for width in widths:
                with self.page(theme=theme, width=width) as page:
                    answer = page.goto(path)
                    assert answer is not None
                    assert answer.status == status, f"{path}: {answer.status}"
                    self.look(page, f"{name}-{theme}-{width}")

    def tour(self, path: str, name: str) -> None:
        """Both themes and both widths of ``path`` with one load for each width."""
        wrong = self.tour_all([(path, name)])
        assert not wrong, "\n".join(wrong)

    def tour_all(self, paths: Iterable[tuple[str, str]]) -> list[str]:
        """Look at every (path, name) in one window for each width; what was wrong, page by page.

        The theme is changed on the page, as a person does. It changes colours only, so the
        dark look asks axe for contrast alone, and at the desk's width alone.
        """
        wrong = list[str]()
        with ExitStack() as stack:
            windows = {width: stack.enter_context(self._window(width)) for width in WIDTHS}
            for path, name in paths:
                for width, (page, said) in windows.items():
                    try:
                        self._look_both_ways(page, path, name, width)
                    except (AssertionError, PlaywrightError) as error:
                        wrong.append(f"{path} at {width} px: {error}")
                    wrong += [f"{path} at {width} px, the console: {line}" for line in said]
                    said.clear()
        return wrong

    def _look_both_ways(self, page: Page, path: str, name: str, width: int) -> None:
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, f"{path}: {answer.status}"
        page.evaluate(GO_LIGHT)
        self.look(page, f"{name}-light-{width}")
        page.evaluate(GO_DARK)
        self.look(page, f"{name}-dark-{width}", rules=CONTRAST if width == WIDTHS[0] else None)

    @contextmanager
    def _window(self, width: int, theme: str = "light") -> Iterator[tuple[Page, list[str]]]:
        """A window that stays open from page to page, and what its console has said."""
        context = self._context(theme, width)
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda message: _keep(message, said))
        page.on("pageerror", lambda error: said.append(str(error)))
        try:
            yield page, said
        finally:
            context.close()

    def look(self, page: Page, name: str, *, rules: dict[str, Any] | None = AXE) -> None:
        """Check what is on the page now and keep a picture of it; no rules of axe for None."""
        page.wait_for_function(READY)
        # The picture first: it is what helps when a rule is broken. Without "initial" the
        # browser hides the caret by an inline style, which the policy reports.
        page.screenshot(path=shots_folder() / f"{name}.png", full_page=True, caret="initial")
        wide = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert wide <= 0, f"{name} scrolls sideways by {wide} px: {page.evaluate(TOO_WIDE)}"
        assert not empty_charts(page), f"{name}: charts without a picture"
        broken = violations(page, rules) if rules else []
        assert not broken, f"{name}:\n" + "\n".join(broken)


def _keep(message: ConsoleMessage, said: list[str]) -> None:
    if message.type in {"error", "warning"}:
        said.append(f"{message.text} ({message.location.get('url', '')})")


def empty_charts(page: Page) -> int:
    return int(
        page.evaluate(
            "[...document.querySelectorAll('[data-chart]')].filter((c) => c.offsetParent && !c.querySelector('svg path, svg rect')).length"
        )
    )


def violations(page: Page, rules: dict[str, Any] = AXE) -> list[str]:
    """What axe finds, one line each: rule, how often, the first places."""
    found = Axe().run(page, options=rules).response["violations"]
    return [
        f"{v['id']} ×{len(v['nodes'])}: {[node['target'][0] for node in v['nodes'][:4]]} {v['nodes'][0]['failureSummary'][:300]}"
        for v in found
    ]
