"""Platforms: their classes and specifications, the providers that install them, and their sharing by scenarios."""
