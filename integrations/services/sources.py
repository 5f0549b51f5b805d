"""Sources: where facts come from. A file of a known layout finds or makes its own."""

from __future__ import annotations

from django.utils.text import slugify

from accounts.models import Team
from campaigns.choices import Platform
from campaigns.models import AdAccount
from core.errors import Invalid
from integrations.models import Source
from integrations.rules import LayoutFound

# Where a platform's campaigns go when nobody said otherwise.
CHANNEL_OF_PLATFORM = {
    "google_ads": "search",
    "microsoft_ads": "search",
    "meta_ads": "social",
    "linkedin_ads": "social",
    "tiktok_ads": "social",
}
DEFAULT_CHANNEL = "display"


def platform_of(layout: LayoutFound | None) -> str:
    """The platform a layout belongs to; anything unknown is "other"."""
    return layout.platform if layout and layout.platform in Platform.values else Platform.OTHER


def ad_account_ensure(*, team: Team, platform: str, account: str, currency: str) -> AdAccount:
    """The ad account a person named by its number, created when it is new."""
    known = AdAccount.objects.filter(platform=platform, external_id=account).first()
    return known or AdAccount.objects.create(
        team=team, platform=platform, external_id=account, name=account, currency=currency
    )


def source_ensure(
    *, team: Team, layout: LayoutFound | None, currency: str, account: str = ""
) -> Source:
    """The team's source of files of this layout (and ad account), created when it is new."""
    platform = platform_of(layout)
    name = layout.name if layout else "Files"
    key = source_key(team, layout, account)
    known = Source.objects.filter(key=key).first()
    if known:
        return known
    ad_account = (
        ad_account_ensure(team=team, platform=platform, account=account, currency=currency)
        if account
        else None
    )
    return Source.objects.create(
        key=key,
        name=f"{name}, {account or team.name}"[:120],
        platform=platform,
        team=team,
        ad_account=ad_account,
        currency=currency,
    )


def source_key(team: Team, layout: LayoutFound | None, account: str) -> str:
    """The key of a team's source; platforms without a word of their own still keep files apart."""
    kind = layout.platform if layout and layout.platform else platform_of(layout)
    return slugify(f"{kind}-{account}-{team.pk}")[:60]


def refuse_other_account(source: Source, account: str) -> None:
    """Raise ``Invalid`` when a file is said to be of another ad account than its source."""
    known = source.ad_account.external_id if source.ad_account else ""
    if account and account != known:
        raise Invalid(
            f"The file is said to be of account {account}, but {source} holds "
            + (f"account {known}." if known else "no ad account."),
            code="ACCOUNT_MISMATCH",
            where="account",
            remedy="Choose the source of that account, or leave it open.",
        )
