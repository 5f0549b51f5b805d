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


class ExperimentKind(models.TextChoices):
    AB = "ab", "A/B test"
    FACTORIAL = "factorial", "Grid of factors"
    HOLDOUT = "holdout", "Holdout"
    ROTATION = "rotation", "Rotation"
    PERSONAL = "personal", "Message per segment"


# Tests of a fixed split, which are judged; the others let shares follow results.
JUDGED = (ExperimentKind.AB, ExperimentKind.FACTORIAL, ExperimentKind.HOLDOUT)


class ExperimentState(models.TextChoices):
    DRAFT = "draft", "Draft"
    SEALED = "sealed", "Sealed"
    RUNNING = "running", "Running"
    STOPPED = "stopped", "Stopped"
    CONCLUDED = "concluded", "Concluded"
    ARCHIVED = "archived", "Archived"


class ExperimentSource(models.TextChoices):
    TYPED = "typed", "Typed in or from a file"
    IMPORTS = "imports", "From imports, every night"


class ExperimentDecision(models.TextChoices):
    SHIP = "ship", "Use the new variant"
    KEEP = "keep", "Keep what there was"
    AGAIN = "again", "Test again"
    NONE = "none", "Decide nothing from it"


class LookPlan(models.TextChoices):
    UNTIL_END = "until_end", "As often as you like until the planned end"
    ONCE = "once", "Once, at the end"
    PLANNED = "planned", "At planned looks"
    ANY_TIME = "any_time", "As often as you like, without an end"


class MetricKind(models.TextChoices):
    PROPORTION = "proportion", "Yes or no of each unit"
    COUNT = "count", "Number of events"
    MEAN = "mean", "A value of each unit"


class MetricRole(models.TextChoices):
    PRIMARY = "primary", "Decides"
    SECONDARY = "secondary", "Watched"
    GUARDRAIL = "guardrail", "Must not get worse"


class Wanted(models.TextChoices):
    HIGHER = "higher", "Higher is better"
    LOWER = "lower", "Lower is better"


class Counted(models.TextChoices):
    """Figures of imports that count something, so that a test can be made of them."""

    IMPRESSIONS = "impressions", "Impressions"
    CLICKS = "clicks", "Clicks"
    CONVERSIONS = "conversions", "Conversions"
    LEADS = "leads", "Leads"
    ENGAGEMENTS = "engagements", "Engagements"
    VIDEO_VIEWS = "video_views", "Video views"
