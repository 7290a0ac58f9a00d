"""Keeping derived data current: what to do, doing it, and surviving bad files, kills and unplugged drives."""
