"""One named time limit, in seconds, for each awaited event; nobody else writes a number of seconds."""

API_CALL = 20.0
POD_READY = 180.0
POD_GONE = 60.0
NAMESPACE_GONE = 120.0
HELM_INSTALL = 300.0
SQL = 300.0
POLL = 0.25
