"""The embedded engine: person and face boxes → poses → part labels → figures. No download needed."""
