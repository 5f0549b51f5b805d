"""Tests of requests, policies and decisions."""
