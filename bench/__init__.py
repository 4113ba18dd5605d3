"""Measurements of the promised speed and size; not part of the tests."""
