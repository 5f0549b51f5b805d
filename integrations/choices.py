from django.db import models

# The kind of work in the outbox that imports a large file.
IMPORT = "import_file"
# The feature that makes the platforms' bulk-edit files of what was carried out.
PLATFORM_FILES = "platform-files"


class RunState(models.TextChoices):
    UPLOADED = "uploaded", "Uploaded"
    CHECKED = "checked", "Checked"
    IMPORTING = "importing", "Importing"
    IMPORTED = "imported", "Imported"
    UNCHANGED = "unchanged", "Already imported"
    REFUSED = "refused", "Refused"
    DISCARDED = "discarded", "Discarded"
    UNDONE = "undone", "Undone"


class Origin(models.TextChoices):
    """How a run came in; the batch, the quarantine and undoing are the same for all."""

    UPLOAD = "upload", "Upload"
    COMMAND = "command", "Command line"
    API = "api", "API"
    CONNECTION = "connection", "Connection"
    URL = "url", "Fetched from a URL"
    MAIL = "mail", "E-mail"
    FOLDER = "folder", "Drop folder"
    STREAM = "stream", "Event stream"


class WayKind(models.TextChoices):
    """By which a file comes without anybody uploading it; the values are ``Origin``'s."""

    FOLDER = "folder", "Drop folder"
    MAIL = "mail", "E-mail address"
    URL = "url", "Fetched from a URL"


# The kind of work in the outbox that fetches a URL.
FETCH = "fetch_url"


class Every(models.TextChoices):
    HOURLY = "hourly", "Every hour"
    DAILY = "daily", "Every day"
    WEEKLY = "weekly", "Every Monday"


class Verdict(models.TextChoices):
    ACCEPT = "ACCEPT", "All rows are ready"
    PARTIAL = "PARTIAL", "Some rows have a problem"
    REFUSE = "REFUSE", "Cannot be imported"


class SyncKind(models.TextChoices):
    SCHEDULE = "schedule", "By schedule"
    MANUAL = "manual", "By hand"
    BACKFILL = "backfill", "Backfill"


class SyncState(models.TextChoices):
    WAITING = "waiting", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    STOPPED = "stopped", "Stopped"


# A connection has at most one sync in these.
OPEN_SYNCS = (SyncState.WAITING, SyncState.RUNNING)


class ConnectionState(models.TextChoices):
    NEW = "new", "Not signed in yet"
    ACTIVE = "active", "In use"
    PAUSED = "paused", "Paused"
    SIGN_IN = "sign_in", "Sign in again"


class OrderKind(models.TextChoices):
    PAUSE = "pause", "Pause"
    RESUME = "resume", "Resume"
    BUDGET = "budget", "Daily budget"
    BID = "bid", "Bid"
    ROTATION = "rotation", "Creative rotation"


class OrderState(models.TextChoices):
    WAITING = "waiting", "Waiting"
    SENT = "sent", "Sent, not confirmed"
    DONE = "done", "Done"
    NEEDS_PERSON = "needs_person", "Needs a person"
    CANCELLED = "cancelled", "Cancelled"


# The feature that sends approved changes to the platforms by itself.
PLATFORM_ORDERS = "platform-orders"
# The kind of work in the outbox that looks at a source after a load.
QUALITY = "quality"
# The kinds of work in the outbox.
SYNC, PLATFORM_ORDER = "sync", "platform_order"
# The approval action of a change at a platform.
PLATFORM_CHANGE = "platform.change"


class Monitor(models.TextChoices):
    """What is watched in the data of a source, in the order people read it."""

    LATE = "late", "Lateness"
    GAP = "gap", "Gap"
    VOLUME = "volume", "Volume"
    DUPLICATE = "duplicate", "Duplicate"
    NEGATIVE = "negative", "Negative"
    CLICKS = "clicks", "Clicks above impressions"
    SPEND = "spend", "Spend without impressions"
    CONVERSIONS = "conversions", "Conversions without clicks"
    CURRENCY = "currency", "Currency or time zone"
    SHIFT = "shift", "Distribution shift"
    UNKNOWN = "unknown", "Unknown campaign"
    NAMING = "naming", "Naming breach"
    LANDING = "landing", "Dead landing page"
    UTM = "utm", "Missing UTM"


class Severity(models.TextChoices):
    OFF = "off", "Off"
    WARNING = "warning", "Warning"
    ERROR = "error", "Error"


class IssueState(models.TextChoices):
    OPEN = "open", "Open"
    ACCEPTED = "accepted", "Accepted"
    RECOVERED = "recovered", "Recovered"


class Level(models.TextChoices):
    """How finely rows of a platform are cut; facts of a line's day come from one of them."""

    ACCOUNT = "account", "Account"
    CAMPAIGN = "campaign", "Campaign"
    GROUP = "group", "Ad group"
    AD = "ad", "Ad"


class EventKind(models.TextChoices):
    """What a single event of a stream says."""

    SPEND = "spend", "Spend"
    IMPRESSIONS = "impressions", "Impressions"
    CLICKS = "clicks", "Clicks"
    CONVERSION = "conversion", "Conversion"
    TOUCH = "touch", "Touch"
    PRODUCT = "product", "Product event"
    PAYMENT = "payment", "Payment"


# The kind of work in the outbox that counts the events of a stream.
STREAM_FLUSH = "stream.flush"
