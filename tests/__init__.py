"""Tests of Adroit."""
