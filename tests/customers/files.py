"""Customer files as the systems write them, and one way to import them."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Team, User
from integrations import services
from integrations.models import ImportRun
from tests.cast import Cast
from tests.world import AT, TODAY

EMAIL, PHONE, NAME = "Jane.Planted@example.com", "+49 171 5550199", "Jane Plantedname"
DEALS = """Record ID,Deal Name,Deal Stage,Close Date,Deal owner,Amount,Pipeline,Create Date,Associated Company IDs,Associated Contact IDs
101,Big – Müller,Proposal,2026-12-01 09:30,Ola Seller,$125000,Sales,2026-02-01 09:30,77,900;901
102,Small,Closed Won,2026-10-01,Ola Seller,,Sales,2026-02-03 09:30,78,
"""
COMPANIES = """Record ID,Company name,Company owner,Industry,Country/Region,Annual Revenue,Create Date
77,Müller GmbH,Ola Seller,Textiles,Germany,,2025-01-01
78,Fell Ltd,Ola Seller,,United Kingdom,,2025-01-02
"""
CONTACTS = f"""Record ID,First Name,Last Name,Email,Phone Number,Lifecycle Stage,Lead Status,Associated Company IDs,Create Date
900,Jane,Plantedname,{EMAIL},{PHONE},Lead,Open,77,2026-01-05
901,Max,Other,max.other@example.com,,Customer,,77,2026-01-06
"""
TOUCHES = f"""Touch ID,Touch date,Touch type,Campaign,Contact email
t1,2026-01-04,Paid search,Winter,{EMAIL.lower()}
t2,2026-01-05,Email,,max.other@example.com
"""
SALESFORCE = """"Opportunity Owner","Account Name","Opportunity Name","Stage","Fiscal Period","Amount Currency","Amount","Amount (converted) Currency","Amount (converted)","Probability (%)","Close Date","Created Date"
"Zoë Seller","Acme","Acme 2027","Closed Won","Q4-2026","EUR","1,250.00","USD","1,400.00","100","12/31/2026","1/15/2026"
"Zoë Seller","Bêta","Bêta 2027","Prospecting","Q1-2027","USD","99.50","USD","99.50","10","3/31/2027","2/15/2026"

"Grand Totals (2 records)"
"Confidential Information - Do Not Distribute"
"Copyright (c) 2000-2026 salesforce.com, inc. All rights reserved."
"""
PAYMENTS = """Payment ID,Payment date,Payment status,Failure reason,Amount,Currency,Account ID
p1,2026-11-20,Paid,,49.00,EUR,77
p2,2026-11-21,Failed,card expired,49.00,EUR,77
"""


def upload(
    cast: Cast,
    text: str | bytes,
    *,
    name: str = "export.csv",
    user: User | None = None,
    team: Team | None = None,
    at: datetime = AT,
    **settings: str,
) -> ImportRun:
    """A file as the manager of DACH uploads it, checked."""
    content = text.encode() if isinstance(text, str) else text
    who = user or cast.manager
    run = services.run_upload(
        team=team or cast.dach, file=SimpleUploadedFile(name, content), name=name,
        actor=who.as_actor(), at=at, user=who, settings=settings,
    )  # fmt: skip
    services.run_check(run, today=TODAY)
    return run


def bring_in(
    cast: Cast, text: str | bytes, *, at: datetime = AT, today: date = TODAY, **more: Any
) -> ImportRun:
    """Upload, check and import; rows that cannot be read are confirmed."""
    run = upload(cast, text, at=at, **more)
    services.run_import(
        run, actor=cast.manager.as_actor(), at=at, today=today, user=cast.manager, confirm=True
    )
    return run


def bring_in_all(cast: Cast) -> list[ImportRun]:
    """Contacts, companies, deals and touches, deals first: the order does not matter."""
    return [
        bring_in(cast, DEALS, currency="USD"),
        bring_in(cast, COMPANIES),
        bring_in(cast, TOUCHES),
        bring_in(cast, CONTACTS),
    ]


def stored_files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
