"""Spark as its users meet it: sessions over Spark Connect, and the history of what ran."""
