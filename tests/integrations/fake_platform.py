"""Platforms on this machine: a real HTTP server that answers as they do and remembers every question.

    platform.rows.append(delivery("2026-11-20", spend="12.50"))
    platform.trouble(status=429, headers={"Retry-After": "7"}, on="googleAds:search")
    platform.calls[-1].query["after"]

Questions reach it by ``settings.FAKE_PLATFORM_URL``; the host they were meant for is the first
part of the path.
"""

from __future__ import annotations

import io
import json
import re
import threading
import time
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.integrations.fake_rows import (
    HUBSPOT,
    SALESFORCE,
    Row,
    google_action,
    google_row,
    linkedin_conversion,
    linkedin_row,
    meta_row,
    of_event,
    tiktok_row,
)


@dataclass
class Call:
    """A question as it arrived."""

    method: str
    host: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body or b"null")

    @property
    def form(self) -> dict[str, str]:
        return {key: values[0] for key, values in parse_qs(self.body.decode()).items()}


@dataclass
class Trouble:
    """What goes wrong with the next question whose path contains ``on``.

    ``drop`` answers nothing at all, ``after_work`` only once the work was done; ``slow``
    sends the body a byte at a time with so many seconds between; ``hang_up`` ends the
    connection before all that was announced is sent.
    """

    on: str = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    drop: bool = False
    after_work: bool = False
    slow: float = 0.0
    hang_up: bool = False


def delivery(day: str, campaign: str = "9", **more: str) -> Row:
    """A row of one campaign and day, in numbers as people write them."""
    usual = {
        "name": f"Fetched {campaign}", "impressions": "1000", "clicks": "20", "spend": "12.50",
        "conversions": "2", "value": "84",
    }  # fmt: skip
    return {"day": day, "campaign": campaign, **usual, **more}


class FakePlatform:
    """All eight platforms with one account each, whose rows, tokens and campaigns a test sets."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.rows: list[Row] = []
        self.page_size = 1_000
        self.troubles: list[Trouble] = []
        self.tokens = 0
        self.token_life = 3600
        self.refresh_token = "refresh-1"
        self.valid: set[str] = {"token-lasting"}
        self.polls = 1
        # The account's own conversion events by number.
        self.events: dict[str, str] = {}
        # Meta's jobs: the days that each is about.
        self.jobs: dict[str, str] = {}
        self.job_state = "Job Completed"
        self.values: dict[str, str] = {"status": "live", "budget": "50.00"}
        self.account = {"name": "Tarn & Fell", "currency": "EUR", "time_zone": "Europe/Berlin"}
        self._lock = threading.RLock()

    def trouble(self, times: int = 1, **what: Any) -> None:
        self.troubles += [Trouble(**what) for _ in range(times)]

    def asked(self, part: str) -> list[Call]:
        """The questions whose address contains ``part``."""
        return [call for call in self.calls if part in call.host + call.path]

    def trouble_for(self, call: Call) -> Trouble | None:
        with self._lock:
            for number, trouble in enumerate(self.troubles):
                if trouble.on in call.host + call.path:
                    return self.troubles.pop(number)
        return None

    def answer(self, call: Call) -> tuple[int, Any]:
        with self._lock:
            if call.path.lower().endswith(("/token", "accesstoken")):
                return self._token(call)
            if "blob" in call.host:
                return 200, self._report_file()
            given = call.headers.get("authorization", "").removeprefix("Bearer ")
            if (given or call.headers.get("access-token", "")) not in self.valid:
                return self._expired(call)
            for host, answer in HOSTS.items():
                if host in call.host:
                    return answer(self, call)
        return 404, {"message": f"nobody knows {call.host}{call.path}"}

    def _token(self, call: Call) -> tuple[int, Any]:
        if call.form.get("refresh_token") != self.refresh_token:
            return 400, {"error": "invalid_grant", "error_description": "Token has been revoked."}
        self.tokens += 1
        token = f"token-{self.tokens}"
        self.valid.add(token)
        return 200, {"access_token": token, "expires_in": self.token_life}

    def expire_tokens(self) -> None:
        self.valid.clear()

    def _expired(self, call: Call) -> tuple[int, Any]:
        if "tiktok" in call.host:
            return 200, {"code": 40105, "message": "Access token is incorrect or has been revoked"}
        if "facebook" in call.host:
            return 400, {"error": {"code": 190, "message": "Error validating access token"}}
        return 401, {"message": "Request had invalid authentication credentials."}

    def between(self, start: str, end: str) -> list[Row]:
        return [row for row in self.rows if start <= row["day"] <= end]

    def page(self, rows: list[Any], start: int) -> tuple[list[Any], int | None]:
        """The rows of a page, and where the next begins."""
        end = start + self.page_size
        return rows[start:end], end if end < len(rows) else None

    def _google(self, call: Call) -> tuple[int, Any]:
        if call.path.endswith(":mutate"):
            return self._google_change(call.json["operations"][0]["update"])
        query = call.json["query"]
        if "FROM conversion_action" in query:
            return 200, {"results": [{"conversionAction": one} for one in self.named_events()]}
        if "segments.date" not in query:
            return 200, {"results": [self._google_now(query)]}
        start, end = re.findall(r"'(\d{4}-\d\d-\d\d)'", query)
        rows, following = self.page(
            self.between(start, end), int(call.json.get("pageToken", "p0")[1:])
        )
        by_action = "segments.conversion_action" in query
        made = (
            [google_action(row) for row in rows] if by_action else [google_row(row) for row in rows]
        )
        answer: dict[str, Any] = {"results": made}
        return 200, answer | ({"nextPageToken": f"p{following}"} if following else {})

    def _google_now(self, query: str) -> dict[str, Any]:
        if "FROM customer" in query:
            return {"customer": {
                "descriptiveName": self.account["name"], "currencyCode": self.account["currency"],
                "timeZone": self.account["time_zone"],
            }}  # fmt: skip
        status = {"live": "ENABLED", "paused": "PAUSED"}
        return {
            "campaign": {
                "status": status.get(self.values["status"], self.values["status"]),
                "campaignBudget": "customers/1/campaignBudgets/7",
            },
            "campaignBudget": {"amountMicros": str(int(Decimal(self.values["budget"]) * 10**6))},
        }

    def _google_change(self, update: dict[str, Any]) -> tuple[int, Any]:
        if "status" in update:
            self.values["status"] = {"ENABLED": "live", "PAUSED": "paused"}[update["status"]]
        if "amountMicros" in update:
            assert update["resourceName"] == "customers/1/campaignBudgets/7"
            self.values["budget"] = str(Decimal(update["amountMicros"]) / 10**6)
        return 200, {"results": [{"resourceName": update["resourceName"]}]}

    def _meta(self, call: Call) -> tuple[int, Any]:
        number = next((part for part in call.path.split("/") if part in self.jobs), "")
        if call.method == "POST" and call.path.endswith("/insights"):
            self.jobs[f"6000{len(self.jobs)}"] = call.form["time_range"]
            return 200, {"report_run_id": list(self.jobs)[-1]}
        if number and not call.path.endswith("/insights"):
            self.polls -= 1
            state = "Job Running" if self.polls >= 0 else self.job_state
            return 200, {"id": number, "async_status": state, "async_percent_completion": 50}
        if call.method == "POST":
            self.values["status"] = {"ACTIVE": "live", "PAUSED": "paused"}[call.form["status"]]
            return 200, {"success": True}
        if not call.path.endswith("/insights"):
            return 200, {
                "name": self.account["name"], "currency": self.account["currency"],
                "timezone_name": self.account["time_zone"],
                "status": {"live": "ACTIVE", "paused": "PAUSED"}[self.values["status"]],
            }  # fmt: skip
        span = json.loads(self.jobs.get(number) or call.query["time_range"])
        rows, following = self.page(
            self.between(span["since"], span["until"]), int(call.query.get("after", "0"))
        )
        paging: dict[str, Any] = {"cursors": {"before": "x", "after": str(following)}}
        if following:
            paging["next"] = "https://graph.facebook.com/next"
        return 200, {"data": [meta_row(row, self.account) for row in rows], "paging": paging}

    def named_events(self) -> list[dict[str, str]]:
        return [{"id": key, "name": name} for key, name in self.events.items()]

    def _linkedin(self, call: Call) -> tuple[int, Any]:
        if call.path.endswith("/conversions"):
            return 200, {"elements": self.named_events()}
        if call.path.endswith("/adCampaigns"):
            named = {row["campaign"]: row["name"] for row in self.rows}
            elements = [
                {"id": int(key), "name": name, "campaignGroup": "urn:li:sponsoredCampaignGroup:5"}
                for key, name in named.items()
            ]
            return 200, {"elements": elements, "metadata": {}}
        if "/adAccounts/" in call.path:
            return 200, {"name": self.account["name"], "currency": self.account["currency"]}
        numbers = [int(text) for text in re.findall(r"\d+", call.query["dateRange"])]
        start, end = date(*numbers[:3]).isoformat(), date(*numbers[3:]).isoformat()
        found = self.between(start, end)
        rows, _ = self.page(found, int(call.query.get("start", "0")))
        paging = {"start": 0, "count": self.page_size, "total": len(found), "links": []}
        make = linkedin_conversion if "pivots" in call.query else linkedin_row
        return 200, {"paging": paging, "elements": [make(row) for row in rows]}

    def _microsoft(self, call: Call) -> tuple[int, Any]:
        if "ConversionGoals" in call.path:
            goals = [{"Id": key, "Name": name} for key, name in self.events.items()]
            return 200, {"ConversionGoals": goals}
        if "Submit" in call.path:
            self.ordered = call.json["ReportRequest"]
            return 200, {"ReportRequestId": "30000000031837582"}
        if "Poll" in call.path:
            self.polls -= 1
            if self.polls >= 0:
                return 200, {"ReportRequestStatus": {"Status": "Pending"}}
            address = "https://bingadsreports.blob.core.windows.net/report.zip?sig=abc"
            return 200, {"ReportRequestStatus": {"Status": "Success", "ReportDownloadUrl": address}}
        account = {"Name": self.account["name"], "CurrencyCode": self.account["currency"]}
        return 200, {"Account": {**account, "TimeZone": "AmsterdamBerlinBernRomeStockholmVienna"}}

    def _report_file(self) -> bytes:
        span = self.ordered["Time"]
        days = [
            date(*(span[end][part] for part in ("Year", "Month", "Day"))).isoformat()
            for end in ("CustomDateRangeStart", "CustomDateRangeEnd")
        ]
        lines = [",".join(f'"{name}"' for name in self.ordered["Columns"])]
        for row in self.between(*days):
            values: tuple[str, ...] = (
                row["day"], "1", row["campaign"], row["name"], self.account["currency"], "Computer",
                "Search", row["impressions"], row["clicks"], row["spend"], row["conversions"],
                row["value"],
            )  # fmt: skip
            if "GoalId" in self.ordered["Columns"]:
                values = (row["day"], "1", row["campaign"], *of_event(row))
            lines.append(",".join(f'"{value}"' for value in values))
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("report.csv", "\ufeff" + "\r\n".join(lines) + "\r\n")
        return packed.getvalue()

    def _tiktok(self, call: Call) -> tuple[int, Any]:
        if "advertiser/info" in call.path:
            return _ok({"list": [{**self.account, "timezone": self.account["time_zone"]}]})
        page = int(call.query["page"])
        found = self.between(call.query["start_date"], call.query["end_date"])
        rows, _ = self.page(found, (page - 1) * self.page_size)
        if "campaign_name" not in call.query["metrics"]:
            rows = [{**row, "asked": call.query["metrics"]} for row in rows]
        info = {"page": page, "total_page": -(-len(found) // self.page_size)}
        return _ok({"list": [tiktok_row(row) for row in rows], "page_info": info})

    def _analytics(self, call: Call) -> tuple[int, Any]:
        if call.path.endswith("/keyEvents"):
            return 200, {"keyEvents": [{"eventName": name} for name in self.events.values()]}
        if "admin" in call.host:
            return 200, {"displayName": "Web", "currencyCode": "EUR", "timeZone": "Europe/Berlin"}
        span = call.json["dateRanges"][0]
        found = self.between(span["startDate"], span["endDate"])
        rows, _ = self.page(found, int(call.json.get("offset", 0)))
        listed = [
            {
                "dimensionValues": [{"value": row["day"].replace("-", "")}, {"value": row["name"]}],
                "metricValues": [
                    {"value": row[name]} for name in ("clicks", "value", "key") if name in row
                ],
            }
            for row in rows
        ]
        return 200, {"rows": listed, "rowCount": len(found)} if listed else {}

    def _hubspot(self, call: Call) -> tuple[int, Any]:
        if "account-info" in call.path:
            return 200, {"uiDomain": "app.hubspot.com", "companyCurrency": "EUR"}
        kind = call.path.split("/")[-2]
        window, after = call.json["filterGroups"][0]["filters"]
        assert window["propertyName"] == HUBSPOT[kind][0]
        start, end = (
            datetime.fromtimestamp(int(window[key]) / 1000, UTC).date().isoformat()
            for key in ("value", "highValue")
        )
        found = [
            row for row in self.of(kind, start, end) if int(row["campaign"]) > int(after["value"])
        ]
        rows, following = self.page(sorted(found, key=lambda row: int(row["campaign"])), 0)
        results = [{"id": row["campaign"], "properties": HUBSPOT[kind][1](row)} for row in rows]
        answer: dict[str, Any] = {"total": len(found), "results": results}
        return 200, answer | ({"paging": {"next": {"after": str(following)}}} if following else {})

    def of(self, kind: str, start: str, end: str) -> list[Row]:
        """The customer records of a kind; rows that do not say what they are, are deals."""
        return [row for row in self.between(start, end) if row.get("kind", "deals") == kind]

    def _salesforce(self, call: Call) -> tuple[int, Any]:
        query = call.query.get("q", "")
        if "Organization" in query:
            return 200, {"records": [{"Name": "T&F", "TimeZoneSidKey": "Europe/Berlin"}]}
        start = int(call.path.rpartition("-")[2]) if "01g" in call.path else 0
        if query:
            kind = next(kind for kind in SALESFORCE if f"FROM {kind} " in query)
            self.soql = [kind, *re.findall(r"\d{4}-\d\d-\d\d", query)]
        kind, first, last = self.soql
        name, make = SALESFORCE[kind]
        rows, following = self.page(self.of(name, first, last), start)
        records = [make(row) for row in rows]
        answer: dict[str, Any] = {"records": records, "done": following is None}
        path = f"/services/data/v62.0/query/01gRO-{following}"
        return 200, answer | ({"nextRecordsUrl": path} if following else {})


HOSTS = {
    "googleads": FakePlatform._google,
    "facebook": FakePlatform._meta,
    "linkedin": FakePlatform._linkedin,
    "bingads": FakePlatform._microsoft,
    "tiktok": FakePlatform._tiktok,
    "analytics": FakePlatform._analytics,
    "hubapi": FakePlatform._hubspot,
    "salesforce": FakePlatform._salesforce,
}


def _ok(data: Any) -> tuple[int, Any]:
    return 200, {"code": 0, "message": "OK", "data": data}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    platform: FakePlatform

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        host, _, path = parts.path[1:].partition("/")
        length = int(self.headers.get("content-length") or 0)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        named = {name.lower(): text for name, text in self.headers.items()}
        call = Call(self.command, host, f"/{path}", query, named, self.rfile.read(length))
        self.platform.calls.append(call)
        trouble = self.platform.trouble_for(call)
        if trouble is None or trouble.after_work:
            status, found = self.platform.answer(call)
            body = found if isinstance(found, bytes) else json.dumps(found).encode()
        if trouble and trouble.drop:
            self.close_connection = True
            return
        if trouble:
            status, body = trouble.status, trouble.body
        self._send(status, body, trouble)

    def _send(self, status: int, body: bytes, trouble: Trouble | None) -> None:
        self.send_response(status)
        for name, text in (trouble.headers if trouble else {}).items():
            self.send_header(name, text)
        if not (trouble and trouble.hang_up):
            self.send_header("content-length", str(len(body)))
        self.end_headers()
        pieces = (
            [body[at : at + 1] for at in range(len(body))] if trouble and trouble.slow else [body]
        )
        for piece in pieces:
            self.wfile.write(piece)
            self.wfile.flush()
            if trouble and trouble.slow:
                time.sleep(trouble.slow)
        if trouble and trouble.hang_up:
            self.close_connection = True

    do_GET = do_POST = do_PUT = _serve  # noqa: N815 - the names that http.server looks for

    def log_message(self, *_: Any) -> None:
        """Nothing on the screen."""


@contextmanager
def running() -> Iterator[tuple[FakePlatform, str]]:
    """A platform, and the address its server answers at."""
    platform = FakePlatform()
    handler = type("Handler", (_Handler,), {"platform": platform})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield platform, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
