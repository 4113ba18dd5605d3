"""Simulated nodes that a scenario adds and removes, and the executors that the scheduler places on them."""
