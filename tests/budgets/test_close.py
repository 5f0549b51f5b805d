"""Closing a month: everything open is dealt with in one approved batch, then nothing of it changes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event as Event_
from time import sleep
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from approvals.models import ChangeRequest
from budgets.choices import OrderKind, OrderState
from budgets.models import Holding, LedgerEntry, LedgerTransaction, MonthClose, Order, OrderLine
from budgets.rules.closing import Account, Held, LineMonth, Treatment, settle
from budgets.selectors.closing import fiscal_month, month_items
from budgets.services import commitments
from budgets.services.closing import month_close
from budgets.services.commitments import Change
from core.errors import Conflict, Invalid, NotAllowed
from core.events import SYSTEM
from core.invariants import check_all
from core.models import Event
from tests.approvals.test_api import Api
from tests.budgets.closing import OCT, asked, close, closed_before, order
from tests.budgets.test_pages import open_page, send, text
from tests.budgets.world import AT, DEC, NOV, World, create_world, decide, execute, k, plan
from tests.cast import Cast, create_cast
from tests.world import load_steady

pytestmark = [pytest.mark.usefixtures("at"), pytest.mark.feature("2.1")]
T = Treatment


@pytest.fixture
def at() -> Any:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def october(world: World, cast: Cast) -> World:
    """100k planned for Shopping DE, 52k spent; 20k ordered and 8k held by a placeholder."""
    closed_before(world)
    plan(world.shopping, OCT, 60, world.winter_shopping)
    load_steady(world.winter_shopping, "2026-10-01", 26, spend="2000")
    return world


def both(request: ChangeRequest, cast: Cast, second: User) -> ChangeRequest:
    """Decided by an executive, where the amount asks for it by finance too, and carried out."""
    decided = decide(request, cast.executive)
    return execute(decide(request, second) if decided.state == "open" else decided)


def test_what_is_open_is_listed_with_what_is_proposed(october: World, cast: Cast) -> None:
    order(cast, october.shopping, 20)
    page = open_page(cast.auditor, "budgets:close")
    assert page.context["month"].key == OCT
    (row,) = page.context["order_rows"]
    assert (row.item.left.micros, row.item.is_overdue) == (k(20), True)
    (line,) = page.context["line_rows"]
    assert line.item.settled.rest == k(28)
    assert line.item.month.treatment == T.ROLL
    shown = text(page)
    for words in ("1 order expected by its end", "of 6 complete", "0 of 2 signed"):
        assert words in shown
    assert "has 5 days without data" in shown
    seen = open_page(cast.manager, "budgets:close")
    assert seen.context["form"] is None
    assert [r.item.line.name for r in seen.context["line_rows"]] == ["Shopping DE"]
    other = open_page(cast.other_director, "budgets:close")
    assert other.context["line_rows"] == []
    for user in (cast.executive, cast.director, cast.manager, cast.analyst, cast.admin):
        assert send(user, "budgets:close-ask", month=OCT, reason="x").status_code == 403


def test_where_no_money_moves_one_person_closes(october: World, cast: Cast) -> None:
    done = send(
        cast.auditor, "budgets:close-ask", month=OCT, reason="Month-end", all_unspent="leave"
    )
    assert done.status_code == 302
    row = MonthClose.objects.get(month=OCT)
    assert (row.closed_by_name, row.request_id) == ("Ben Okafor", None)
    assert Event.objects.get(action="month.closed").reason == "Month-end"
    assert not ChangeRequest.objects.exists()
    page = open_page(cast.auditor, "budgets:close", month=OCT)
    assert page.context["title"] == "Oct 2026 is closed"
    assert page.context["form"] is None
    again = send(cast.auditor, "budgets:close-ask", month=OCT, reason="x")
    assert again.status_code == 422
    centre = open_page(cast.director, "budgets:centre")
    assert centre.context["sheet"].months[0].note == "closed"


def test_the_batch_is_one_request_and_happens_together(
    october: World, cast: Cast, auditor2: User
) -> None:
    film = order(cast, october.shopping, 20)
    held = order(cast, october.shopping, 8, kind=OrderKind.PLACEHOLDER, number=1002)
    request = asked(cast.auditor)
    # 20k go along with the order, 8k are let go, and with 20k less the rest is 28k.
    assert request.own_micros == k(20) + k(8) + k(28)
    assert request.title == "Close Oct 2026"
    with pytest.raises(Conflict, match="asks to close Oct 2026 already"):
        close(cast.auditor)
    with pytest.raises(NotAllowed):
        decide(request, cast.auditor)
    assert both(request, cast, auditor2).state == "executed"
    assert MonthClose.objects.get(month=OCT).request_id == request.pk
    # What was spent stays planned in October; everything else went on.
    assert october.balance(october.shopping, OCT) + october.balance(
        october.shopping, OCT, october.winter_shopping
    ) == k(52)
    nov = sum(
        october.balance(october.shopping, NOV, part)
        for part in (None, october.winter_shopping, october.winter_feed)
    )
    assert nov == k(165 + 48)
    sums = {h.month: (h.reserved_micros, h.committed_micros) for h in Holding.objects.all()}
    assert sums == {OCT: (0, 0), NOV: (0, k(20))}
    film.refresh_from_db()
    assert film.month == NOV
    assert Order.objects.get(pk=held.order_id).state == OrderState.CLOSED
    assert [held for held in check_all() if not held.is_kept] == []


def test_an_approver_reads_where_money_goes_and_no_sum_of_unlike_things(
    october: World, cast: Cast
) -> None:
    order(cast, october.shopping, 20)
    page = open_page(cast.executive, "approvals:request", asked(cast.auditor).pk)
    assert "What becomes of open money" in text(page)
    assert "goes to the next month" in text(page)
    assert "The total changes" not in text(page)


def test_an_accrual_and_a_release_stay_in_the_year(
    october: World, cast: Cast, auditor2: User
) -> None:
    film = order(cast, october.shopping, 20)
    request = asked(
        cast.auditor, orders={film.pk: T.ACCRUE}, lines={october.shopping.pk: T.RELEASE}
    )
    # While it waits the page shows what was asked for, not what would be proposed.
    page = open_page(cast.auditor, "budgets:close", month=OCT)
    assert [row.item.held.treatment for row in page.context["order_rows"]] == [T.ACCRUE]
    assert both(request, cast, auditor2).state == "executed"
    row = Holding.objects.get(month=OCT)
    assert (row.committed_micros, row.accrued_micros) == (0, k(20))
    whole = sum(
        october.balance(october.shopping, OCT, part) for part in (None, october.winter_shopping)
    )
    assert whole == k(72)
    assert [held for held in check_all() if not held.is_kept] == []


def test_a_line_that_spent_too_much_takes_from_its_next_month(
    october: World, cast: Cast, auditor2: User
) -> None:
    load_steady(october.winter_feed, "2026-10-01", 30, spend="2000")
    item = next(i for i in month_items(fiscal_month(OCT)).lines if i.line == october.shopping)
    assert (item.settled.rest, item.month.treatment) == (-k(12), T.COVER)
    assert both(asked(cast.auditor), cast, auditor2).state == "executed"
    assert october.balance(october.shopping, OCT, october.winter_feed) == k(8) + k(4)
    # November gives what no campaign has first.
    assert october.balance(october.shopping, NOV) == k(15 - 12)
    assert [held for held in check_all() if not held.is_kept] == []


def test_what_moves_in_between_ends_the_request_with_the_reason(october: World, cast: Cast) -> None:
    film = order(cast, october.shopping, 20)
    request = asked(cast.auditor)
    decide(request, cast.executive)
    load_steady(october.winter_shopping, "2026-10-27", 1, spend="10")
    done = execute(request)
    assert done.state == "stale"
    assert "Shopping DE has €52,010.00 spent, not €52,000.00." in done.outcome_note
    film.refresh_from_db()
    assert film.month == OCT
    assert not MonthClose.objects.filter(month=OCT).exists()
    assert not LedgerTransaction.objects.filter(request_id=request.pk).exists()


@pytest.mark.parametrize(
    ("month", "says"),
    [(NOV, "not over"), (DEC, "not over"), ("2026-09", "is closed")],
)
def test_months_are_closed_when_over_and_in_order(
    october: World, cast: Cast, month: str, says: str
) -> None:
    with pytest.raises(Conflict, match=says):
        close(cast.auditor, month)


def test_an_earlier_month_and_a_waiting_order_come_first(world: World, cast: Cast) -> None:
    with pytest.raises(Conflict, match="Jan 2026 and Sep 2026 must be closed before"):
        close(cast.auditor)
    closed_before(world)
    order(cast, world.shopping, 20, state=OrderState.WAITING)
    with pytest.raises(Conflict, match=r"PO-1001 waits for approval and holds €20,000.00"):
        close(cast.auditor)
    with pytest.raises(Invalid, match="not a month"):
        close(cast.auditor, "2031-01")


def test_a_treatment_that_is_not_offered_is_refused(october: World, cast: Cast) -> None:
    held = order(cast, october.shopping, 8, kind=OrderKind.PLACEHOLDER)
    with pytest.raises(Invalid, match="cannot be treated as “accrue”"):
        close(cast.auditor, orders={held.pk: T.ACCRUE})
    sent = send(
        cast.auditor, "budgets:close-ask", month=OCT, reason="x", **{f"order-{held.pk}": "burn"}
    )
    assert sent.status_code == 422


@pytest.mark.parametrize("what", ["line", "order line"])
def test_a_choice_about_nothing_is_refused(october: World, cast: Cast, what: str) -> None:
    chosen: dict[str, Any] = {"lines" if what == "line" else "orders": {987654: T.RELEASE}}
    with pytest.raises(Invalid, match=f"Oct 2026 has no {what} 987654"):
        close(cast.auditor, **chosen)
    assert not ChangeRequest.objects.exists()
    assert not MonthClose.objects.filter(month=OCT).exists()


def test_nothing_is_written_into_a_closed_month(october: World, cast: Cast) -> None:
    film = order(cast, october.shopping, 20)
    row = MonthClose.objects.create(
        fiscal_year=october.year, month=OCT, closed_at=AT, closed_by_name="Ben"
    )
    part = october.winter_feed
    edit = send(
        cast.manager, "budgets:cell-edit", cell=f"{october.shopping.pk}/{OCT}/{part.pk}",
        amount="1000", reason="Late",
    )  # fmt: skip
    assert edit.status_code in (409, 422)
    assert "This month has ended; its plan stays as it is." in text(edit)
    with pytest.raises(Conflict, match=r"2026-10 of FY2026 is closed\."):
        plan(october.shopping, OCT, 1)
    with pytest.raises(Conflict, match="is closed"):
        commitments.post(
            [Change("x", october.shopping, OCT, order_line=film, committed_micros=1)],
            reason="Late", actor=SYSTEM, at=AT,
        )  # fmt: skip
    holding = Holding.objects.get(month=OCT)
    with pytest.raises(IntegrityError, match="budgets_month_is_closed"), transaction.atomic():
        holding.entries.create(
            key="y", order_line=film, committed_micros=1, at=AT, actor_name="x", reason="x"
        )
    row.delete()
    plan(october.shopping, OCT, 101)


def test_the_api_closes_too(october: World, cast: Cast, auditor2: User) -> None:
    film = order(cast, october.shopping, 20)
    shown = Api(cast.auditor).get(f"/month-closes/{OCT}/").json()
    assert (shown["state"], shown["against"]) == ("next", [])
    assert shown["orders"][0]["options"] == ["roll", "release", "accrue"]
    assert len(shown["checks"]) == 6
    body = {
        "reason": "Month-end",
        "orders": [{"order_line": film.pk, "treatment": "release"}],
        "lines": [{"line": october.shopping.pk, "treatment": "leave"}],
    }
    assert Api(cast.director).send("post", f"/month-closes/{OCT}/", body).status_code == 403
    answer = Api(cast.auditor).send("post", f"/month-closes/{OCT}/", body)
    assert (answer.status_code, answer.json()["done"]) == (200, False)
    request = ChangeRequest.objects.get(pk=answer.json()["request"])
    assert request.own_micros == k(20)
    decide(request, cast.executive)
    assert execute(request).state == "executed"
    assert OrderLine.objects.get().order.state == OrderState.CLOSED
    assert Api(cast.auditor).get(f"/month-closes/{OCT}/").json()["closed_by"] == "Ben Okafor"
    assert Api(cast.manager).get("/month-closes/2031-01/").status_code == 404


MICROS = st.integers(min_value=0, max_value=10**12)


# The first examples wait for a machine that other tests keep busy.
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    free=MICROS, given=MICROS, used=st.tuples(MICROS, MICROS), ahead=st.tuples(MICROS, MICROS),
    holds=st.lists(st.tuples(MICROS, st.sampled_from([T.ROLL, T.RELEASE, T.ACCRUE])), max_size=3),
    treatment=st.sampled_from(list(T)),
)  # fmt: skip
def test_closing_makes_and_loses_nothing(
    free: int, given: int, used: tuple[int, int], ahead: tuple[int, int],
    holds: list[tuple[int, Treatment]], treatment: Treatment,
) -> None:  # fmt: skip
    line = LineMonth(
        line=1, planned=free + given, actual=sum(used), treatment=treatment,
        accounts=(Account(0, free, used[0]), Account(7, given, used[1])),
        orders=[Held(n, 0, 0, micros, micros, how) for n, (micros, how) in enumerate(holds)],
        ahead=sum(ahead), ahead_accounts=(Account(0, ahead[0]), Account(7, ahead[1])),
    )  # fmt: skip
    done = settle(line)
    assert sum(done.now.values()) + sum(done.next.values()) == -done.released
    assert sum(done.next.values()) == done.carried + done.rolled - done.covered
    for account in line.accounts:
        assert account.balance + done.now.get(account.part, 0) >= 0
    for account in line.ahead_accounts:
        assert account.balance + done.next.get(account.part, 0) >= 0


def _thread(pool: ThreadPoolExecutor, work: Callable[[], Any]) -> Future[Any]:
    def run() -> Any:
        try:
            return work()
        except (Conflict, IntegrityError) as error:
            return error
        finally:
            connection.close()

    return pool.submit(run)


@pytest.fixture
def books(transactional_db: None) -> tuple[World, Cast]:
    cast = create_cast()
    world = create_world(cast)
    closed_before(world)
    return world, cast


def shut(cast: Cast, world: World) -> None:
    lines = {line.pk: T.LEAVE for line in (world.shopping, world.display)}
    month_close(user=cast.auditor, month=OCT, lines=lines, reason="x", at=AT)


@pytest.mark.parametrize("holds", [True, False])
def test_a_close_waits_for_a_write_that_is_under_way(
    books: tuple[World, Cast], monkeypatch: pytest.MonkeyPatch, *, holds: bool
) -> None:
    """The control closes without holding anything: it does not see the write, which lands after it."""
    world, cast = books
    under_way, closed = Event_(), Event_()
    if not holds:
        monkeypatch.setattr("budgets.services.closing.hold", lambda *_: None)

    def write() -> bool:
        with transaction.atomic():
            plan(world.shopping, OCT, 101)
            under_way.set()
            return closed.wait(1)

    def close_it() -> None:
        under_way.wait(10)
        shut(cast, world)
        closed.set()

    with ThreadPoolExecutor(2) as pool:
        late, done = _thread(pool, write), _thread(pool, close_it)
        closed_before_the_write = late.result(20)
        assert done.result(20) is None
    assert closed_before_the_write is not holds
    assert MonthClose.objects.filter(month=OCT).exists()


@pytest.mark.parametrize("holds", [True, False])
def test_a_write_that_comes_during_a_close_is_refused(
    books: tuple[World, Cast], monkeypatch: pytest.MonkeyPatch, *, holds: bool
) -> None:
    """Written past the services, so that only the database decides; the control holds no year."""
    world, cast = books
    entry = LedgerEntry.objects.filter(account__month=OCT).first()
    assert entry is not None
    closing = Event_()
    if not holds:
        monkeypatch.setattr("budgets.services.closing.hold", lambda *_: None)

    def write() -> str:
        closing.wait(10)
        made = LedgerTransaction.objects.create(
            kind="plan", key="raw", at=AT, actor_name="x", reason="x"
        )
        with transaction.atomic():
            LedgerEntry.objects.create(
                transaction=made, account=entry.account, amount_micros=1, balance_micros=1
            )
            transaction.set_rollback(True)
        return "written"

    def close_it() -> None:
        with transaction.atomic():
            shut(cast, world)
            closing.set()
            sleep(0.5)

    with ThreadPoolExecutor(2) as pool:
        done, late = _thread(pool, close_it), _thread(pool, write)
        assert done.result(20) is None
        answer = late.result(20)
    assert (answer == "written") is not holds
    if holds:
        assert "budgets_month_is_closed" in str(answer)
