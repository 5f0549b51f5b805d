"""How attribution and lifetime value are asked for, and the arithmetic beside the models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from decimal import Decimal
from enum import StrEnum
from typing import Any

from analytics.attribution import How, Lookback, Position, Settings
from core.errors import Invalid

MODELS = {
    "first": "First touch",
    "last": "Last touch",
    "last_non_direct": "Last not direct",
    "linear": "Linear",
    "position": "Position",
    "time_decay": "Time decay",
    "shapley": "Shapley",
    "markov": "Markov",
    "markov_2": "Markov, order 2",
}
FORMULA = "(revenue × margin − cost) ÷ cost"
# Words in what a file calls a touch; whatever has none of them was clicked.
_VIEWS = ("view", "impression", "seen")
_OFFLINE = (
    "fair", "event", "webinar", "call", "phone", "store", "shop visit", "meeting", "demo",
    "print", "letter", "catalogue", "catalog", "mailing", "offline", "conference", "booth",
)  # fmt: skip
# Kinds that say how, not where.
_NAMELESS = frozenset({"", "click", "view", "impression", "touch", "offline", "visit"})
OTHER = "Not named"


class Level(StrEnum):
    """Whose journeys: each person's, or those of everybody in an account together."""

    PERSON = "person"
    ACCOUNT = "account"


class Cost(StrEnum):
    """Which spend counts: that of the campaign lines the touches name, or all of the team's."""

    NAMED = "named"
    TEAM = "team"


LEVELS = {Level.PERSON: "Each person", Level.ACCOUNT: "Each account, all its people together"}
COSTS = {
    Cost.NAMED: "Campaign lines that touches name",
    Cost.TEAM: "Everything the team spent on the channel",
}
POSITIONS = {
    Position.U: "First and last (40/20/40)",
    Position.W: "First, lead, opportunity (30/30/30/10)",
    Position.FULL: "First, lead, opportunity, last (22.5 each)",
}


# What a run can bear: days, and per cent of margin.
LIMITS = {
    "days": (7, 1460), "click": (0.1, 365), "view": (0.1, 365), "offline": (0.1, 730),
    "half_life": (0.1, 365), "margin": (1, 100),
}  # fmt: skip
CHOICES = {
    "level": [str(one) for one in Level],
    "cost": [str(one) for one in Cost],
    "position": [str(one) for one in Position],
    "model": list(MODELS),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """The settings of one run; lookbacks and ``half_life`` in days, ``margin`` in per cent.

    ``left_out`` are channels, ``brand`` words in campaign names whose touches do not count,
    ``staff`` lifecycle stages or account names of people of one's own. ``groups`` are (channel,
    name to count it under). ``total_micros`` is what finance says, in the run's currency.
    """

    days: int = 90
    click: float = 30.0
    view: float = 1.0
    offline: float = 90.0
    half_life: float = 7.0
    position: str = Position.U
    direct: str = "Direct"
    level: str = Level.PERSON
    cost: str = Cost.NAMED
    margin: int = 100
    model: str = "markov"
    left_out: tuple[str, ...] = ()
    brand: tuple[str, ...] = ()
    staff: tuple[str, ...] = ("employee", "internal", "test")
    groups: tuple[tuple[str, str], ...] = ()
    total_micros: int | None = None

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> Asked:
        """Settings as they were kept; what is not there is as usual."""
        known = {field.name for field in fields(cls)}
        found = {key: _frozen(value) for key, value in kept.items() if key in known}
        return cls(**found)

    @classmethod
    def checked(cls, given: Mapping[str, Any]) -> Asked:
        """Settings that somebody wrote; raises ``Invalid`` naming the one that cannot be."""
        for name, (low, high) in LIMITS.items():
            value = given[name]
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            if not is_number or not low <= value <= high:
                raise Invalid(f"{name} is a number from {low:g} to {high:g}.", where="settings")
        for name, known in CHOICES.items():
            if given[name] not in known:
                raise Invalid(f"{name} is one of {', '.join(known)}.", where="settings")
        for name in ("left_out", "brand", "staff"):
            if not all(isinstance(one, str) for one in given[name]):
                raise Invalid(f"{name} is a list of texts.", where="settings")
        if not all(len(pair) == 2 for pair in given["groups"]):
            raise Invalid("groups are pairs of a channel and its group.", where="settings")
        return cls.read(
            {
                name: list(value) if isinstance(value, tuple) else value
                for name, value in given.items()
            }
        )

    def plain(self) -> dict[str, Any]:
        """As JSON keeps them."""
        return asdict(self)

    @property
    def lookback(self) -> Lookback:
        return Lookback(self.click, self.view, self.offline)

    @property
    def reach(self) -> int:
        """Days before the window whose touches may still count."""
        return int(max(self.click, self.view, self.offline, 90))

    @property
    def engine(self) -> Settings:
        return Settings(self.half_life, Position(self.position), self.direct)


def _frozen(value: Any) -> Any:
    return tuple(_frozen(one) for one in value) if isinstance(value, list) else value


def usual_for(conversion: str) -> Asked:
    """What a team that chose nothing gets: deals take longer, and whole accounts decide them."""
    if conversion in ("won", "opportunity"):
        return Asked(days=365, click=90.0, view=7.0, offline=180.0, half_life=14.0,
                     level=Level.ACCOUNT)  # fmt: skip
    return Asked()


def how_of(kind: str) -> How:
    """Whether a touch was clicked, only seen, or happened away from the screen, by its kind."""
    words = kind.casefold()
    if any(word in words for word in _VIEWS):
        return How.VIEW
    if any(word in words for word in _OFFLINE):
        return How.OFFLINE
    return How.CLICK


def channel_named(channel: str | None, kind: str) -> str:
    """The channel of a touch: the one it belongs to, else what the file calls it."""
    if channel:
        return channel
    return OTHER if kind.strip().casefold() in _NAMELESS else kind.strip()


def roi(revenue_micros: int, cost_micros: int | None, margin_percent: int) -> Decimal | None:
    """(revenue × margin − cost) ÷ cost; None where no cost is known."""
    if not cost_micros:
        return None
    kept = Decimal(revenue_micros) * margin_percent / 100
    return (kept - cost_micros) / cost_micros
