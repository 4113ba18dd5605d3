"""Disturbances of a platform's components, and what they do to the work of its users."""
