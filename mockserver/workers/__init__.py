"""Several processes that serve at one socket, and the one that starts them and takes care that they are there.

seat         what a worker has of the one that started it
member       what that one has of a worker
supervisor   it itself
None of them knows what is served.
"""

from mockserver.workers.seat import VARIABLE, Seat
from mockserver.workers.supervisor import Supervisor, WorkerPlan

__all__ = ["VARIABLE", "Seat", "Supervisor", "WorkerPlan"]
