"""Numbers, amounts and moments as people read them: one place, used by pages, exports and mails.

Currency sign before the number, k or M behind it without a space, a narrow no-break
space before %, a true minus, the year only when it is not the current one. Rounding is
half to even, on exact decimals.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

from django.utils import timezone

from core.money import Money, minor_digits

MINUS = "−"
THIN = "\u202f"
NO_BREAK = "\u00a0"
NOTHING = "–"
SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "INR": "₹"}
STEPS = ((Decimal(10**9), "B"), (Decimal(10**6), "M"), (Decimal(10**3), "k"))
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

Number = int | float | Decimal


def decimal(value: Number) -> Decimal:
    """``value`` as an exact decimal; a float goes through its shortest text."""
    return value if isinstance(value, Decimal) else Decimal(str(value))


def _rounded(value: Decimal, digits: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN)


def _minus(text: str) -> str:
    return text.replace("-", MINUS)


def number(value: Number, digits: int = 0) -> str:
    """``18,412``; ``digits`` after the decimal point. Never prints a negative zero."""
    rounded = _rounded(decimal(value), digits)
    return _minus(f"{rounded or abs(rounded):,}")


def signed(value: Number, digits: int = 0) -> str:
    """Like ``number``, with an explicit plus: ``+124``, ``−46``, ``0``."""
    return _plus(number(value, digits), _rounded(decimal(value), digits))


def _plus(text: str, value: Decimal) -> str:
    return f"+{text}" if value > 0 else text


def _scaled(value: Decimal) -> tuple[Decimal, str]:
    """Divide by the largest fitting step, after rounding to three digits: 999,950 is 1.00M."""
    for step, suffix in STEPS:
        if abs(value) / step >= Decimal("0.9995"):
            return value / step, suffix
    return value, ""


def _three_digits(value: Decimal, *, keep_zeros: bool) -> str:
    size = abs(value)
    digits = 0 if size >= Decimal("99.95") else 1 if size >= Decimal("9.995") else 2
    text = number(value, digits)
    return text.rstrip("0").rstrip(".") if not keep_zeros and "." in text else text


def compact(value: Number) -> str:
    """Three significant digits: ``1.24M``, ``61k``, ``412``, ``2.5``."""
    scaled, suffix = _scaled(decimal(value))
    return _three_digits(scaled, keep_zeros=suffix in {"M", "B"}) + suffix


def _with_currency(text: str, currency: str) -> str:
    """Sign, then currency, then the number; an ISO code stands with a no-break space."""
    symbol = SYMBOLS.get(currency, f"{currency}{NO_BREAK}")
    return f"{MINUS}{symbol}{text[1:]}" if text.startswith(MINUS) else f"{symbol}{text}"


def money(value: Money) -> str:
    """Three significant digits: ``€9.84M``, ``€61k``, ``€384``, ``€28.93``, ``CHF 1.20M``."""
    scaled, suffix = _scaled(value.amount)
    if suffix or abs(scaled) >= Decimal("99.995") or not scaled:
        return _with_currency(compact(value.amount), value.currency)
    return money_exact(value)


def money_exact(value: Money) -> str:
    """To the minor unit: ``€84,216.40``, ``¥1,200``."""
    return _with_currency(number(value.amount, minor_digits(value.currency)), value.currency)


def money_whole(value: Money) -> str:
    """Whole units of the currency: ``€48,000``."""
    return _with_currency(number(value.amount), value.currency)


def amount_typed(value: Money) -> str:
    """As it stands in a field, thousands marked and cents only where there are some: ``48,000``."""
    digits = minor_digits(value.currency)
    return number(value.amount, digits).removesuffix(f".{'0' * digits}")


def money_signed(value: Money) -> str:
    """A difference: ``+€61k``, ``−€36k``, ``€0``."""
    return _plus(money(value), value.amount)


def money_exact_signed(value: Money) -> str:
    """A difference to the minor unit: ``+€48,000.00``."""
    return _plus(money_exact(value), value.rounded())


def percent(share: Number, digits: int | None = None) -> str:
    """A share of 1: 0.034 is ``3.4 %``, 0.71 is ``71 %``; two digits below 0.1 %."""
    return f"{_percent_text(decimal(share) * 100, digits)}{THIN}%"


def percent_signed(share: Number, digits: int | None = None) -> str:
    """A relative difference: ``+3.4 %``, ``−31 %``."""
    text = percent(share, digits)
    return text if text[0] in f"{MINUS}0" and _is_zero(text) else _plus(text, decimal(share))


def _is_zero(text: str) -> bool:
    return not any(digit in text for digit in "123456789")


def _percent_text(value: Decimal, digits: int | None) -> str:
    if digits is not None:
        return number(value, digits)
    size = abs(value)
    default = 0 if size >= 100 else 1 if size >= Decimal("0.1") else 2
    text = number(value, default)
    return text.rstrip("0").rstrip(".") if "." in text else text


def points(difference: Number, digits: int = 1) -> str:
    """A difference of two rates: 0.006 is ``+0.6 pt``."""
    text = signed(decimal(difference) * 100, digits)
    short = text.rstrip("0").rstrip(".") if "." in text else text
    return f"{short}{THIN}pt"


def ratio(value: Number, digits: int = 2) -> str:
    """``4.26×``."""
    return f"{number(value, digits)}×"


def ratio_signed(value: Number, digits: int = 2) -> str:
    """``+0.26×``."""
    return f"{signed(value, digits)}×"


def size(count: int) -> str:
    """Bytes: ``820 B``, ``64 kB``, ``2.1 MB``."""
    value = Decimal(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000 or unit == "GB":
            break
        value /= 1000
    digits = 0 if unit in {"B", "kB"} else 1
    return f"{number(value, digits)}{NO_BREAK}{unit}"


def day(value: date, today: date | None = None, *, weekday: bool = True) -> str:
    """``Sat 21 Nov``; the year follows when it is not today's: ``Fri 21 Nov 2025``."""
    text = f"{value.day} {MONTHS[value.month - 1]}"
    text = f"{WEEKDAYS[value.weekday()]} {text}" if weekday else text
    return text if today and value.year == today.year else f"{text} {value.year}"


def moment(value: datetime, today: date | None = None) -> str:
    """``Sat 21 Nov, 23:59``, in the zone of whoever reads: the page's, UTC in files and jobs."""
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return f"{day(local.date(), today)}, {local:%H:%M}"


def month(value: date, today: date | None = None) -> str:
    """``November``, or ``November 2025`` when not of this year."""
    name = f"{value:%B}"
    return name if today and value.year == today.year else f"{name} {value.year}"


def span(start: date, end: date, today: date | None = None) -> str:
    """``2 Nov – 20 Dec``, ``18–21 Nov``, ``25 Oct 2025 – 3 Jan 2026``."""
    last = day(end, today, weekday=False)
    if start == end:
        return last
    if (start.year, start.month) == (end.year, end.month):
        return f"{start.day}–{last}"
    first = day(start, end if start.year == end.year else None, weekday=False)
    return f"{first} – {last}"


def duration(length: timedelta) -> str:
    """The two largest units: ``26 h 30 m``, ``3 d 4 h``, ``12 m``; hours up to two days."""
    minutes = max(0, int(length.total_seconds()) // 60)
    days, hours = divmod(minutes // 60, 24)
    if days >= 2:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if minutes >= 60:
        rest = minutes % 60
        return f"{minutes // 60} h {rest} m" if rest else f"{minutes // 60} h"
    return f"{minutes} m"


def ago(value: datetime, now: datetime) -> str:
    """``just now``, ``32 m ago``, ``3 days ago``; after two weeks the day."""
    length = now - value
    if length < timedelta(minutes=1):
        return "just now"
    if length < timedelta(days=2):
        return f"{duration(length)} ago"
    return f"{length.days} days ago" if length.days <= 14 else _local_day(value, now)


def _local_day(value: datetime, now: datetime) -> str:
    local, today = (timezone.localtime(m) if timezone.is_aware(m) else m for m in (value, now))
    return day(local.date(), today.date(), weekday=False)


def left(value: datetime, now: datetime) -> str:
    """``26 h 30 m left``, or ``over since 2 h``."""
    return f"{duration(value - now)} left" if value > now else f"over since {duration(now - value)}"
