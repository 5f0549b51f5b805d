"""Drills: races and kills, each with a control that must fail."""
