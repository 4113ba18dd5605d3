"""What all tests start from."""

import signal

# A shell starts its background jobs with Ctrl-C ignored, and so would be whatever the tests start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)
