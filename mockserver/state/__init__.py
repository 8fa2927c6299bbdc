"""The state of a sandbox behind one port: `port` says what crosses it, `memory` is the home in this process."""
