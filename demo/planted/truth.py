"""The truth of the demo company as it was written when it moved in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings

FILE = "demo_truth.json"


def truth_file() -> Path:
    return Path(settings.VAR) / FILE


def is_there() -> bool:
    """Whether the truth of a demo company lies beside the database; costs no query."""
    return truth_file().exists()


def truth_kept() -> Mapping[str, Any]:
    """The truth; empty where no demo company moved in."""
    path = truth_file()
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found
