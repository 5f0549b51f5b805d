"""The currencies that forms offer."""

from __future__ import annotations

from core.money import COMMON_CURRENCIES

CURRENCIES = [(code, code) for code in COMMON_CURRENCIES]
