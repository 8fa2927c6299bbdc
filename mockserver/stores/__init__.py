"""Homes of the state outside this process. Each is a room of its own; none knows HTTP."""
