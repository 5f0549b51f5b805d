from django.db import models


class RunState(models.TextChoices):
    UPLOADED = "uploaded", "Uploaded"
    CHECKED = "checked", "Checked"
    IMPORTING = "importing", "Importing"
    IMPORTED = "imported", "Imported"
    UNCHANGED = "unchanged", "Already imported"
    REFUSED = "refused", "Refused"
    DISCARDED = "discarded", "Discarded"
    UNDONE = "undone", "Undone"


class Verdict(models.TextChoices):
    ACCEPT = "ACCEPT", "All rows are ready"
    PARTIAL = "PARTIAL", "Some rows have a problem"
    REFUSE = "REFUSE", "Cannot be imported"
