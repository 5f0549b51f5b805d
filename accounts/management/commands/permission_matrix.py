"""`manage.py permission_matrix`: is what the code declares what was agreed?"""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.permissions import MATRIX_FILE
from accounts.rules import (
    BETWEEN,
    Difference,
    matrix_differences,
    read_matrix,
    read_rights,
    rights_differences,
    write_rights,
)
from core.routes import UNDECLARED, routes


class Command(BaseCommand):
    help = (
        "Compares the permission matrix with another file cell by cell, and the addresses of "
        "pages and API with config/url_permissions.csv. Exits with 1 when anything differs."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", type=Path, metavar="FILE", help="the matrix that was agreed")
        parser.add_argument("--write", action="store_true", help="write url_permissions.csv anew")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *, check: Path | None = None, **options: Any) -> None:
        file, declared = rights_file(), declared_rights()
        if options["write"]:
            write_rights(file, declared)
        agreed = self._read(check) if check else {}
        cells = matrix_differences(read_matrix(MATRIX_FILE), agreed) if check else []
        written = read_rights(file) if file.exists() else {}
        urls = rights_differences(declared, written, [UNDECLARED])
        if options["json"]:
            self._print_json(len(agreed), cells, len(declared), urls)
        else:
            self._print(len(agreed), cells, len(declared), urls)
        if cells or urls:
            raise CommandError(
                f"{len(cells)} cells and {len(urls)} addresses differ.", returncode=1
            )

    def _read(self, path: Path) -> dict[tuple[str, str], str]:
        try:
            return read_matrix(path)
        except (OSError, KeyError, UnicodeDecodeError) as error:
            raise CommandError(f"{path} is not a permission matrix.", returncode=2) from error

    def _print(
        self, cells: int, different: list[Difference], urls: int, wrong: list[Difference]
    ) -> None:
        for difference in [*different, *wrong]:
            self.stdout.write(str(difference))
        self.stdout.write(f"{cells} cells compared, {urls} addresses and methods checked.")

    def _print_json(
        self, cells: int, different: list[Difference], urls: int, wrong: list[Difference]
    ) -> None:
        result = {
            "same": not different and not wrong,
            "cells": cells,
            "differences": [asdict(one) for one in different],
            "urls": urls,
            "url_differences": [asdict(one) for one in wrong],
        }
        self.stdout.write(json.dumps(result, ensure_ascii=False))


def rights_file() -> Path:
    """Where the rights of every address are written down."""
    return Path(settings.BASE_DIR) / "config" / "url_permissions.csv"


def declared_rights() -> dict[tuple[str, str, str], str]:
    """What every view declares, by name, path and method."""
    return {
        (route.name, route.path, method): BETWEEN.join(acts)
        for route in routes()
        for method, acts in route.rights.items()
    }
