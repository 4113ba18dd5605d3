"""GPUs: RAPIDS' plans, the work that RAPIDS executed on a GPU, and samples of the hardware."""
