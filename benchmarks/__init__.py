"""Measurements: how fast, and against which named baselines."""
