"""Pages of customers and of personal data."""
