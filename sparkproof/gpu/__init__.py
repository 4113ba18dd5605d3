"""GPUs: what RAPIDS would run on one, what it ran on one, and what the hardware showed meanwhile."""
