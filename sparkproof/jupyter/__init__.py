"""The platform's JupyterLab, as a notebook user sees it."""
