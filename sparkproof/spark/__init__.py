"""Spark as its users see it: platforms, sessions over Spark Connect, applications, executors and their history."""
