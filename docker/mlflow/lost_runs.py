#!/usr/bin/python3 -I
"""Names the tracked runs that nobody works on any more, and ends with 1 if there are any; --end tracks them as KILLED.

A client that is killed cannot say so, and its run stays RUNNING. While it lives, a client of the platform's pods tells
every ten seconds how it uses its machine. A run is lost when it was not started, and told nothing, for --after seconds.
"""

import argparse
import json
import sys
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

PATIENCE_S = 30


def main(arguments: list[str]) -> None:
    """Name the lost runs, one a line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", default="http://localhost:5000", help="address of the tracking server")
    parser.add_argument("--after", type=float, default=60, help="seconds without a sign of life")
    parser.add_argument("--end", action="store_true", help="track lost runs as KILLED")
    given = parser.parse_args(arguments)
    now = time.time()
    lost = [run for run in running(given.server) if now - last_sign(run) > given.after]
    for run in lost:
        print(f"{run['info']['run_id']} {run['info'].get('run_name', '')}: silent for {now - last_sign(run):.0f} s")
        if given.end:
            killed = {"run_id": run["info"]["run_id"], "status": "KILLED", "end_time": int(last_sign(run) * 1000)}
            ask(given.server, "runs/update", killed)
    sys.exit(1 if lost else 0)


def running(server: str) -> Iterator[Any]:
    """All runs that are tracked as RUNNING."""
    for experiments in pages(server, "experiments/search", {"max_results": 100}):
        ids = [each["experiment_id"] for each in experiments.get("experiments", ())]
        wanted = {"experiment_ids": ids, "filter": "attributes.status = 'RUNNING'", "max_results": 100}
        for found in pages(server, "runs/search", wanted) if ids else ():
            yield from found.get("runs", ())


def last_sign(run: Any) -> float:
    """The time, in seconds, of a run's start or of the last metric that it told."""
    told = [each["timestamp"] for each in run.get("data", {}).get("metrics", ())]
    return max(map(int, [run["info"]["start_time"], *told])) / 1000


def pages(server: str, path: str, wanted: dict[str, Any]) -> Iterator[Any]:
    """Each page of an answer that comes in pages."""
    page = ask(server, path, wanted)
    yield page
    while token := page.get("next_page_token"):
        page = ask(server, path, {**wanted, "page_token": token})
        yield page


def ask(server: str, path: str, wanted: dict[str, Any]) -> Any:
    """Return the server's answer."""
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{server}/api/2.0/mlflow/{path}", json.dumps(wanted).encode(), headers)
    with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
        return json.load(answer)


if __name__ == "__main__":
    main(sys.argv[1:])
