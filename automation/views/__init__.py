"""Pages of alerts and messages."""
