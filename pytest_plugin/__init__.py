"""The pytest plugin of mockserver-kit."""
