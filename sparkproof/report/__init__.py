"""The HTML report of a run for stakeholders."""
