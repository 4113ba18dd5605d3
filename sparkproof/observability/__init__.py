"""Metrics as a Prometheus would read them."""
