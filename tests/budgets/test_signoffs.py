"""Owners sign a month; what changes afterwards ends the signature; who has not signed is known."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine

from accounts.models import User
from budgets.models import Signoff
from budgets.rules.closing import Treatment
from budgets.selectors.closing import fiscal_month
from budgets.selectors.reminders import needs_of_owner
from budgets.selectors.signoffs import Subject, subjects
from budgets.services.signoffs import owners_remind, signoffs_sign
from budgets.services.variance import variance_note
from core.errors import Conflict, Invalid, NotAllowed
from core.models import Event
from core.money import MICROS
from metrics.models import Target
from tests.approvals.test_api import Api
from tests.budgets.closing import OCT, asked, closed_before, order
from tests.budgets.test_pages import open_page, send, text
from tests.budgets.world import AT, NOV, World, decide, execute, plan
from tests.cast import Cast
from tests.world import load_steady

pytestmark = [pytest.mark.usefixtures("at"), pytest.mark.feature("1.15")]


@pytest.fixture
def at() -> Any:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def october(world: World, cast: Cast) -> World:
    """Shopping DE spent 98k of 100k, through one campaign; a target ended in October."""
    plan(world.shopping, OCT, 60, world.winter_shopping)
    load_steady(world.winter_shopping, "2026-10-01", 28, spend="3500", clicks=100)
    Target.objects.create(
        metric="clicks", team=cast.dach, first_day=date(2026, 10, 1), last_day=date(2026, 10, 31),
        value_micros=3_000 * MICROS, owner=cast.director,
    )  # fmt: skip
    return world


def found(user: User | None, kind: str) -> Subject:
    return next(s for s in subjects(fiscal_month(OCT), user) if s.kind == kind)


def sign(user: User, *rows: Subject, comment: str = "As agreed") -> list[Signoff]:
    keys = [row.key for row in rows]
    return signoffs_sign(user=user, month=OCT, keys=keys, comment=comment, at=AT)


def test_owners_sign_lines_campaigns_and_targets_on_the_page(october: World, cast: Cast) -> None:
    page = open_page(cast.manager, "budgets:signoffs", month=OCT)
    mine = page.context["mine"]
    assert [(row.kind, row.name) for row in mine] == [
        ("line", "Shopping DE"),
        ("campaign", "Winter Layers"),
    ]
    assert mine[0].figures == {"Planned": "€100,000.00", "Actual": "€98,000.00"}
    assert mine[1].figures == {"Planned": "€60,000.00", "Spend": "€98,000.00"}
    ids = [row.id for row in mine]
    assert send(
        cast.manager, "budgets:signoffs-sign", month=OCT, ids=ids, comment=""
    ).status_code == 422  # fmt: skip
    done = send(cast.manager, "budgets:signoffs-sign", month=OCT, ids=ids, comment="As agreed")
    assert done.status_code == 302
    assert Signoff.objects.filter(owner=cast.manager, comment="As agreed").count() == 2
    assert Event.objects.filter(action="month.signed").count() == 2
    target = found(cast.director, "target")
    assert target.figures == {"Target": "3k", "Actual": "2.8k"}
    sign(cast.director, target)
    assert "Everything of Oct 2026 is signed" in text(
        open_page(cast.auditor, "budgets:signoffs", month=OCT)
    )


def test_only_the_owner_signs_and_the_new_one_after_a_hand_over(october: World, cast: Cast) -> None:
    line = found(None, "line")
    for user in (cast.director, cast.auditor, cast.executive):
        with pytest.raises(NotAllowed, match="belongs to Jonas Weber"):
            sign(user, line)
    with pytest.raises(Invalid, match="may not see"):
        sign(cast.uk_manager, line)
    october.shopping.owner = cast.director
    october.shopping.save()
    with pytest.raises(NotAllowed):
        sign(cast.manager, line)
    assert len(sign(cast.director, line)) == 1


def test_a_figure_that_changes_afterwards_ends_the_signature(october: World, cast: Cast) -> None:
    sign(cast.manager, found(None, "line"), found(None, "campaign"))
    assert found(None, "line").is_signed
    load_steady(october.winter_shopping, "2026-10-29", 1, spend="10", clicks=1)
    line = found(None, "line")
    assert (line.has_changed, line.is_signed) == (True, False)
    assert "changed since signed" in text(open_page(cast.manager, "budgets:signoffs", month=OCT))
    sign(cast.manager, line, comment="Late delivery, agreed")
    assert found(None, "line").is_signed
    signed = Signoff.objects.get(kind="line")
    assert signed.comment == "Late delivery, agreed"
    event = Event.objects.filter(action="month.signed").order_by("-id").first()
    assert event is not None
    assert event.before == {"figures": {"Planned": "€100,000.00", "Actual": "€98,000.00"}}


def test_a_signature_outlives_the_close_of_its_own_month(
    october: World, cast: Cast, auditor2: User
) -> None:
    closed_before(october)
    film = order(cast, october.shopping, 1)
    sign(cast.manager, found(None, "line"), found(None, "campaign"))
    request = asked(
        cast.auditor, lines={october.shopping.pk: Treatment.RELEASE},
        orders={film.pk: Treatment.ACCRUE},
    )  # fmt: skip
    decided = decide(request, cast.executive)
    execute(decide(decided, auditor2) if decided.state == "open" else decided)
    line = found(None, "line")
    # The accrual and the plan that was let go are the close's own doing.
    assert line.figures == {"Planned": "€99,000.00", "Actual": "€99,000.00"}
    assert line.signed is not None
    assert line.signed.figures == {"Planned": "€100,000.00", "Actual": "€98,000.00"}
    assert (line.is_signed, found(None, "campaign").is_signed) == (True, True)
    closed = Event.objects.get(action="month.closed").after or {}
    assert closed["signatures kept"] == 2
    page = text(open_page(cast.manager, "budgets:signoffs", month=OCT))
    assert "Planned €100,000.00 · Actual €98,000.00" in page
    assert "After the close: Planned €99,000.00 · Actual €99,000.00" in page
    assert Api(cast.manager).get(f"/month-closes/{OCT}/sign-offs/").json()[0]["is_signed"]
    # What anybody else changes later ends it as ever.
    load_steady(october.winter_shopping, "2026-10-29", 1, spend="10", clicks=1)
    assert found(None, "line").has_changed


def test_a_signature_that_had_ended_is_not_brought_back_by_the_close(
    october: World, cast: Cast, auditor2: User
) -> None:
    closed_before(october)
    sign(cast.manager, found(None, "line"))
    load_steady(october.winter_shopping, "2026-10-29", 1, spend="10", clicks=1)
    request = asked(cast.auditor, lines={october.shopping.pk: Treatment.RELEASE})
    execute(decide(request, cast.executive))
    assert found(None, "line").has_changed


def test_a_large_difference_is_explained_before_it_is_signed(world: World, cast: Cast) -> None:
    load_steady(world.winter_shopping, "2026-10-01", 8, spend="1000")
    line = found(None, "line")
    assert line.wants_note
    with pytest.raises(Conflict, match="differs from its plan"):
        sign(cast.manager, line)
    variance_note(user=cast.manager, line=world.shopping, month=OCT, text="Started late", at=AT)
    assert len(sign(cast.manager, found(None, "line"))) == 1


def test_a_month_is_signed_once_it_is_over(october: World, cast: Cast) -> None:
    with pytest.raises(Conflict, match="Nov 2026 is not over yet"):
        signoffs_sign(
            user=cast.manager, month=NOV, keys=[("line", october.shopping.pk)], comment="x", at=AT
        )
    page = open_page(cast.manager, "budgets:signoffs", month=NOV)
    assert page.context["form"] is None
    assert "not over yet" in text(page)


def test_a_reminder_waits_on_the_owners_home_until_it_is_signed(october: World, cast: Cast) -> None:
    assert needs_of_owner(cast.manager, AT) == []
    assert send(cast.manager, "budgets:signoffs-remind", month=OCT).status_code == 403
    done = send(cast.auditor, "budgets:signoffs-remind", month=OCT, owner=[cast.manager.pk])
    assert done.status_code == 302
    told = Event.objects.get(action="signoff.reminded").after or {}
    assert told["to sign"] == ["Shopping DE", "Winter Layers"]
    (need,) = needs_of_owner(cast.manager, AT)
    assert need.need.title == "Sign Oct 2026: Shopping DE and 1 more"
    assert "Ben Okafor asks for it" in need.need.meta
    assert "Sign Oct 2026" in text(open_page(cast.manager, "reporting:home"))
    assert needs_of_owner(cast.director, AT) == []
    again = owners_remind(user=cast.director, month=OCT, owners=[cast.manager.pk], at=AT)
    assert again == []
    later = AT + timedelta(days=1)
    assert owners_remind(user=cast.director, month=OCT, owners=[], at=later) == [
        cast.manager,
        cast.director,
    ]
    sign(cast.manager, found(None, "line"), found(None, "campaign"))
    assert needs_of_owner(cast.manager, later) == []


def test_the_next_month_to_be_closed_waits_without_a_reminder(october: World, cast: Cast) -> None:
    closed_before(october)
    (need,) = needs_of_owner(cast.manager, AT)
    assert need.need.meta == "Month-end · you stand for its figures"
    assert needs_of_owner(cast.admin, AT) == []


def test_the_api_signs_and_reminds_too(october: World, cast: Cast) -> None:
    listed = Api(cast.manager).get(f"/month-closes/{OCT}/sign-offs/").json()
    assert [(row["kind"], row["is_signed"]) for row in listed] == [
        ("line", False), ("campaign", False), ("target", False),
    ]  # fmt: skip
    body = {"subjects": [{"kind": "line", "id": october.shopping.pk}], "comment": "As agreed"}
    url = f"/month-closes/{OCT}/sign-offs/"
    assert Api(cast.director).send("post", url, body).status_code == 403
    assert Api(cast.manager).send("post", url, body).json() == {"signed": 1}
    assert Api(cast.manager).get(url).json()[0]["comment"] == "As agreed"
    remind = f"/month-closes/{OCT}/reminders/"
    told = Api(cast.auditor).send("post", remind, {"owners": [cast.manager.pk]}).json()
    assert told == {"reminded": ["Jonas Weber"]}
    assert Api(cast.manager).send("post", remind, {}).status_code == 403
    assert found(None, "line").signed is not None
