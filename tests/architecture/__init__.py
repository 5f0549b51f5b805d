"""The house's own rules, held by machine. Each checker is shown a bad example first."""
