"""Programs for those who run, test and change Adroit."""
