"""The files that say how a platform's API is asked; `docs/capabilities/connections.md` explains them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "connectors" / "api"
Json = Any


@dataclass(frozen=True, slots=True)
class Request:
    """One question; texts may hold ``{places}``.

    ``raw_query`` leaves the query's characters as they are written, for servers that
    give brackets and colons a meaning. ``form`` sends the body as form fields.
    """

    path: str
    method: str = "GET"
    query: Mapping[str, Json] = field(default_factory=dict)
    body: Mapping[str, Json] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    raw_query: bool = False
    form: bool = False


@dataclass(frozen=True, slots=True)
class Paging:
    """How the next page is found: ``token``, ``offset``, ``page``, ``url``, ``keyset`` or ``none``.

    ``source`` is where the answer tells it (with ``keyset`` its last item), ``to`` where the next
    question says it (``query.after``, ``body.pageToken``), ``unless`` a place that is empty on
    the last page.
    """

    kind: str = "none"
    source: str = ""
    to: str = ""
    size: int = 0
    unless: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A report that is ordered and waited for.

    It is fetched from ``address`` as a zip with a table in it, or read in ``pages`` like the
    read's own question. ``order`` is how it is ordered where that differs from the read's
    question, which is then asked for parts of less than ``from_days`` days.
    """

    number: str
    poll: Request
    state: str
    done: tuple[str, ...]
    failed: tuple[str, ...]
    address: str = ""
    order: Request | None = None
    pages: Request | None = None
    from_days: int = 0
    wait_seconds: int = 15
    most_polls: int = 120


@dataclass(frozen=True, slots=True)
class Records:
    """Items that are customer records: opportunities, accounts or contacts.

    ``cells`` says where each value of a customer file's row stands in an item. Several places
    with blanks between them are read together (first and last name); ``*`` is every entry of a
    list. ``won`` and ``closed`` are places of a yes or no.
    """

    entity: str
    cells: Mapping[str, str]
    won: str = ""
    closed: str = ""


@dataclass(frozen=True, slots=True)
class Counted:
    """Items that say how often an event happened for a campaign on a day: where each stands.

    The event stands at ``event``, or is ``named``, or ``each`` is a place with the number of every
    event by its name. Without ``value`` the amounts stay those of the platform.
    """

    campaign: str
    day: str
    conversions: str = ""
    event: str = ""
    named: str = ""
    each: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """One question asked for each part of the period, and its pages.

    ``items`` is where the list stands in an answer. ``tables`` are the tables of the
    connector's mapping file (its ``[pages]``) that are made of these answers. With
    ``when_chosen`` it is only asked where somebody chose which events count.
    """

    name: str
    request: Request
    items: str
    paging: Paging
    tables: tuple[str, ...] = ()
    report: Report | None = None
    records: Records | None = None
    counted: Counted | None = None
    when_chosen: bool = False


@dataclass(frozen=True, slots=True)
class Auth:
    """How we say who we are: ``oauth`` refreshes a short-lived token, ``token`` has a lasting one."""

    kind: str
    secrets: Mapping[str, str]
    headers: Mapping[str, str]
    token_url: str = ""
    scope: str = ""


@dataclass(frozen=True, slots=True)
class Errors:
    """Where a platform says what went wrong, and which of its codes mean what."""

    code: tuple[str, ...] = ()
    message: tuple[str, ...] = ()
    ok: frozenset[str] = frozenset()
    expired: frozenset[str] = frozenset()
    limited: frozenset[str] = frozenset()
    busy: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class AccountShape:
    """The question that tests a connection, and where the account's own facts stand in the answer."""

    request: Request
    name: str = ""
    currency: str = ""
    time_zone: str = ""


@dataclass(frozen=True, slots=True)
class Command:
    """A change at the platform: how the value of now is read, and how the new one is written.

    ``unit`` says how a value is written there: ``text``, ``micros``, ``minor``, ``decimal``
    (a text) or ``number``; ``words`` translates ours. ``keep`` are values of the first
    answer that the order needs, ``part`` what below the campaign is changed ("ad group").
    """

    read: Request
    value: str
    write: Request
    unit: str = "text"
    words: Mapping[str, str] = field(default_factory=dict)
    keep: Mapping[str, str] = field(default_factory=dict)
    part: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """The question which events an account has, and where the key and name of each stand."""

    request: Request
    items: str
    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Events:
    """Which conversions count: what a person may choose, and the setting of the mapping it answers.

    ``known`` asks the account for further choices of its own. ``usual`` is chosen for a new
    connection. ``note`` says what counts when nothing is chosen.
    """

    setting: str = ""
    known: Known | None = None
    choices: Mapping[str, str] = field(default_factory=dict)
    usual: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Observed:
    """Items that are not ad delivery: where their day and subject stand, and each metric.

    A metric's ``place`` is where its value stands, ``rows`` counts the items; ``money`` says
    that it is an amount in the account's currency. ``of_chosen`` takes its place where somebody
    chose which subjects count: theirs, and of no others.
    """

    day: str
    subject: str
    metrics: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Api:
    """All that is known of a platform's API."""

    key: str
    label: str
    base: str
    hosts: tuple[str, ...]
    account_label: str
    account_pattern: str
    auth: Auth
    errors: Errors
    account: AccountShape
    reads: tuple[Read, ...]
    fields: Mapping[str, str]
    days_per_part: int
    lookback_days: int
    commands: Mapping[str, Command]
    events: Events
    observed: Observed | None
    page_bytes: int
    settings: Mapping[str, str]
    settings_in: Mapping[str, Mapping[str, str]]

    @property
    def brings_records(self) -> bool:
        """Whether its items are customer records."""
        return any(read.records for read in self.reads)

    def choices(self, currency: str, events: Sequence[str]) -> dict[str, Any]:
        """The answers to the settings of the mapping file for an account."""
        chosen = {self.events.setting: events} if self.events.setting else {}
        return {**self.settings, **self.settings_in.get(currency, {}), **chosen}


def platforms() -> dict[str, str]:
    """Key and name of every platform there is a file for, by name."""
    found = {file.stem: api_for(file.stem).label for file in FOLDER.glob("*.toml")}
    return dict(sorted(found.items(), key=lambda item: item[1]))


@cache
def api_for(key: str) -> Api:
    """The API of a platform; ``KeyError`` when there is no file for it."""
    file = FOLDER / f"{key}.toml"
    if not file.is_file():
        raise KeyError(key)
    return _api(key, tomllib.loads(file.read_text(encoding="utf-8")))


def _api(key: str, data: Mapping[str, Any]) -> Api:
    errors = {name: frozenset(data.get("errors", {}).get(name, ())) for name in _CODES}
    said = data.get("errors", {})
    return Api(
        key=key,
        label=data["label"],
        base=data["base"],
        hosts=tuple(data["hosts"]),
        account_label=data["account_label"],
        account_pattern=data["account_pattern"],
        auth=Auth(**data["auth"]),
        errors=Errors(tuple(said.get("code", ())), tuple(said.get("message", ())), **errors),
        account=_account(data["account"]),
        reads=tuple(_read(read) for read in data["reads"]),
        fields=data.get("fields", {}),
        days_per_part=data.get("days_per_part", 31),
        lookback_days=data.get("lookback_days", 30),
        commands={name: _command(entry) for name, entry in data.get("commands", {}).items()},
        events=_events(data.get("events", {})),
        observed=Observed(**data["observed"]) if "observed" in data else None,
        page_bytes=data.get("page_megabytes", 32) << 20,
        settings=data.get("settings", {}),
        settings_in=data.get("settings_in", {}),
    )


_CODES = ("ok", "expired", "limited", "busy")


def _account(data: Mapping[str, Any]) -> AccountShape:
    rest = {key: value for key, value in data.items() if key != "request"}
    return AccountShape(Request(**data["request"]), **rest)


def _read(data: Mapping[str, Any]) -> Read:
    return Read(
        name=data["name"],
        request=Request(**data["request"]),
        items=data.get("items", ""),
        paging=Paging(**data.get("paging", {})),
        tables=tuple(data.get("tables", ())),
        report=_report(data["report"]) if "report" in data else None,
        records=Records(**data["records"]) if "records" in data else None,
        counted=Counted(**data["counted"]) if "counted" in data else None,
        when_chosen=data.get("when_chosen", False),
    )


def _report(data: Mapping[str, Any]) -> Report:
    asked = {name: Request(**data[name]) for name in ("poll", "order", "pages") if name in data}
    return Report(**{**data, **asked, "done": tuple(data["done"]), "failed": tuple(data["failed"])})


def _command(data: Mapping[str, Any]) -> Command:
    asked = {"read": Request(**data["read"]), "write": Request(**data["write"])}
    return Command(**{**data, **asked})


def _events(data: Mapping[str, Any]) -> Events:
    known = data.get("known")
    asked = Known(**{**known, "request": Request(**known["request"])}) if known else None
    return Events(**{**data, "known": asked, "usual": tuple(data.get("usual", ()))})
