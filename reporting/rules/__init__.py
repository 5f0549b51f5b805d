"""What reporting decides and draws, as pure functions."""
