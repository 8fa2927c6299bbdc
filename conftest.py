"""Loads the checkout's own plugin, unless an installation has registered it already."""

from __future__ import annotations

from importlib.metadata import entry_points

_INSTALLED = any(each.name == "mockserver" for each in entry_points(group="pytest11"))
pytest_plugins = ["pytester"] if _INSTALLED else ["pytester", "pytest_plugin.plugin"]
