"""The exit codes of the commands."""

FINISHED = 0
OUTPUT_FAILED = 1
USAGE_ERROR = 2
DIVERGED = 3
SIGNALLED = 128
"""Plus the number of the signal, as shells expect."""
INTERRUPTED = 130
"""By Ctrl-C."""
OUTPUT_UNREAD = 141
"""As of a program that a closed pipe ends."""
