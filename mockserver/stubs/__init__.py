"""Types of handles, written as stub files: what a type checker shall know of the faults and of each contract.

words       Python types as text, and how they are laid out
signatures  methods of the handles, with names of a contract in place of any text
faults      one overload per fault: `mockserver/steering/checked.pyi`
apis        one class per contract: `pytest_plugin/apis.pyi`, or that of an API of one's own

Knows the catalogue, contracts and the handles' signatures; no server, no test.
"""
