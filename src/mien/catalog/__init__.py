"""The store: decisions, kept for ever in a journal of their own, and everything derived, kept in a cache."""
