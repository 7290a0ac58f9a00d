"""Photo → `Parse`: people and their parts, by one of several engines."""
