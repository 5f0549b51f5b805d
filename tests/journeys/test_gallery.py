"""The gallery: every component in light and dark, at desk and phone width, and what it does when used."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.cast import Cast
from tests.journeys.shots import THEMES, WIDTHS, Shots

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
GALLERY = "/look/gallery/"


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_every_component_keeps_the_rules(shots: Shots, cast: Cast, theme: str, width: int) -> None:
    shots.sign_in(cast.director)
    shots.visit(GALLERY, "gallery", themes=[theme], widths=[width])


def test_sign_in_keeps_the_rules(shots: Shots) -> None:
    shots.visit("/accounts/login/", "sign-in")
    shots.visit("/accounts/password/reset/", "password-reset", themes=["dark"])


def open_gallery(page: Page) -> None:
    page.goto(GALLERY)
    page.wait_for_function("() => document.documentElement.dataset.charts === 'drawn'")


def test_a_chart_has_a_table_twin(shots: Shots, cast: Cast) -> None:
    shots.sign_in(cast.director)
    with shots.page() as page:
        open_gallery(page)
        page.click("#trend [data-chart-table]")
        assert page.locator("#trend table tbody tr").count() == 52
        assert page.locator("#trend table tbody tr").first.is_visible()
        assert page.locator("#trend [data-chart]").is_hidden()


def test_a_table_is_ordered_searched_and_cut_without_leaving_the_page(
    shots: Shots, cast: Cast
) -> None:
    shots.sign_in(cast.director)
    with shots.page() as page:
        open_gallery(page)
        page.evaluate("window.stays = true")
        page.click("#channels th a:has-text('ROAS')")
        page.wait_for_url("**sort=-roas**")
        assert page.locator("#channels tbody tr").first.inner_text().startswith("Email & CRM")
        page.fill("#channels input[type=search]", "paid")
        page.wait_for_url("**q=paid**")
        assert page.locator("#channels tbody tr").count() == 2
        page.click("[popovertarget=channels-menu]")
        page.uncheck("#channels-menu input[value=revenue]")
        page.wait_for_url("**cols=**")
        assert page.locator("#channels thead").inner_text().count("Revenue") == 0
        assert page.evaluate("window.stays")


def test_rows_are_reached_and_ticked_by_keyboard(shots: Shots, cast: Cast) -> None:
    shots.sign_in(cast.director)
    with shots.page() as page:
        open_gallery(page)
        page.locator("#creatives tbody tr").first.focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press(" ")
        assert page.locator("#creatives tbody tr.is-ticked").count() == 1
        assert page.locator("#creatives .bulk-bar").inner_text().startswith("1 selected")


def test_a_filter_stands_in_the_address_and_can_be_taken_off(shots: Shots, cast: Cast) -> None:
    shots.sign_in(cast.director)
    with shots.page() as page:
        page.goto(f"{GALLERY}?sort=-roas")
        page.select_option(".filter-bar select >> nth=0", "shopping")
        page.wait_for_url("**channel=shopping**")
        assert "sort=-roas" in page.url
        assert "name=" not in page.url
        page.click(".filter-chip")
        page.wait_for_url(lambda url: "channel" not in url)


def test_a_dark_page_is_dark_from_the_first_paint(shots: Shots, cast: Cast) -> None:
    shots.sign_in(cast.director)
    with shots.page(theme="light") as page:
        open_gallery(page)
        before = page.locator("#trend [data-chart] svg").inner_html()
        page.click("[popovertarget=theme-menu]")
        page.click("#theme-menu [data-theme-choice=dark]")
        assert page.locator("#trend [data-chart] svg").inner_html() != before
        answer = page.request.get(GALLERY).text()
        assert '<html lang="en-GB" data-theme="dark">' in answer


def test_a_question_is_asked_before_what_matters(shots: Shots, cast: Cast) -> None:
    shots.sign_in(cast.director)
    with shots.page() as page:
        open_gallery(page)
        page.evaluate(
            "document.addEventListener('click', (e) => { if (e.target.closest('[data-confirm]')) window.done = true })"
        )
        page.click("[data-confirm-reason]")
        assert page.locator("#confirm").is_visible()
        assert "Reject this move?" in page.locator("#confirm").inner_text()
        page.keyboard.press("Escape")
        assert page.evaluate("window.done") is None
        page.click("[data-confirm-reason]")
        page.click("#confirm [value=ok]")
        assert page.locator("#confirm").is_visible(), "a reason is wanted first"
        page.fill("#confirm textarea", "too risky")
        page.click("#confirm [value=ok]")
        page.wait_for_function("() => window.done")


def test_long_work_turns_into_its_result(shots: Shots, cast: Cast) -> None:
    shots.sign_in(cast.director)
    with shots.page() as page:
        open_gallery(page)
        page.wait_for_selector("#work >> text=45,000 rows were read")


LISTEN = "window.EventSource = class { addEventListener(_, hear) { window.tell = (subjects) => hear({ data: JSON.stringify({ subjects }) }) } close() {} }"


def test_a_part_is_fetched_again_when_the_stream_names_its_subject(
    shots: Shots, cast: Cast, settings: Any
) -> None:
    settings.LIVE_URL = "/live"
    shots.sign_in(cast.director)
    with shots.page() as page:
        page.add_init_script(LISTEN)
        open_gallery(page)
        page.evaluate("document.querySelector('#live-sample').dataset.old = '1'")
        page.evaluate("tell(['campaign:7'])")
        page.wait_for_timeout(1300)
        assert page.locator("#live-sample[data-old]").count() == 1
        with page.expect_request(lambda request: request.headers.get("hx-request") == "true"):
            page.evaluate("tell(['gallery']); tell(['gallery', 'alerts'])")
        page.wait_for_selector("#live-sample[data-updated]")
        assert page.locator("#live-sample[data-old]").count() == 0
