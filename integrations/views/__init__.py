"""Pages of the import centre."""
