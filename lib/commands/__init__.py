"""What the Makefile calls: each module is one command, run as `python -m lib NAME`."""
