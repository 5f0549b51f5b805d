"""From rows as a customer file names things to customer records; how such a batch is undone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd

from accounts.models import Team
from campaigns.choices import Platform
from core.events import Actor
from core.models import Organisation
from customers.choices import Entity
from customers.services import Loaded, records_load
from customers.services.stages import outcome_of
from integrations.models import ImportRun, Source
from integrations.rules import Reading
from integrations.rules.connector import Connector, report
from integrations.rules.crm import CRM, split_list
from integrations.rules.layouts import layouts
from metrics.models import Batch

Row = dict[str, Any]
Rows = Mapping[str, list[Row]]
_SYSTEMS = ("hubspot", "salesforce")
_FAILED = ("fail", "declin", "refus", "past due", "unpaid", "uncollectible", "fehlgeschlagen")
_LEADS = ("lead", "marketingqualifiedlead", "marketing qualified lead", "salesqualifiedlead",
          "sales qualified lead")  # fmt: skip


def is_crm(reading: Reading) -> bool:
    """Whether the rows are customer records."""
    return reading.layout is not None and reading.layout.kind == CRM


def is_records(batch: Batch) -> bool:
    """Whether a batch brought customer records, and is undone as such."""
    return batch.record_changes.exists()


def crm_load(
    reading: Reading, *, run: ImportRun, source: Source, actor: Actor, at: datetime
) -> Loaded:
    """Write the accepted rows of a customer file."""
    layout = layouts()[reading.layout.key] if reading.layout else layouts()["generic"]
    return records_load(
        rows=rows_of(reading.rows, layout.entity),
        team=run.team,
        system=system_of(layout.platform),
        label=run.file_name,
        known_at=at,
        actor=actor,
        source=source.pk,
    )


def crm_source(team: Team, platform: str, currency: str) -> Source:
    """The team's source of customer files of a system, made with its first file."""
    system = system_of(platform)
    key = f"customers-{system or 'other'}-{team.pk}"
    name = {"hubspot": "HubSpot", "salesforce": "Salesforce"}.get(system, "Customer files")
    return Source.objects.get_or_create(
        key=key,
        defaults={
            "name": f"{name}, {team.name}"[:120],
            "platform": Platform.OTHER,
            "team": team,
            "currency": currency or Organisation.current().reporting_currency,
        },
    )[0]


def system_of(platform: str) -> str:
    """The system whose numbers a file uses."""
    return platform if platform in _SYSTEMS else ""


def rows_of(frame: pd.DataFrame, entity: str) -> Rows:
    """The rows of a reading by what they are; a deal with its account's name makes the account."""
    records = frame.to_dict("records")
    return made_of(
        entity, ({str(name): _value(value) for name, value in row.items()} for row in records)
    )


def made_of(entity: str, rows: Iterable[Row]) -> Rows:
    """The records that rows of cells make, by what they are: a contact may be a lead as well."""
    made: dict[str, list[Row]] = {}
    for cells in rows:
        for kind, row in _MAKERS[entity](cells):
            made.setdefault(kind, []).append(row)
    return {kind: made[kind] for kind in Entity.values if kind in made}


def _value(value: Any) -> Any:
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, pd.Timestamp):
        moment: datetime = value.to_pydatetime()
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return value


def _first(text: Any) -> str:
    return next(iter(split_list(str(text or ""))), "")


def _amount(cells: Row) -> Row:
    micros = cells.get("revenue")
    return {"amount_micros": None if micros is None else int(micros),
            "currency": cells.get("currency") if micros is not None else None}  # fmt: skip


def _opportunity(cells: Row) -> Iterator[tuple[str, Row]]:
    name, company = cells.get("name") or "", cells.get("account_name") or ""
    ref = _first(cells.get("account_ref")) or company
    if company:
        yield Entity.ACCOUNT, {"number": ref, "name": company}
    created = cells.get("created_at")
    number = cells.get("number") or f"{ref} / {name} / {created:%Y-%m-%d}" if created else name
    percent = cells.get("probability")
    yield (
        Entity.OPPORTUNITY,
        {
            "number": cells.get("number") or number,
            **_given(cells, "name", "stage", "pipeline", "owner", "fiscal_period"),
            "account_ref": ref if "account_ref" in cells or company else None,
            "contact_refs": split_list(cells["contact_refs"]) if "contact_refs" in cells else None,
            "outcome": cells.get("outcome") or outcome_of(str(cells.get("stage") or "")),
            "probability_percent": int(percent) if percent else None,
            "created_at": created,
            "closes_at": cells.get("closes_at"),
            **_amount(cells),
        },
    )


def _given(cells: Row, *names: str) -> Row:
    return {name: cells[name] for name in names if name in cells}


def _account(cells: Row) -> Iterator[tuple[str, Row]]:
    amount = _amount(cells)
    yield (
        Entity.ACCOUNT,
        {
            **_given(cells, "number", "name", "industry", "country", "created_at"),
            "revenue_micros": amount["amount_micros"],
            "currency": amount["currency"],
        },
    )


def _contact(cells: Row) -> Iterator[tuple[str, Row]]:
    number = cells.get("number") or cells.get("email") or ""
    yield (
        Entity.CONTACT,
        {
            **_given(cells, "email", "phone", "lifecycle", "origin", "created_at"),
            "number": number,
            "name": cells.get("person_name"),
            "account_ref": _first(cells["account_ref"]) if "account_ref" in cells else None,
        },
    )
    is_lead = str(cells.get("lifecycle") or "").casefold() in _LEADS
    if is_lead or cells.get("lead_status") or cells.get("became_at"):
        yield (
            Entity.LEAD,
            {
                "number": number,
                "contact_ref": number,
                "status": cells.get("lead_status"),
                **_given(cells, "origin", "became_at"),
            },
        )


def _touch(cells: Row) -> Iterator[tuple[str, Row]]:
    who = cells.get("contact_ref") or cells.get("account_ref") or ""
    told = (cells["at"].date(), who, cells.get("kind", ""), cells.get("campaign_name", ""))
    yield (
        Entity.TOUCH,
        {
            **_given(cells, "at", "kind", "campaign_name", "contact_ref", "account_ref"),
            "number": cells.get("number") or " / ".join(map(str, told))[:200],
        },
    )


def _payment(cells: Row) -> Iterator[tuple[str, Row]]:
    status = str(cells.get("status") or "").casefold()
    yield (
        Entity.PAYMENT,
        {
            **_given(cells, "number", "at", "reason", "account_ref", "contact_ref"),
            "is_failed": any(word in status for word in _FAILED),
            **_amount(cells),
        },
    )


def _usage(cells: Row) -> Iterator[tuple[str, Row]]:
    day: date = cells["day"].date()
    yield (
        Entity.USAGE,
        {
            "number": f"{cells['account_ref']} / {day}",
            "account_ref": cells["account_ref"],
            "day": day,
            "events": int(cells["event_count"]),
        },
    )


_MAKERS = {
    "opportunity": _opportunity,
    "account": _account,
    "contact": _contact,
    "touch": _touch,
    "payment": _payment,
    "usage": _usage,
}


def crm_tables_load(
    tables: Mapping[str, pd.DataFrame],
    connector: Connector,
    *,
    team: Team,
    source: Source,
    currency: str,
    label: str,
    actor: Actor,
    at: datetime,
) -> Loaded:
    """Write what a customer system's own tables say: companies, deals, and every stage of theirs.

    ``currency`` is the account's, because the tables name none.
    """
    return records_load(
        rows={
            Entity.ACCOUNT: [
                _company(row, currency) for row in _rows(tables, connector, "companies")
            ],
            Entity.OPPORTUNITY: [_deal(row, currency) for row in _rows(tables, connector, "deals")],
            Entity.STAGE: [_stage(row) for row in _rows(tables, connector, "stages")],
        },
        team=team,
        system=system_of(connector.key),
        label=label,
        known_at=at,
        actor=actor,
        source=source.pk,
        follow_stages=False,
    )


def _rows(tables: Mapping[str, pd.DataFrame], connector: Connector, level: str) -> list[Row]:
    found = report(tables, connector, level=level)
    return [
        {str(name): _value(value) for name, value in row.items()}
        for row in found.to_dict("records")
    ]


def _micros(number: Any) -> int | None:
    return None if number is None else int(number)


def _company(row: Row, currency: str) -> Row:
    revenue = _micros(row["company_annual_revenue"])
    return {
        "number": row["company_id"],
        "name": row["company_name"] or "",
        "industry": row["industry"] or "",
        "country": row["country"] or "",
        "revenue_micros": revenue,
        "currency": currency if revenue is not None else None,
        "created_at": row["created_date"],
        "is_deleted": bool(row["is_company_deleted"]),
    }


def _deal(row: Row, currency: str) -> Row:
    amount = _micros(row["amount"])
    stage = row["pipeline_stage_label"] or row["deal_pipeline_stage_id"] or ""
    return {
        "number": row["deal_id"],
        "name": row["deal_name"] or "",
        "owner": row["owner_full_name"] or None,
        "pipeline": row["pipeline_label"] or row["deal_pipeline_id"] or "",
        "stage": stage,
        "outcome": outcome_of(stage),
        "amount_micros": amount,
        "currency": currency if amount is not None else None,
        "created_at": row["created_date"],
        "closes_at": row["closed_date"],
        "is_deleted": bool(row["is_deal_deleted"]),
    }


# The tables say "still there" with a day nobody will see.
_FOR_EVER = datetime(2050, 1, 1, tzinfo=UTC)


def _stage(row: Row) -> Row:
    left = row["date_stage_exited"]
    return {
        "number": row["deal_stage_id"],
        "opportunity_ref": row["deal_id"],
        "stage": row["pipeline_stage_label"] or row["pipeline_stage_id"] or "",
        "pipeline": row["pipeline_label"] or "",
        "entered_at": row["date_stage_entered"],
        "left_at": None if left is None or left >= _FOR_EVER else left,
    }
