"""The plan edited like a spreadsheet in a real browser: typing, pasting, undoing, saving, 2,000 lines."""

from __future__ import annotations

from datetime import date
from statistics import median
from typing import Any

import pytest
from playwright.sync_api import Dialog, Page

from approvals.models import ChangeRequest
from budgets.models import BudgetLine, LedgerAccount, LedgerTransaction
from core import clock
from tests.budgets.test_grid import make_lines
from tests.budgets.world import DEC, World, create_world, move, rate
from tests.cast import Cast
from tests.journeys.shots import Shots

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

GRID = "[role=grid]"
PASTE = """([text]) => {
    const data = new DataTransfer();
    data.setData("text/plain", text);
    document.querySelector("[role=grid]").dispatchEvent(
        new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""
# A screen of scrolling for each frame: how long scripts and layout took in it, and how many rows
# there are. The frame is timed from its own beginning, so that waiting for a busy machine's picture
# does not count; the listener stands behind the grid's own, so its drawing is inside.
SCROLL = """async () => {
    const box = document.querySelector(".plan-scroll");
    const times = [], rows = [];
    for (let step = 0; step < 60; step += 1) {
        const frame = new Promise((done) => box.addEventListener("scroll", () => {
            const began = performance.now();
            requestAnimationFrame(() => {
                box.querySelector(".plan-row").getBoundingClientRect();
                done(performance.now() - began);
            });
        }, { once: true }));
        box.scrollTop += 1200;
        times.push(await frame);
        rows.push(document.querySelectorAll(".plan-body [role=row]").length);
    }
    return { times, rows: Math.max(...rows), at: box.scrollTop };
}"""


@pytest.fixture
def world(cast: Cast) -> World:
    made = create_world(cast)
    rate("GBP", "EUR", "1.1628", date(2026, 1, 1))
    return made


def open_grid(page: Page, query: str = "") -> None:
    page.goto(f"/budgets/grid/{query}")
    page.wait_for_selector("[data-plan-ready]")


def go_to(page: Page, name: str, month: int) -> None:
    """Make the cell of a line and a month (0 for the first) the active one."""
    row = page.locator(
        ".plan-body [role=row]", has=page.locator(f"[role=rowheader]:has-text('{name}')")
    )
    row.first.locator("[role=gridcell]").nth(month).click()


@pytest.mark.feature("2.1", "2.2")
def test_the_plan_is_typed_pasted_undone_and_saved(shots: Shots, world: World, cast: Cast) -> None:
    # Open months whatever the day is: the year of the test's clock ends in December.
    months = [m for m in ("2026-11", "2026-12") if m >= clock.today().isoformat()[:7]]
    if not months:
        pytest.skip("the year of the test's plan is over")
    shots.sign_in(cast.director)
    with shots.page() as page:
        open_grid(page)
        _edit_and_undo(page)
        _sums_and_slips(page)
        _paste_a_block(page)
        _undo_a_bad_paste(page)
        _save(page)
    asked = ChangeRequest.objects.get()
    held = LedgerAccount.objects.get(
        budget_line=world.shopping, month="2026-12", campaign_line=world.winter_shopping
    )
    assert held.balance_micros == 160_000_000_000
    assert LedgerTransaction.objects.filter(reason="Peak weeks").count() == 1
    amounts = {(m["budget_line"], m["amount_micros"]) for m in asked.payload["moves"]}
    assert amounts == {
        (world.shopping.pk, 34_567_500_000), (world.display.pk, 1_500_000_000),
    }  # fmt: skip


def _edit_and_undo(page: Page) -> None:
    go_to(page, "Shopping DE", 11)
    page.keyboard.type("250000")
    page.keyboard.press("Enter")
    cell = page.locator(".plan-cell.is-edited").first
    assert cell.inner_text().split() == ["250,000", "was", "200,000"]
    assert "+50,000" in page.locator("[data-plan-count]").inner_text()
    total = page.locator(".plan-all [role=gridcell]").nth(11)
    assert total.inner_text() == "350,000"
    page.keyboard.press("Control+z")
    assert page.locator(".plan-cell.is-edited").count() == 0
    assert total.inner_text() == "300,000"
    page.keyboard.press("Control+y")
    assert page.locator(".plan-cell.is-edited").count() == 1
    page.keyboard.press("Control+z")
    go_to(page, "Shopping DE", 9)
    page.keyboard.press("Enter")
    assert "is over" in page.locator("[data-plan-note]").inner_text()


def _sums_and_slips(page: Page) -> None:
    """A sum is worked out, "90k" is read, and a slip stays where it was typed, with its reason."""
    value, note = page.locator("[data-plan-value]"), page.locator("[data-plan-note]")
    for typed, shown in (("=200000*1.05+500", "210,500"), ("90k", "90,000"), ("=1/3", "0.33")):
        go_to(page, "Shopping DE", 11)
        page.keyboard.type(typed)
        page.keyboard.press("Enter")
        page.keyboard.press("ArrowUp")
        assert value.inner_text() == f"EUR {shown}"
        page.keyboard.press("Control+z")
    page.keyboard.type("=200000*")
    page.keyboard.press("Enter")
    assert "cannot be worked out" in note.inner_text()
    assert value.inner_text() == "EUR 200,000"
    assert page.locator(".plan-cell.is-wrong").count() == 1
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+z")
    assert page.locator(".plan-cell.is-wrong, .plan-cell.is-edited").count() == 0


def _paste_a_block(page: Page) -> None:
    """Three rows of three months with German marks; shut months keep what they had."""
    go_to(page, "Shopping DE", 9)
    block = "1\t165.000,00\t234.567,50\n2\t80.000,00\t1.000,00\n3\t124 000\t€101.500,00\n"
    page.evaluate(PASTE, [block])
    shown = page.locator(".plan-cell.is-edited").all_inner_texts()
    assert any("234,567.50" in text for text in shown)
    assert any("101,500" in text for text in shown)
    assert all("was" in text for text in shown)
    page.keyboard.press("Control+z")
    assert page.locator(".plan-cell.is-edited").count() == 0


def _undo_a_bad_paste(page: Page) -> None:
    """A paste of which nothing was an amount is one step: undo takes its marks, and nothing before."""
    go_to(page, "Shopping DE", 11)
    page.keyboard.type("250000")
    page.keyboard.press("Enter")
    go_to(page, "Display DE", 11)
    page.evaluate(PASTE, ["soon"])
    assert page.locator(".plan-cell.is-wrong").count() == 1
    page.keyboard.press("Control+z")
    assert page.locator(".plan-cell.is-wrong").count() == 0
    assert page.locator(".plan-cell.is-edited").count() == 1
    page.evaluate(PASTE, ["1000\nsoon"])
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    assert page.locator(".plan-cell.is-wrong, .plan-cell.is-edited").count() == 0


def _save(page: Page) -> None:
    go_to(page, "Shopping DE", 11)
    page.keyboard.type("234567.50")
    page.keyboard.press("Enter")
    go_to(page, "Display DE", 11)
    page.keyboard.type("101500")
    page.keyboard.press("Tab")
    page.check("[name=parts]")
    go_to(page, "Winter Shopping", 11)
    page.keyboard.press("F2")
    page.keyboard.press("Control+a")
    page.keyboard.type("160.000,00")
    page.keyboard.press("Enter")
    page.fill("[name=reason]", "Peak weeks")
    page.click("text=Review and save")
    page.wait_for_selector("#plan-review[open]")
    assert "takes effect at once" in page.locator("#plan-review").inner_text()
    page.click("[data-plan-save]")
    page.wait_for_selector("[data-plan-last]:not([hidden])")
    assert page.locator(".plan-cell.is-edited").count() == 0


@pytest.mark.feature("2.1")
def test_two_thousand_lines_scroll_without_lag(shots: Shots, world: World, cast: Cast) -> None:
    make_lines(world.year, world.shopping, 2_000)
    shots.sign_in(cast.director)
    with shots.page() as page:
        open_grid(page)
        found: dict[str, Any] = page.evaluate(SCROLL)
        assert found["at"] > 50_000
        assert found["rows"] < 100
        assert median(found["times"]) < 50, sorted(found["times"])
        page.focus(GRID)
        page.keyboard.press("Control+End")
        active = page.locator(".plan-cell.is-active")
        assert int(active.locator("xpath=..").get_attribute("aria-rowindex") or 0) > 2_000
        page.keyboard.press("Control+Home")
        page.fill("[name=find]", "line 1999")
        assert page.locator(".plan-body [role=rowheader]", has_text="Line 1999").count() == 1
    assert BudgetLine.objects.count() == 2_003


@pytest.mark.feature("2.1")
def test_unsaved_changes_are_not_lost(shots: Shots, world: World, cast: Cast) -> None:
    shots.sign_in(cast.manager)
    with shots.page() as page:
        open_grid(page)
        go_to(page, "Shopping DE", 11)
        page.keyboard.type("1")
        page.keyboard.press("Enter")
        asked: list[str] = []

        def stay(box: Dialog) -> None:
            asked.append(box.type)
            box.dismiss()

        page.on("dialog", stay)
        page.close(run_before_unload=True)
        page.wait_for_timeout(300)
        assert asked == ["beforeunload"]


@pytest.mark.feature("2.1")
def test_the_grid_is_seen_by_everybody(shots: Shots, world: World, cast: Cast) -> None:
    shots.sign_in(cast.director)
    shots.visit("/budgets/grid/", "budget-grid")
    move(world, cast.manager, 4, at=clock.now())
    shots.visit(f"/budgets/?cell={world.shopping.pk}/{DEC}", "budget-centre-new")
    shots.visit("/budgets/?period=FY2026", "budget-centre-year", themes=["light"])
    shots.visit("/budgets/lines/", "budget-lines", themes=["light"])
    shots.visit("/budgets/history/", "budget-history", themes=["light"])
    shots.visit("/imports/budget-sheet/", "budget-sheet", themes=["light"])
    with shots.page(theme="dark", width=390) as page:
        open_grid(page)
        go_to(page, "Shopping DE", 11)
        page.keyboard.type("250000")
        page.keyboard.press("Enter")
        shots.look(page, "budget-grid-edited-phone")
    with shots.page() as page:
        open_grid(page, "?by=team")
        page.check("[name=parts]")
        go_to(page, "Shopping DE", 11)
        page.keyboard.type("250000")
        page.keyboard.press("Enter")
        shots.look(page, "budget-grid-edited")
