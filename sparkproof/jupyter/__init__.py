"""JupyterLab, as a notebook user has it."""
