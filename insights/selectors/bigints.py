"""Many rows of whole numbers as one array: a million take a second, and no objects.

People, accounts and texts are numbers in there, moments are microseconds since 1970.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import BigIntegerField, Case, F, Func, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Coalesce, Lower

from accounts.models import Team
from analytics.arrays import IntArray
from core.personal import ERASED
from customers.models import Account, Contact
from insights.rules.attribution import Level

BIG: BigIntegerField[int, int] = BigIntegerField()
# Numbers of accounts start here, so that none is taken for a person's.
ACCOUNTS = 1 << 62
# The signature, flags and extension that PostgreSQL's binary copy begins with, and its end.
_HEAD, _TAIL = 19, 2


def bigints(rows: QuerySet[Any, Any], *columns: str) -> IntArray:
    """The named columns of all rows (N, K): whole numbers that are never empty."""
    question, given = rows.order_by().values_list(*columns).query.sql_with_params()
    wide = ", ".join(f'q."{column}"::bigint' for column in columns)
    statement = f"COPY (SELECT {wide} FROM ({question}) q) TO STDOUT (FORMAT BINARY)"  # noqa: S608
    with connection.cursor() as cursor, cursor.copy(statement, given) as copy:
        content = b"".join(copy)
    fields = [part for n in range(len(columns)) for part in ((f"s{n}", ">i4"), (f"v{n}", ">i8"))]
    found = np.frombuffer(content[_HEAD:-_TAIL], np.dtype([("count", ">i2"), *fields]))
    return np.stack([found[f"v{n}"].astype(np.int64) for n in range(len(columns))], axis=1)


class TextNumber(Func):
    """A text as a number below zero: numbers of records are above."""

    template = "(-(hashtextextended(%(expressions)s, 0) & 9223372036854775807) - 1)"
    output_field = BIG


class MomentNumber(Func):
    """A moment in microseconds since 1970."""

    template = "(extract(epoch from %(expressions)s) * 1000000)::bigint"
    output_field = BIG


def who_number(*, contact: str, ref: str, account: str, level: str) -> Coalesce:
    """The number of a person, else of the account; accounts first where they decide; 0 for nobody.

    ``ref`` is the field of a token for people without a record, "" where there is none.
    """
    person = Cast(F(contact), BIG)
    whole = Cast(F(account), BIG) + Value(ACCOUNTS, output_field=BIG)
    by_text = []
    if ref:
        named = ~Q(**{f"{ref}__in": ["", ERASED]})
        by_text = [Case(When(named, then=TextNumber(F(ref))), output_field=BIG)]
    in_order = [whole, person, *by_text] if level == Level.ACCOUNT else [person, *by_text, whole]
    return Coalesce(*in_order, Value(0, output_field=BIG), output_field=BIG)


@dataclass(frozen=True, slots=True)
class Own:
    """Numbers of people and accounts of one's own, which do not count."""

    contacts: frozenset[int]
    accounts: frozenset[int]


def own_people(team: Team, words: Sequence[str]) -> Own:
    """Whose lifecycle stage, or whose account's name, is one of ``words`` in any case."""
    low = [word.casefold() for word in words if word]
    people = Contact.objects.filter(team__path__startswith=team.path)
    accounts = Account.objects.filter(team__path__startswith=team.path)
    staff = people.annotate(_stage=Lower("lifecycle")).filter(_stage__in=low)
    own = accounts.annotate(_name=Lower("name")).filter(_name__in=low)
    return Own(
        frozenset(staff.values_list("pk", flat=True)), frozenset(own.values_list("pk", flat=True))
    )
