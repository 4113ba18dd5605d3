"""JupyterLab in a pod: reached through its Service, with the token that JUPYTER_TOKEN or JUPYTER_TOKEN_FILE gives."""

import os
import sys
from pathlib import Path

c = get_config()  # noqa: F821  Jupyter gives its configuration files this name

given = os.environ.get("JUPYTER_TOKEN")
if given is None and (file := os.environ.get("JUPYTER_TOKEN_FILE")):
    given = Path(file).read_text().strip()
# An empty token would turn authentication off, none would be made up and written into the log.
if not given:
    sys.exit("No token: give JUPYTER_TOKEN, or JUPYTER_TOKEN_FILE, the path of a file that holds it.")
c.IdentityProvider.token = given
c.ServerApp.ip = "0.0.0.0"
c.ServerApp.port = 8888
c.ServerApp.open_browser = False
