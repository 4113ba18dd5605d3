"""One named time limit, in seconds, for each awaited event; nobody else writes a number of seconds."""

API_CALL = 20.0
POD_READY = 180.0
POD_GONE = 60.0
NAMESPACE_GONE = 120.0
HELM_INSTALL = 300.0
SQL = 240.0
HISTORY = 20.0
EXECUTORS = 90.0
EXECUTORS_GONE = 120.0
POLL = 0.25
TOOL = 30.0
DOWNLOAD = 900.0
GO_BUILD = 1800.0
IMAGE_BUILD = 1800.0
