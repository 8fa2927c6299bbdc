"""Fuzzing the consumer: surprising answers, whole schedules, and a client run under many of them in virtual time."""

from mockserver.exploring import Broken
from pytest_plugin.exploration.explorer import Exploration, explore
from pytest_plugin.exploration.strategies import answers, schedules

__all__ = ["Broken", "Exploration", "answers", "explore", "schedules"]
