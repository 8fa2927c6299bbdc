"""Every way by which a file comes in, found from the contracts, and every way by which what became of it goes out."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

import httpx
from kinds_kit import File, sample
from PIL import Image
from running_kit import on_loop

from mockserver import Running, pointers
from mockserver.api_state import SandboxApi
from mockserver.bindings import every
from mockserver.contract import Contract, Operation
from mockserver.intake import Reference
from mockserver.journal import JournalEntry
from mockserver.live.requests import Sample, requests_of_examples
from mockserver.loader import load_all
from mockserver.media import sniff
from mockserver.state.pages import all_entries

BOUNDARY = "frontier-of-files"
GOOD = {
    "image": File("good.png", "image/png", sample("portrait.png")),
    "audio": File("good.mp3", "audio/mpeg", sample("voice.mp3")),
}
CONTRACTS = load_all()


@dataclass(frozen=True)
class Entrance:
    """An operation that takes a file: as a part of this name, or as a resource that it refers to."""

    api: str
    operation: str
    part: str = ""
    reference: str = ""

    def __str__(self) -> str:
        return f"{self.api}.{self.operation}{self.part and '.' + self.part}{self.reference}"


def entrances() -> list[Entrance]:
    """All of them, of all contracts."""
    return [each for contract in CONTRACTS for each in _entrances(contract)]


def _entrances(contract: Contract) -> Iterator[Entrance]:
    for operation in contract.operations.values():
        for part in operation.files:
            yield Entrance(contract.name, operation.id, part)
        for reference in operation.references:
            if reference.accept:
                yield Entrance(contract.name, operation.id, reference=reference.at)


def family(contract: Contract, entrance: Entrance) -> str:
    """`image` or `audio`: what an entrance is for."""
    operation = contract.operations[entrance.operation]
    accepted = operation.files[entrance.part].accept if entrance.part else reference_of(operation, entrance).accept
    return accepted[0].partition("/")[0]


def reference_of(operation: Operation, entrance: Entrance) -> Reference:
    return next(each for each in operation.references if each.at == entrance.reference)


@dataclass
class Visitor:
    """A client of one API in one sandbox. `asked` counts its requests, `refused` are statuses that were no success."""

    side: SandboxApi
    http: httpx.Client
    running: Running
    asked: int = 0
    refused: list[int] = field(default_factory=list)

    @property
    def contract(self) -> Contract:
        return self.side.contract

    @property
    def journal(self) -> list[JournalEntry]:
        """The entries of requests, read on the server's own loop: what was answered is entered then."""

        async def entries() -> list[JournalEntry]:
            return [entry async for entry in all_entries(self.side.sandbox.state, 0, ("request", "media"))]

        found: list[JournalEntry] = on_loop(self.running, entries())
        return found

    def ask(self, method: str, url: str, **more: Any) -> httpx.Response:
        """A request; whatever it is, the server does not fail."""
        self.asked += 1
        answer = self.http.request(method, url, **more)
        assert answer.status_code < 500, (method, url, answer.status_code, answer.text)
        return answer

    def create(self, entrance: Entrance, file: File, *, twins: bool = False) -> str | None:
        """The id of what was made with this file at an entrance; None when it was refused.

        Other files of the request are good ones; `twins`: all those of its kind are this one.
        """
        operation = self.contract.operations[entrance.operation]
        kind = family(self.contract, entrance)
        others = {**GOOD, kind: file} if twins else GOOD
        if entrance.part:
            asked = _with_part(self.contract, operation, entrance.part)
            media_type, body = _multipart(asked, {**_by_part(operation, others), entrance.part: file})
        else:
            found = self._with_media(operation, entrance, file, others)
            if found is None:
                return None
            told, body = found.encoded()
            media_type = told or ""
        answer = self.ask(operation.method, operation.path, content=body, headers={"Content-Type": media_type})
        if not answer.is_success:
            self.refused.append(answer.status_code)
            return None
        return id_in(operation, answer.json())

    def _with_media(
        self, operation: Operation, entrance: Entrance, file: File, others: Mapping[str, File]
    ) -> Sample | None:
        """A request whose reference is this file, uploaded before."""
        asked = _referring(self.contract, operation, entrance.reference)
        for reference in (each for each in operation.references if each.accept):
            for at, _ in list(pointers.find(asked.values, reference.at)):
                wanted = file if reference.at == entrance.reference else others[reference.accept[0].partition("/")[0]]
                identity = self.uploaded(reference, wanted)
                if identity is None:
                    return None
                asked = asked.having(at, identity)
        return asked

    def uploaded(self, reference: Reference, file: File, sent: bytes | None = None) -> str | None:
        """A resource made of these bytes: announced, put, finished; None when one of these was refused.

        `sent`: what is put, if it is not what was announced.
        """
        operations = [o for o in self.contract.operations.values() if reference.resource in o.resources]
        maker, upload, finish = (next(o for o in operations if o.verb == v) for v in ("create", "upload", "move"))
        asked = next(requests_of_examples(self.contract, maker))
        said = {"bytes": len(file.data), "type": file.declared or "application/octet-stream"}
        for what, at in upload.announced.items():
            asked = asked.having(at, said[what])
        told = self.ask(maker.method, maker.path, json=asked.values)
        if not told.is_success:
            self.refused.append(told.status_code)
            return None
        link = next(pointers.get(told.json(), at) for at, v in every(maker) if v.fact == f"link.{upload.id}")
        identity = id_in(maker, told.json())
        put = self.ask("PUT", link, content=file.data if sent is None else sent, headers={"Content-Type": said["type"]})
        assert finish.id_at is not None
        done = self.ask(
            finish.method,
            finish.path,
            json=next(requests_of_examples(self.contract, finish)).having(finish.id_at, identity).values,
        )
        self.refused += [each.status_code for each in (put, done) if not each.is_success]
        return identity if put.is_success and done.is_success else None

    def results(self, resource: str, identity: str, *, all_of_them: bool) -> dict[str, httpx.Response]:
        """What a finished job leads to, by URL: that which all its answers show, and what its operations deliver."""
        found: dict[str, httpx.Response] = {}
        for operation in self.contract.operations.values():
            if resource not in operation.resources or operation.verb not in ("show", "content"):
                continue
            names = [p.name for p in operation.parameters if p.where == "path"]
            path = operation.path.replace(f"{{{names[0]}}}", identity)
            answer = self.ask("GET", path)
            if operation.verb == "content":
                found[path] = answer
                continue
            assert answer.status_code == 200, (path, answer.status_code, answer.text)
            for url in _urls(answer.json(), self.side.sandbox.base_url):
                if all_of_them or self._is_made_of_uploads(resource, identity, url):
                    found[url] = self.ask("GET", url)
        return found

    def _is_made_of_uploads(self, resource: str, identity: str, url: str) -> bool:
        name = urlsplit(url).path.split("/")[-2]
        found = self.side.contract.operations.values()
        return name.startswith("upload.") or any(o.results[name].sources for o in found if name in o.results)


def id_in(operation: Operation, body: Any) -> str:
    places = (at for at, value in every(operation) if value.fact == "id" and not value.salt)
    return str(next(found for at in places if (found := pointers.get(body, at)) is not pointers.MISSING))


def _by_part(operation: Operation, files: Mapping[str, File]) -> dict[str, File]:
    return {name: files[rule.accept[0].partition("/")[0]] for name, rule in operation.files.items()}


def with_twins() -> list[Entrance]:
    """One entrance of every operation whose form holds two files of the same kind."""
    found = {(each.api, each.operation): each for each in entrances() if each.part and _has_twin(each)}
    return list(found.values())


def _has_twin(entrance: Entrance) -> bool:
    contract = next(each for each in CONTRACTS if each.name == entrance.api)
    operation, kind = contract.operations[entrance.operation], family(contract, entrance)
    asked = _with_part(contract, operation, entrance.part)
    return sum(_family(operation, name) == kind for name in operation.files if name in asked.values) > 1


def shows_its_file(contract: Contract, entrance: Entrance) -> bool:
    """Whether some answer shows the address of the very bytes that came in here."""
    values = [value for operation in contract.operations.values() for value in operation.bindings.values()]
    return any(value.fact == f"upload.{entrance.part}" for value in values)


def _with_part(contract: Contract, operation: Operation, part: str) -> Sample:
    """The contract's own example of a form, with this part in it."""
    forms = [
        each
        for each in requests_of_examples(contract, operation)
        if each.body and each.body.media_type.startswith("multipart")
    ]
    named = next((each for each in forms if part in each.values), None)
    return named or replace(forms[0], values={**forms[0].values, part: b""})


def _referring(contract: Contract, operation: Operation, at: str) -> Sample:
    """The contract's own example of a JSON body that refers to a resource there."""
    bodies = [
        each
        for each in requests_of_examples(contract, operation)
        if each.body and each.body.media_type == "application/json"
    ]
    for each in bodies:
        if any(pointers.find(each.values, at)):
            return each
    name = at.split("/")[1]
    single = next(each for each in bodies if pointers.get(each.values, "/" + name.removesuffix("s")) is not None)
    values = {key: value for key, value in single.values.items() if key != name.removesuffix("s")}
    return Sample(operation, single.path, single.query, single.body, {**values, name: ["a", "b"]})


def _multipart(asked: Sample, files: Mapping[str, File]) -> tuple[str, bytes]:
    """The example's own fields, and in place of its file parts these."""
    operation = asked.operation
    values = {name: value for name, value in asked.values.items() if name not in operation.files}
    lines = [part_of(name, str(value).encode()) for name, value in values.items()]
    lines += [part_of(name, file.data, file) for name, file in files.items() if name in asked.values]
    return f"multipart/form-data; boundary={BOUNDARY}", b"".join([*lines, f"--{BOUNDARY}--\r\n".encode()])


def form_of(contract: Contract, entrance: Entrance, *parts: bytes) -> tuple[str, bytes]:
    """The example's form with good files, but for the part of this entrance, in whose place stand these."""
    operation = contract.operations[entrance.operation]
    asked = _with_part(contract, operation, entrance.part)
    others = {name: file for name, file in _by_part(operation, GOOD).items() if name != entrance.part}
    kind, body = _multipart(asked, others)
    return kind, b"".join(parts) + body


def fields_of(contract: Contract, entrance: Entrance) -> tuple[dict[str, str], list[str]]:
    """The text fields of the example's form, and the names of its file parts."""
    operation = contract.operations[entrance.operation]
    asked = _with_part(contract, operation, entrance.part)
    fields = {name: str(value) for name, value in asked.values.items() if name not in operation.files}
    return fields, [name for name in asked.values if name in operation.files]


def _family(operation: Operation, part: str) -> str:
    return operation.files[part].accept[0].partition("/")[0]


def part_of(name: str, content: bytes, file: File | None = None) -> bytes:
    """One part of a form as browsers write it."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"'
    if file is not None:
        quoted = file.name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
        head += f'; filename="{quoted}"' + (f"\r\nContent-Type: {file.declared}" if file.declared else "")
    return head.encode() + b"\r\n\r\n" + content + b"\r\n"


def _urls(body: Any, base: str) -> list[str]:
    return list(dict.fromkeys(v for _, v in pointers.walk(body) if isinstance(v, str) and v.startswith(base)))


def check(answer: httpx.Response) -> None:
    """The bytes of a result are what its type says, to the last pixel."""
    assert answer.status_code == 200, (answer.url, answer.status_code, answer.text[:200])
    kind = answer.headers["content-type"].partition(";")[0]
    assert len(answer.content) == int(answer.headers["content-length"])
    if "/upload." in urlsplit(str(answer.url)).path:
        return
    assert sniff(answer.content) == kind
    if kind.startswith("image/"):
        with Image.open(io.BytesIO(answer.content)) as image:
            image.load()
