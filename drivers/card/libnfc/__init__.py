"""Card readers that libnfc knows, through pynfc in a child process: a mute reader hangs libnfc for good."""
