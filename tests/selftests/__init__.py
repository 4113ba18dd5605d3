"""behave's own self-tests as a standing comparison of the runner with behave's own: `python -m tests.selftests`."""
