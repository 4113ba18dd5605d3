"""A run of the suite: its settings, tags, phrases and shared platforms, and the pages that are made from the code."""
