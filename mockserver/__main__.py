"""`python -m mockserver` is the command `mockserver`."""

from mockserver.cli import main

main()
