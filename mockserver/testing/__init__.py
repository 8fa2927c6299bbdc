"""What a test has of a server, whatever runs it: a sandbox of its own, tools beside it, and a judgement at the end.

Knows no test runner; `pytest_plugin` makes fixtures of it, `mock` makes blocks and decorators.
"""

from mockserver.testing.judgement import BadConduct, ContractViolated, Failure, MockserverWarning

__all__ = ["BadConduct", "ContractViolated", "Failure", "MockserverWarning"]
