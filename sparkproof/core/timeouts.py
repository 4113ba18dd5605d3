"""One named time limit, in seconds, for each awaited event; nobody else writes a number of seconds."""

API_CALL = 20.0
POD_READY = 180.0
# Other scenarios hold their platforms for as long as the longest of them takes.
ROOM = 600.0
ROOM_ASKED = 2.0
QUOTA = 30.0
QUEUE = 60.0
# What a pod uses is counted every ten seconds, and asked for as often, by two programs one after another.
SIZE_ADVICE = 180.0
USE_ASKED = 2.0
NAMESPACE_GONE = 120.0
UNINSTALLED = 90.0
HELM_INSTALL = 300.0
HELM_TEST = 900.0
HELM_OF_OTHERS = 60.0
SQL = 240.0
APPLICATION = 600.0
PROJECT = 300.0
DAG_RUN = 240.0
DAG_SEEN = 120.0
DAG_ASKED = 5.0
WORK_GONE = 60.0
SUBMISSION_ENDED = 60.0
HISTORY = 20.0
SERVICE_BACK = 15.0
ARCHIVE = 60.0
# A server at rest is watched for as long: its programs may still start.
AT_REST = 60.0
STORE = 120.0
LOAD = 300.0
SESSION = 5.0
BACKUP = 600.0
SCHEDULED = 150.0
METRICS = 30.0
# The operator writes a Secret, and the kubelet takes up to a minute and a half to bring it into Prometheus' pod.
TARGETS = 240.0
ALERT = 120.0
# Alerts of monitored platforms count over two minutes.
ALERTS_END = 240.0
EXECUTORS = 90.0
EXECUTORS_GONE = 120.0
WORKERS = 180.0
INGEST = 240.0
NODE_READY = 30.0
NODES_GONE = 120.0
PLACEMENT = 60.0
PATIENCE = 2.0
# Some ask the API server several times.
PROBE = 60.0
CONNECTION = 3.0
CONNECTED = 10.0
CREDENTIALS = 60.0
POLICY = 30.0
POLL = 0.25
SAID_AGAIN = 10.0
SAMPLES = 20.0
WATCHED = 300.0
TOOL = 30.0
DOWNLOAD = 900.0
DOWNLOAD_STALLED = 60.0
GO_BUILD = 1800.0
IMAGE_BUILD = 1800.0
CONTAINERD = 30.0
IMAGE_IMPORT = 300.0
CLUSTER_UP = 180.0
CLUSTER_DOWN = 10.0
REPORT = 120.0
BROWSER = 120.0
CHARTS = 900.0
CLUSTER_RECOVERY = 120.0
# The kubelet waits up to five minutes before it starts a program again that has ended several times.
RESTARTED = 330.0
# A static pod has half a minute to end, and the kubelet looks after it every few seconds.
CONTROL_PLANE_STOPPED = 120.0
SNAPSHOT = 120.0
