"""The platform is broken in one place at a time, and criteria turn red; what was seen is kept in seen.yaml."""
