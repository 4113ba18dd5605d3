"""Drills of a platform's operators: what is lost, how it is brought back, and what that took and cost."""
