from django.db import models


class Status(models.TextChoices):
    DRAFT = "draft", "Draft"
    PLANNED = "planned", "Planned"
    APPROVED = "approved", "Approved"
    LIVE = "live", "Live"
    PAUSED = "paused", "Paused"
    COMPLETED = "completed", "Completed"
    REVIEWED = "reviewed", "Reviewed"
    ARCHIVED = "archived", "Archived"


RUNNING = (Status.LIVE, Status.PAUSED)

# From -> where it may go.
MOVES: dict[str, tuple[str, ...]] = {
    Status.DRAFT: (Status.PLANNED, Status.ARCHIVED),
    Status.PLANNED: (Status.DRAFT, Status.APPROVED, Status.ARCHIVED),
    Status.APPROVED: (Status.PLANNED, Status.LIVE, Status.ARCHIVED),
    Status.LIVE: (Status.PAUSED, Status.COMPLETED),
    Status.PAUSED: (Status.LIVE, Status.COMPLETED),
    Status.COMPLETED: (Status.REVIEWED,),
    Status.REVIEWED: (Status.ARCHIVED,),
    Status.ARCHIVED: (),
}


class Objective(models.TextChoices):
    SALES = "sales", "Sales"
    LEADS = "leads", "Leads"
    TRAFFIC = "traffic", "Traffic"
    AWARENESS = "awareness", "Awareness"
    RETENTION = "retention", "Retention"


class Platform(models.TextChoices):
    GOOGLE_ADS = "google_ads", "Google Ads"
    META_ADS = "meta_ads", "Meta Ads"
    LINKEDIN_ADS = "linkedin_ads", "LinkedIn Ads"
    MICROSOFT_ADS = "microsoft_ads", "Microsoft Advertising"
    TIKTOK_ADS = "tiktok_ads", "TikTok Ads"
    GA4 = "ga4", "Google Analytics 4"
    OTHER = "other", "Other"


class ChangeKind(models.TextChoices):
    AUDIENCE = "audience", "Audience"
    CREATIVE = "creative", "Creative"
    BID = "bid", "Bid"
    BUDGET = "budget", "Budget"
    OTHER = "other", "Other"
