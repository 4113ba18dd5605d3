#!/usr/bin/python3 -I
"""Asks the master or the worker, as the first argument names it, what it shows on its web interface.

It is this pod's, or that of the host in the second argument. Exits 0 when the master leads its cluster, or when the
worker belongs to one.
"""

import json
import sys
import urllib.request

PATIENCE_S = 4
PORTS = {"master": 8080, "worker": 8081}


def main(daemon: str, host: str = "127.0.0.1") -> None:
    """Ask once; leaves with a sentence when the daemon is silent for PATIENCE_S or is of no use yet."""
    try:
        with urllib.request.urlopen(f"http://{host}:{PORTS[daemon]}/json/", timeout=PATIENCE_S) as answer:
            shown = json.load(answer)
    except OSError as silent:
        sys.exit(f"The {daemon} does not answer: {silent}")
    if daemon == "master" and shown["status"] != "ALIVE":
        sys.exit(f"The master is {shown['status']}.")
    if daemon == "worker" and not shown["masterurl"]:
        sys.exit("The worker belongs to no master.")


if __name__ == "__main__":
    main(*sys.argv[1:])
