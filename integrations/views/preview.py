"""What a check found, as its page shows it: columns, questions, totals, first rows, problems."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from core import formats
from core.money import Money
from integrations.models import ImportRun
from integrations.rules import AMOUNTS
from metrics.choices import AUCTION_SHARES
from metrics.selectors import MEASURE_LABELS

# What a column may be, for the select on the check page.
TARGETS: Final = {
    "": "Not imported",
    "day": "Date",
    "month_name": "Month name",
    "day_of_month": "Day of the month",
    "period_start": "First day of the period",
    "period_end": "Last day of the period",
    "campaign_name": "Campaign name",
    "campaign_external_id": "Campaign number",
    "account": "Ad account",
    "channel": "Channel",
    "ad_group_name": "Ad group",
    "creative_name": "Creative",
    "creative_external_id": "Creative number",
    "currency": "Currency",
    **MEASURE_LABELS,
}
# The same for files of customers and auctions; only shown where a column is one.
OTHER_TARGETS: Final = {
    "number": "Number",
    "name": "Name",
    "stage": "Stage",
    "pipeline": "Pipeline",
    "probability": "Probability",
    "fiscal_period": "Fiscal period",
    "owner": "Owner, hashed",
    "account_ref": "Account number",
    "account_name": "Account name",
    "contact_refs": "People, hashed",
    "contact_ref": "Person, hashed",
    "person_name": "Name, hashed",
    "email": "E-mail, hashed",
    "phone": "Phone, hashed",
    "lifecycle": "Life cycle",
    "lead_status": "Lead status",
    "origin": "Came from",
    "created_at": "Created",
    "closes_at": "Closes",
    "became_at": "Became a lead",
    "at": "When",
    "kind": "Kind",
    "status": "Status",
    "reason": "Reason",
    "revenue": "Amount",
    "domain": "Advertiser",
    **AUCTION_SHARES,
}
QUESTION_TITLES: Final = {
    "year": "Which year is it?",
    "revenue": "Which column is the revenue?",
    "currency": "Which currency is it?",
    "date_order": "How are the dates written?",
    "decimal": "How are the numbers written?",
    "grain": "Each row covers a whole period",
    "sheet": "Which sheet?",
    "day": "Which column is the date?",
    "month_name": "Which column is the month?",
    "campaign_name": "Which column is the campaign?",
    "spend": "Which column is the cost?",
    "shares": "How are the shares written?",
}
HOW: Final = {
    "dates": "Dates",
    "decimal": "Numbers",
    "sheet": "Sheet",
    "separator": "Between columns",
    "encoding": "Text encoding",
}
_SURE = 0.9
_MOST_RADIOS = 4
_LONG_LIST = 12
_MOST_FILE_PROBLEMS = 5


def columns(run: ImportRun) -> dict[str, Any]:
    """The columns that matter first: imported or unclear; the others wait behind a click."""
    decided = {**run.settings, **run.check_result.get("chosen", {})}
    found = [_column(column, decided) for column in run.check_result.get("columns", [])]
    main = [column for column in found if column["target"] or not column["is_sure"]]
    sure = sum(1 for column in found if column["target"] and column["is_sure"])
    unsure = len(main) - sure
    title = "Where each column went" if run.batch_id else _columns_title(sure, unsure)
    return {"main": main, "rest": _but(found, main), "title": title}


def _but(rows: Sequence[Any], without: Sequence[Any]) -> list[Any]:
    return [row for row in rows if row not in without]


def _columns_title(sure: int, unsure: int) -> str:
    known = "1 column is recognised" if sure == 1 else f"{sure} columns are recognised"
    if not unsure:
        return f"{known}, none needs a look"
    return f"{known}, {unsure} {'needs' if unsure == 1 else 'need'} a look"


def _column(column: Mapping[str, Any], decided: Mapping[str, str]) -> dict[str, Any]:
    """``decided`` is target to header, as a person said: nothing to look at again."""
    target, options = column["target"], dict(TARGETS)
    is_decided = bool(target) and decided.get(target) == column["header"]
    is_sure = is_decided or column["confidence"] >= _SURE
    if target in OTHER_TARGETS and target not in options:
        options[target] = OTHER_TARGETS[target]
    if target not in options:
        options[target] = target.removeprefix("segment.").replace("_", " ").capitalize()
    return {
        **column,
        "options": list(options.items()),
        "goes_to": options[target],
        "is_sure": is_sure,
        "percent": formats.percent(column["confidence"], 0) if target else "",
        "tone": "good" if is_sure else "warn",
    }


def questions(run: ImportRun) -> list[dict[str, Any]]:
    """What a person must answer, how, and the answer given so far."""
    return [
        {
            **question,
            "title": QUESTION_TITLES.get(question["key"], question["key"].replace("_", " ")),
            "answer": run.settings.get(question["key"], ""),
            "shape": _shape(question),
        }
        for question in run.check_result.get("questions", [])
    ]


def _shape(question: Mapping[str, Any]) -> str:
    """How a question is answered: typed, from a list, or by one of a few buttons."""
    options = question["options"]
    if len(options) > _LONG_LIST:
        return "list"
    if question.get("free") or not options:
        return "typed"
    has_examples = any(option.get("example") for option in options)
    return "buttons" if has_examples or len(options) <= _MOST_RADIOS else "list"


def sums(run: ImportRun) -> list[tuple[str, str]]:
    """What the rows that can be read add up to, one line per measure."""
    kept: Mapping[str, str] = run.check_result.get("sums", {})
    currencies = list(run.totals)
    currency = currencies[0] if len(currencies) == 1 else ""
    shown = [
        (MEASURE_LABELS[name], measure_text(name, kept[name], currency))
        for name in MEASURE_LABELS
        if name in kept and not (name in AMOUNTS and not currency)
    ]
    if len(currencies) > 1:
        shown.insert(0, (MEASURE_LABELS["spend"], totals_in_words(run.totals)))
    return shown


def measure_text(name: str, value: str, currency: str = "") -> str:
    """A measure as people read it; what is no number stays as it is."""
    try:
        amount = Decimal(value)
    except InvalidOperation:
        return value
    if name in AMOUNTS:
        return _amount_text(amount, currency)
    return formats.number(amount, 0 if amount == amount.to_integral_value() else 2)


def _amount_text(amount: Decimal, currency: str) -> str:
    if currency:
        return formats.money_exact(Money.parse(amount, currency))
    return formats.number(amount, 2)


def totals_in_words(totals: Mapping[str, str]) -> str:
    """``$175,192.22 · €46.00``."""
    amounts = [Money.parse(Decimal(total), currency) for currency, total in totals.items()]
    return " · ".join(formats.money_exact(amount) for amount in amounts)


def controls(run: ImportRun) -> dict[str, Any]:
    """The platform's own totals: those about these rows, and those about something larger."""
    rows = [_control(total) for total in run.check_result.get("controls", [])]
    rows += _row_count(run)
    main = [row for row in rows if row["binding"] or row["agrees"]]
    binding = [row for row in rows if row["binding"]]
    missed = [row for row in binding if not row["agrees"]]
    return {
        "main": main,
        "rest": _but(rows, main),
        "title": _controls_title(len(main), len(missed)),
        "tone": "bad" if missed else "good",
        "word": "Differs" if missed else "Pass",
    }


def _row_count(run: ImportRun) -> list[dict[str, Any]]:
    """The number of rows that the file says it has, beside those that are there."""
    stated = run.check_result.get("rows_stated")
    if stated is None or not run.data_rows:
        return []
    there = run.data_rows - (run.skipped or 0)
    return [
        {
            "name": "Rows",
            "label": "Stated in the file",
            "expected": formats.number(stated),
            "actual": formats.number(there),
            "difference": formats.number(stated - there),
            "tolerance": "0",
            "agrees": stated == there,
            "binding": True,
        }
    ]


def _controls_title(count: int, missed: int) -> str:
    if missed:
        return "The rows do not add up to the platform’s total"
    return "Totals agree with the platform" if count else "The platform’s totals cover more"


def _control(total: Mapping[str, Any]) -> dict[str, Any]:
    name = total["measure"]
    return {
        **total,
        "name": MEASURE_LABELS.get(name, name),
        "expected": measure_text(name, total["expected"]),
        "actual": measure_text(name, total["actual"]),
        "difference": measure_text(name, total["difference"]),
        "tolerance": measure_text(name, total["tolerance"]) if total.get("tolerance") else "",
    }


def problem_groups(run: ImportRun) -> list[tuple[str, int, str]]:
    """Problems by their reason: code, how many of the kept ones, the first sentence."""
    if not run.rejected:
        return []
    reasons = [r for r in run.check_result.get("reasons", []) if r["row"] is not None]
    counts = Counter(reason["code"] for reason in reasons)
    first = {reason["code"]: _where(reason) for reason in reversed(reasons)}
    return [(code, count, first[code]) for code, count in counts.most_common()]


def file_problems(run: ImportRun) -> list[str]:
    """What is wrong with the file as a whole, each with its row where there is one."""
    if questions(run):
        return []
    reasons = run.check_result.get("reasons", [])
    whole = [r for r in reasons if r["row"] is None or not run.rejected]
    return list(dict.fromkeys(_where(reason) for reason in whole))[:_MOST_FILE_PROBLEMS]


def _where(reason: Mapping[str, Any]) -> str:
    """The sentence, with its row where it does not name one itself."""
    row, message = reason["row"], str(reason["message"])
    if row is None or str(row) in message:
        return message
    return f"Row {row}: {message}"


def sample(run: ImportRun) -> dict[str, Any]:
    """The first rows with headings as people call them; numbers are right-aligned."""
    kept = run.check_result.get("sample") or {"columns": [], "rows": []}
    labels = {**OTHER_TARGETS, **TARGETS, "row": "Row"}
    names = kept["columns"]
    return {
        "heads": [(labels.get(name, name), name in MEASURE_LABELS) for name in names],
        "rows": [
            [
                (_cell(name, value), name in MEASURE_LABELS)
                for name, value in zip(names, row, strict=True)
            ]
            for row in kept["rows"]
        ],
    }


def _cell(name: str, value: str) -> str:
    return measure_text(name, value) if value and name in MEASURE_LABELS else value


def how(run: ImportRun) -> list[tuple[str, str]]:
    """How the file was read, in words; empty for what was never checked."""
    kept: Mapping[str, str] = run.check_result.get("how", {})
    return [(label, kept[key]) for key, label in HOW.items() if kept.get(key)]
