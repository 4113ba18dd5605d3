#!/usr/bin/env -S python3 -I
"""Starts a program of Airflow (`airflow_starts.py scheduler`) with the secrets that the pod's variables hold.

AIRFLOW_SECRET is any text that nobody else knows. The keys that the programs must share are made of it: one signs
tokens, one signs the cookies of browsers, and one encrypts the connections and variables in the database. A variable
PASSWORD_OF_name is a user's password; Airflow reads passwords from a file that it must be able to write. The programs
get neither variable, so that tasks do not see them.

The scheduler starts when the API server of its pod answers: a task that does not reach it fails without a reason.
"""

import base64
import hashlib
import hmac
import json
import os
import sys
import time
from pathlib import Path
from urllib.request import urlopen

_PASSWORD_OF = "PASSWORD_OF_"
_API = "AIRFLOW__CORE__EXECUTION_API_SERVER_URL"
_PASSWORDS = Path("/tmp/passwords.json")


def key(secret: str, purpose: str) -> str:
    """Return the key for one purpose; who has it learns nothing of the others."""
    return base64.urlsafe_b64encode(hmac.digest(secret.encode(), purpose.encode(), hashlib.sha256)).decode()


def await_api(address: str, every_s: float = 1.0) -> None:
    """Wait until the API server for tasks answers at this address; the pod's probes limit how long that may take."""
    while True:
        try:
            urlopen(f"{address.rstrip('/')}/health", timeout=10).close()
            return
        except OSError:
            time.sleep(every_s)


def main() -> None:
    """Write the users' passwords and become the program of Airflow that the arguments name."""
    secret = os.environ.pop("AIRFLOW_SECRET", "")
    if not secret:
        sys.exit("No secret: give AIRFLOW_SECRET, any text that nobody else knows.")
    own = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith(_PASSWORD_OF)}
    passwords = {name.removeprefix(_PASSWORD_OF): value for name, value in own.items()}
    if empty := sorted(name for name, value in passwords.items() if not value):
        sys.exit(f"No password for {', '.join(empty)}: an empty one would let anybody in.")
    os.environ |= {
        "AIRFLOW__API_AUTH__JWT_SECRET": key(secret, "tokens"),
        "AIRFLOW__API__SECRET_KEY": key(secret, "cookies"),
        "AIRFLOW__CORE__FERNET_KEY": key(secret, "database"),
    }
    if passwords:
        _PASSWORDS.write_text(json.dumps(passwords))
        os.environ["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"] = str(_PASSWORDS)
    if sys.argv[1:2] == ["scheduler"] and (address := os.environ.get(_API)):
        await_api(address)
    os.execvp("airflow", ["airflow", *sys.argv[1:]])


if __name__ == "__main__":
    main()
