"""Pages that show numbers and records."""
