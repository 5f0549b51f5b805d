"""Documents carry their label, and a role takes away only what it is cleared for."""

from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.test import Client

from accounts.models import User
from approvals.models import ChangeRequest
from core import outbox
from core.classification import Level, is_cleared, level_of
from core.models import Event, Organisation
from reporting.models import Report
from reporting.services.sending import report_mail
from tests.approvals.actions import AT, decide, execute
from tests.cast import Cast
from tests.reporting.examples import report as example_report

pytestmark = pytest.mark.feature("9.8")


def get(user: User, path: str) -> tuple[int, bytes]:
    client = Client()
    client.force_login(user)
    answer: Any = client.get(path)
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return answer.status_code, content


@pytest.fixture
def organisation(db: None) -> Organisation:
    return Organisation.objects.update_or_create(
        pk=1, defaults={"name": "Tarn & Fell", "classification": "Restricted"}
    )[0]


@pytest.mark.parametrize(
    ("label", "level"),
    [
        ("Public", "public"), ("Internal", "internal"), ("Board confidential", "confidential"),
        ("RESTRICTED – board only", "restricted"), ("For marketing", "internal"),
    ],
)  # fmt: skip
def test_a_label_has_the_level_of_its_strictest_word(label: str, level: str) -> None:
    assert level_of(label) == level
    assert is_cleared(level, label)


@pytest.mark.parametrize(
    ("who", "status"), [("executive", 200), ("director", 200), ("manager", 403), ("analyst", 403)]
)
@pytest.mark.parametrize("fmt", ["csv", "xlsx", "pdf"])
def test_an_export_above_the_roles_clearance_is_refused(
    organisation: Organisation, cast: Cast, who: str, status: int, fmt: str
) -> None:
    code, content = get(getattr(cast, who), f"/campaigns/?export={fmt}")
    assert code == status
    if status == 403:
        assert b"classified" in content


def test_every_export_prints_its_label(organisation: Organisation, cast: Cast) -> None:
    _, content = get(cast.executive, "/campaigns/?export=csv")
    assert "Restricted" in content.decode("utf-8-sig")


@pytest.mark.parametrize(("who", "status"), [("director", 200), ("manager", 403)])
def test_a_report_above_it_is_read_on_the_page_and_not_taken_away(
    cast: Cast, organisation: Organisation, who: str, status: int
) -> None:
    frozen = Report.objects.get(pk=example_report(cast)["pk"])
    frozen.pk, frozen.period_key, frozen.classification = None, "2026-09", "Restricted"
    frozen.save(force_insert=True)
    user = getattr(cast, who)
    assert get(user, f"/reports/{frozen.pk}/")[0] == 200
    assert get(user, f"/reports/{frozen.pk}/pdf/")[0] == status
    assert get(user, f"/reports/{frozen.pk}/csv/")[0] == status
    assert get(user, f"/api/v1/reports/{frozen.pk}/pdf/")[0] == status


def test_who_may_not_take_it_away_gets_the_link_by_mail_without_the_file(
    cast: Cast, organisation: Organisation, mailoutbox: list[EmailMessage]
) -> None:
    frozen = Report.objects.get(pk=example_report(cast)["pk"])
    frozen.pk, frozen.period_key, frozen.classification = None, "2026-09", "Restricted"
    frozen.save(force_insert=True)
    for user in (cast.manager, cast.director):
        outbox.deliver(report_mail(report=frozen, user=user, at=AT).pk, now=AT)
    assert {mail.to[0]: len(mail.attachments) for mail in mailoutbox} == {
        cast.manager.email: 0, cast.director.email: 1,
    }  # fmt: skip


def test_changing_it_takes_an_administrator_and_an_executive(
    cast: Cast, organisation: Organisation
) -> None:
    client = Client()
    client.force_login(cast.admin)
    body = {"role": "manager", "highest": "restricted", "reason": "They make the board's figures"}
    assert client.post("/reports/classification/", body).status_code == 302
    asked = ChangeRequest.objects.get(kind="reporting.clearance")
    assert get(cast.manager, "/campaigns/?export=csv")[0] == 403
    with pytest.raises(Exception, match="decided by"):
        decide(asked, cast.director)
    decide(asked, cast.executive)
    execute(asked)
    assert get(cast.manager, "/campaigns/?export=csv")[0] == 200
    assert Event.objects.filter(action="request.executed", subject_id=str(asked.pk)).exists()


@pytest.mark.parametrize("who", ["director", "manager", "analyst", "auditor"])
def test_others_see_the_table_and_ask_for_nothing(
    cast: Cast, organisation: Organisation, who: str
) -> None:
    code, content = get(getattr(cast, who), "/reports/classification/")
    assert code == 200
    assert b"Ask for a change" not in content
    client = Client()
    client.force_login(getattr(cast, who))
    body = {"role": "manager", "highest": Level.RESTRICTED, "reason": "x"}
    assert client.post("/reports/classification/", body).status_code == 403
    assert not ChangeRequest.objects.exists()


def test_over_the_api(cast: Cast, organisation: Organisation) -> None:
    client = Client()
    client.force_login(cast.admin)
    listed = {row["role"]: row["highest"] for row in client.get("/api/v1/clearances/").json()}
    assert listed["manager"] == "confidential"
    body = {"role": "manager", "highest": "internal", "reason": "Less is enough"}
    assert client.post("/api/v1/clearances/", body, "application/json").status_code == 201
