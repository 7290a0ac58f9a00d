"""The store: the disposable cache, the journal of decisions, backups."""
