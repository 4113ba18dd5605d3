"""Governance of tables: who owns them, what may be in them and for how long, what is erased, and who changed them."""
