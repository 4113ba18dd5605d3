"""Mutants of the charts: each line of what they render is dropped or changed, and something has to turn red."""
