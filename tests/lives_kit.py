"""States of one's own in the good contract: they are declared, and every operation that must answers them."""

from __future__ import annotations

import copy
from typing import Any

from check_kit import BEHAVIOR, OPENAPI, Documents, Mutation, both

LIST = "/v1/jobs"
SHOW = "/v1/jobs/{jobId}"
CANCEL = "/v1/jobs/{jobId}/cancel"


def _examples(openapi: Any, path: str, method: str, status: str) -> Any:
    return openapi["paths"][path][method]["responses"][status]["content"]["application/json"].setdefault("examples", {})


def state(name: str, like: str = "Running", first: bool = False, **said: Any) -> Mutation:
    """A state that is shown by the example of another one; a cancellation finds it too late."""

    def make(documents: Documents) -> None:
        openapi, behavior = documents[OPENAPI], documents[BEHAVIOR]
        states = behavior["resources"]["job"]["states"]
        behavior["resources"]["job"]["states"] = {name: {**said}, **states} if first else {**states, name: {**said}}
        if said.get("gone"):
            return
        openapi["components"]["schemas"]["Job"]["properties"]["status"] = {"type": "string"}
        shown = copy.deepcopy(openapi["components"]["examples"][like]["value"]) | {"status": name}
        openapi["components"]["examples"][name] = {"value": shown}
        _examples(openapi, SHOW, "get", "200")[name] = {"$ref": f"#/components/examples/{name}"}
        _examples(openapi, CANCEL, "post", "409")[name] = {"$ref": "#/components/examples/NotCancellable"}
        listed = openapi["paths"][LIST]["get"]["responses"]["200"]["content"]["application/json"]
        listed["examples"]["ok"]["value"]["items"].append(copy.deepcopy(shown))

    return make


def before(name: str, other: str) -> Mutation:
    """A state stands before another one in the order of the contract."""

    def make(documents: Documents) -> None:
        states = documents[BEHAVIOR]["resources"]["job"]["states"]
        said = states.pop(name)
        order = list(states)
        order.insert(order.index(other), name)
        documents[BEHAVIOR]["resources"]["job"]["states"] = {key: said if key == name else states[key] for key in order}

    return make


def cancelling(to: Any, **shown: str) -> Mutation:
    """A cancellation leads there; the states named are answered with 200 and the example of that name."""

    def make(documents: Documents) -> None:
        documents[BEHAVIOR]["operations"]["cancelJob"]["to"] = to
        documents[BEHAVIOR]["operations"]["cancelJob"]["bindings"] = {"/id": "id", "/progress": "progress"}
        openapi = documents[OPENAPI]
        for name, example in shown.items():
            _examples(openapi, CANCEL, "post", "409").pop(name, None)
            _examples(openapi, CANCEL, "post", "200")[name] = {"$ref": f"#/components/examples/{example}"}

    return make


def running(queued: float = 2, seconds: float = 10) -> Mutation:
    """Both phases take so long."""

    def make(documents: Documents) -> None:
        documents[BEHAVIOR]["resources"]["job"]["run"] |= {"queued": {"fixed": queued}, "running": {"fixed": seconds}}

    return make


__all__ = ["before", "both", "cancelling", "running", "state"]
