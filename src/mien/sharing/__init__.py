"""Copies of photos that are safe to hand out: who is not to be seen cannot be recognised in them."""
