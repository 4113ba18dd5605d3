"""Platforms: what one is installed from, what it runs, and how scenarios share it."""
