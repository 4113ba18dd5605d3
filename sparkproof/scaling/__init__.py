"""Nodes that come and go, and the executors that the scheduler places on them."""
