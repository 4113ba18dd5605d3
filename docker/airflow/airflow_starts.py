#!/usr/bin/env -S python3 -I
"""Starts a program of Airflow (`airflow_starts.py scheduler`) with the secrets that the pod's variables hold.

AIRFLOW_SECRET is any text that nobody else knows. The keys that the programs must share are made of it: one signs
tokens, one signs the cookies of browsers, and one encrypts the connections and variables in the database. A variable
PASSWORD_OF_name is a user's password; Airflow reads passwords from a file that it must be able to write. The programs
get neither variable, so that tasks do not see them.
"""

import base64
import hashlib
import hmac
import json
import os
import sys
from pathlib import Path

_PASSWORD_OF = "PASSWORD_OF_"
_PASSWORDS = Path("/tmp/passwords.json")


def key(secret: str, purpose: str) -> str:
    """Return the key for one purpose; who has it learns nothing of the others."""
    return base64.urlsafe_b64encode(hmac.digest(secret.encode(), purpose.encode(), hashlib.sha256)).decode()


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
    os.execvp("airflow", ["airflow", *sys.argv[1:]])


if __name__ == "__main__":
    main()
