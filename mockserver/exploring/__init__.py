"""Fuzzing of a consumer: it is run under many schedules, and each run is judged.

search      which schedules are tried, and how what fails is made small
rules       what no schedule may bring a client to, whatever runs it
command     one run of a command in any language
verdict     what a run of a command broke
"""

from mockserver.exploring.rules import CONDUCT, JUMPS, Broken, jumped, misconduct, paid_twice, took_half
from mockserver.exploring.search import MinimalFailure, Search

__all__ = ["CONDUCT", "JUMPS", "Broken", "MinimalFailure", "Search", "jumped", "misconduct", "paid_twice", "took_half"]
