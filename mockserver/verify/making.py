"""Makes resources on a live server: by the examples of requests, with others that they name made before, and uploads.

Knows no journey.
"""

from __future__ import annotations

from typing import Any

from mockserver import pointers
from mockserver.bindings import every
from mockserver.contract import Operation
from mockserver.intake import Reference
from mockserver.lifecycle import Resource
from mockserver.live import fetch
from mockserver.live.files import files
from mockserver.live.pieces import bringing
from mockserver.live.requests import Sample, requests_of_examples, sendable
from mockserver.media.sniff import sniff
from mockserver.verify.looks import Looks


class Making:
    """Creates, and looks at what it created by `looks`."""

    def __init__(self, looks: Looks) -> None:
        self.looks = looks
        self.walker = looks.walker
        self.contract = looks.contract
        self._made: Any = None

    def create(self, asked: Sample, resource: Resource) -> str | None:
        """Create a resource; its id, or None when none was created."""
        names = self.looks.names(asked.operation, resource, None if asked.operation.holds else resource.initial)
        if not self.walker.accepted(asked, names, reply := self.walker.ask(asked)):
            return None
        identity = self.id_in(asked.operation, reply.json)
        if identity is None:
            self.walker.report.note(f"no id was found in the answer of {asked.operation.id}")
        else:
            self.looks.paths[identity] = asked.path
        self._made = reply.json
        return identity

    def id_in(self, operation: Operation, body: Any) -> str | None:
        """The id that an answer tells."""
        places = (at for at, value in every(operation) if value.fact == "id" and not value.salt and at[:1] == "/")
        found = (pointers.get(body, at) for at in places)
        return next((str(each) for each in found if isinstance(each, str | int)), None)

    def with_references(self, asked: Sample) -> Sample | None:
        """The request with ids of resources that were made for it; None when one could not be made."""
        for reference in (r for r in asked.operation.references if r.listed and r.at.startswith("path.")):
            asked = asked.having(reference.at, min(reference.listed))
        for reference in (r for r in asked.operation.references if r.resource):
            for at in asked.places(reference):
                identity = self.made(reference)
                if identity is None:
                    return None
                asked = asked.having(at, reference.after + identity)
        return asked

    def made(self, reference: Reference) -> str | None:
        """A resource in a state that a reference wants, made by its own operations."""
        resource = self.contract.resources[reference.resource]
        maker = next((o for o in self.walker.operations("create") if resource.name in o.resources), None)
        asked = next(sendable(self.contract, maker), None) if maker is not None else None
        if asked is None:
            return None
        data = next((files()[kind] for kind in reference.accept if kind in files()), b"")
        identity = self.create(self._announcing(asked, resource, data), resource)
        if identity is None:
            return None
        if resource.run is not None and not resource.rests and resource.initial not in reference.states:
            self.looks.until_over(resource, identity)
            return identity
        for step in self._way(resource, reference.states):
            self._put(step, identity, data)
        return identity

    def _announcing(self, asked: Sample, resource: Resource, data: bytes) -> Sample:
        """The request that announces these bytes, where the upload is announced."""
        said = {"bytes": len(data), "type": sniff(data)}
        for upload in (o for o in self.walker.operations("upload") if resource.name in o.resources):
            for what, at in upload.announced.items():
                if at.startswith("header.") or (data and pointers.get(asked.values, at) is not pointers.MISSING):
                    asked = asked.having(at, said[what])
        return asked

    def _way(self, resource: Resource, states: frozenset[str]) -> list[Operation]:
        """The uploads and moves that lead a resource to one of these states."""
        steps = [o for o in self.walker.operations("upload", "move") if resource.name in o.resources]
        steps.sort(key=lambda o: (o.verb != "upload", not states.isdisjoint(o.targets)))
        return [] if resource.initial in states else steps

    def _put(self, operation: Operation, identity: str, data: bytes) -> None:
        """One upload or move, on the way to a state."""
        if operation.verb == "move":
            self.walker.ask(self.looks.moving(operation, identity))
            return
        link = self._link(operation)
        if link is not None:
            fetch(link, operation.method, [("Content-Type", sniff(data) or "application/octet-stream")], data)

    def _link(self, operation: Operation) -> str | None:
        """The signed URL that the last create told; None when it told none."""
        makers = (o for o in self.walker.operations("create") if set(o.resources) & set(operation.resources))
        places = (at for m in makers for at, v in every(m) if v.fact in (f"link.{operation.id}", f"url.{operation.id}"))
        told = (pointers.get(self._made, at) for at in places)
        return next((each for each in told if isinstance(each, str)), None)

    def upload(self, operation: Operation, resource: Resource, state: str) -> bool:
        """Put the bytes that were announced; whether they were taken."""
        link = self._link(operation)
        are_parts = operation.pieces is not None and operation.pieces.style == "parts"
        for asked in requests_of_examples(self.contract, operation) if link is not None and not are_parts else ():
            if isinstance(asked.values, bytes) and self._announced(operation, asked):
                kind, body = asked.encoded()
                headers = [("Content-Type", kind or ""), *bringing(asked, 0, len(body), len(body)).headers]
                self.walker.report.requests += 1
                reply = fetch(link or "", operation.method, headers, body)
                return self.walker.accepted(asked, self.looks.names(operation, resource, state), reply)
        self.walker.report.note(f"{operation.id}: no link to it, no example of the announced bytes, or it takes parts")
        return False

    def _announced(self, operation: Operation, asked: Sample) -> bool:
        """Whether these are the bytes that the first example of a create announces."""
        for maker in (o for o in self.walker.operations("create") if set(o.resources) & set(operation.resources)):
            said = next((asked.values for asked in sendable(self.contract, maker)), None)
            wanted = {"bytes": len(asked.values), "type": asked.body.media_type if asked.body else ""}
            told = ((at, what) for what, at in operation.announced.items() if at[:1] in ("/", ""))
            return all(pointers.get(said, at) == wanted[what] for at, what in told)
        return True
