"""What the allocation page or its forms ask."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from django.utils.http import urlencode

from accounts.models import User
from core import clock
from core.errors import AdroitError
from core.money import MICROS
from insights.forms import AllocationForm
from insights.rules.allocation import SHIFT, Bound, least_unit
from insights.selectors.allocation import Allocation, Asked, allocate
from insights.selectors.allocation_ground import ground_of


class Question:
    """What the address or a form asks: team, result, period and limits; problems as sentences."""

    def __init__(self, user: User, data: Mapping[str, str]) -> None:
        self.ground = ground_of(
            user,
            today=clock.today(),
            team=data.get("team", ""),
            metric=data.get("of", ""),
            period=data.get("period", ""),
        )
        self.team, self.board = self.ground.team, self.ground.board
        self.period, self.basis = self.ground.period, self.ground.basis
        told = {
            "shift": str(SHIFT), **data, "period": self.period.key, "of": self.board.metric,
            "team": str(self.team.pk) if self.team else "",
        }  # fmt: skip
        self.form = AllocationForm(told)
        self.form.offer_found(self.ground.teams, self.board.metrics, self.ground.periods)
        self.data = data
        self.problem = ""

    @property
    def asked(self) -> Asked:
        """The limits; what cannot be read counts as not asked and shows as an error of the form."""
        self.form.is_valid()
        total: Decimal | None = self.form.cleaned_data.get("total")
        unit = least_unit(self.board.currency) if self.board.currency else 1
        return Asked(
            period=self.period,
            total=None if not total else int(total * MICROS) // unit * unit,
            shift=self.form.cleaned_data.get("shift"),
            bounds=self._bounds(),
        )

    def _bounds(self) -> dict[str, Bound]:
        found = {}
        for unit in self.board.read:
            low, high = (
                _percent(self.data.get(f"{end}-{unit.key}", "")) for end in ("low", "high")
            )
            if low is not None or high is not None:
                found[unit.key] = Bound(low, high)
        return found

    @property
    def limits(self) -> list[tuple[str, str, str, str]]:
        """Key and name of each channel of the split, with what was written as its least and most."""
        units = self.basis.units if self.basis else ()
        return [
            (
                unit.key,
                unit.name,
                self.data.get(f"low-{unit.key}", ""),
                self.data.get(f"high-{unit.key}", ""),
            )
            for unit in units
        ]

    def answer(self) -> Allocation | None:
        """The best split, or None with the problem said."""
        if self.basis is None:
            return None
        try:
            return allocate(self.basis, self.asked)
        except AdroitError as error:
            self.problem = f"{error.message} {error.remedy}".strip()
            return None

    @property
    def query(self) -> str:
        """The same question as an address, without what was tried."""
        kept = {k: v for k, v in self.data.items() if _is_asked(k) and v}
        return urlencode(kept)

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """The question as fields of a form."""
        told = {**{k: v for k, v in self.data.items() if _is_asked(k) and v}}
        told |= {"team": str(self.team.pk) if self.team else "", "of": self.board.metric,
                 "period": self.period.key}  # fmt: skip
        return list(told.items())


def _is_asked(name: str) -> bool:
    return name in ("team", "of", "period", "total", "shift") or name.startswith(("low-", "high-"))


def _percent(text: str) -> int | None:
    return int(text) if text.strip().isdecimal() else None
