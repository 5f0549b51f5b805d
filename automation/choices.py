"""Names that others use of automation."""

# Kinds of change that can be asked for.
RELEASE = "automation.release"
FEATURE = "automation.feature"

# The feature that sends alerts by mail.
ALERT_MAILS = "alert-mails"
