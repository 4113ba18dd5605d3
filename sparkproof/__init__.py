"""Sparkproof proves, on a real cluster, that a Spark platform on Kubernetes meets its acceptance criteria."""
