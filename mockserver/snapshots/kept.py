"""What a job remembers of its request: the values that answers show, as the request's own schema allows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from mockserver import pointers
from mockserver.contract import Contract, Operation
from mockserver.items import KEPT
from mockserver.kept import kept_pointers
from mockserver.lifecycle import Resource
from mockserver.snapshots.places import SnapshotPlace
from mockserver.validation import Schemas, Validator
from mockserver.validation.shapes import properties_of_all
from mockserver.webhooks.relaxed import relaxed

_PLAIN = (str, int, float, bool, type(None))
_SCHEMA = "x-schema"


class KeptValues:
    """Judges the kept values of one API's jobs; schemas are compiled once."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._validators: dict[tuple[str, str], Validator | None] = {}

    def read(self, place: SnapshotPlace, resource: Resource, operation: Operation) -> Mapping[str, Any] | None:
        """By pointer into the request; None when there are none. Raises RequestError."""
        known = kept_pointers(self._contract, resource.name)
        for pointer, at in place.items():
            if pointer == KEPT and resource.items is not None and isinstance(at.value, list | dict):
                continue
            SnapshotPlace(pointer, at.pointer, at.hint).among(known, "value that an answer shows, at")
            validator = self._validator(resource, operation, pointer)
            if validator is None:
                items = at.value if isinstance(at.value, list) else [at.value]
                if not all(isinstance(item, _PLAIN) for item in items):
                    at.refuse("the request has a plain value here")
            elif (error := validator.check(at.value)) is not None:
                at.refuse(error.why)
        return place.value or None

    def _validator(self, resource: Resource, operation: Operation, pointer: str) -> Validator | None:
        key = (operation.id, pointer)
        if key not in self._validators:
            updates = [each for each in self._contract.operations.values() if resource.name in each.resources]
            several = [
                operation,
                *(update for update in updates if any(f"{pointer}/".startswith(f"{at}/") for at in update.sets)),
            ]
            self._validators[key] = self._compiled(several, pointer)
        return self._validators[key]

    @cached_property
    def _document(self) -> Any:
        """Webhooks may have been insecure when a job was made, and not be any more when its snapshot was taken."""
        return relaxed(self._contract)

    def _compiled(self, operations: Sequence[Operation], pointer: str) -> Validator | None:
        """What the bodies of operations may say at a pointer; None where their schemas say nothing of it."""
        if pointer[:1] not in ("/", "") and pointer != "body":  # a parameter: plain, or a list of such
            return None
        document = self._document
        found = [pointers.get(document, body.pointer) for operation in operations for body in operation.bodies]
        for part in pointers.split(pointer):
            found = properties_of_all(found, document).get(part, [])
        if len(operations) > 1:  # members that came one after the other may be more than one request may have
            found = [{word: said for word, said in each.items() if word != "maxProperties"} for each in found]
        # A field that is empty, or that the vendor takes as null, is kept as it was sent.
        any_of = [{"type": "null"}, {"const": ""}, *found]
        return Schemas({**document, _SCHEMA: {"anyOf": any_of}}).at(f"/{_SCHEMA}") if found else None
