"""The truth behind the numbers, kept beside the database for those who score what we find."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from demo.company.records import Company
from demo.market.journeys import planted_journeys_truth

FILE = "demo_truth.json"


def answers(company: Company) -> dict[str, Any]:
    """What was planted, and the product's numbers of everything it names."""
    market = company.market
    return {
        "seed": market.seed,
        "first_day": market.first_day.isoformat(),
        "last_day": market.last_day.isoformat(),
        "ids": {
            "lines": {key: line.pk for key, line in company.lines.items()},
            "campaigns": {key: campaign.pk for key, campaign in company.campaigns.items()},
            "creatives": dict(company.creatives),
            "optimisations": {key: change.pk for key, change in company.changes.items()},
        },
        "truth": dict(market.truth),
        "journeys": planted_journeys_truth(),
    }


def write_answers(company: Company, folder: Path) -> Path:
    """Write them as JSON; the product itself never reads the file."""
    path = folder / FILE
    path.write_text(json.dumps(answers(company), indent=1), encoding="utf-8")
    return path
