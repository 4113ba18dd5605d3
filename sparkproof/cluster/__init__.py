"""The cluster that a run uses: its connection, its capabilities, its free capacity and its contract."""
