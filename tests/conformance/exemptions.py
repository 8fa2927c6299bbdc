"""What Schemathesis takes for a failure and is none, as rows with the reason beside each."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema_rs

SAMPLES = Path(__file__).parents[2] / "examples" / "samples"


@dataclass(frozen=True, slots=True)
class Exemption:
    """One kind of failure of one operation ("" is any). `when` narrows it by the case and the answer."""

    api: str
    operation: str
    failure: str
    reason: str
    when: Callable[[Any, Any], bool]

    def covers(self, failure: Any, case: Any, response: Any) -> bool:
        """Whether a failure is of this kind."""
        named = self.operation in ("", case.operation.definition.raw["operationId"])
        return named and type(failure).__name__ == self.failure and self.when(case, response)


def _answered(status: int, message: str) -> Callable[[Any, Any], bool]:
    """The answer is of this status and says this."""
    return lambda case, response: response.status_code == status and message.encode() in response.content


def _control_character_in_path(case: Any, response: Any) -> bool:
    """The path holds an encoded control character, and the answer is the one to a malformed request."""
    path = urlsplit(response.request.url).path
    return response.status_code == 400 and re.search("%([01][0-9A-F]|7F)", path) is not None


def _empty_required_text(case: Any, response: Any) -> bool:
    """The form is the one that Schemathesis makes of files alone, every required text empty."""
    described = getattr(case.meta.phase.data, "description", "") if case.meta is not None else ""
    return (
        response.status_code == 400 and described == "Multipart body with custom encoding" and "" in case.body.values()
    )


def _valid_as_sent(case: Any, response: Any) -> bool:
    """The form is valid as it was sent: a file is one whatever it holds, a text is one whatever it was made of."""
    schema = case.operation.get_body_for_media_type(case.media_type).resolved_schema
    sent = {name: _text(value, schema["properties"].get(name, {})) for name, value in case.body.items()}
    return case.media_type == "multipart/form-data" and jsonschema_rs.is_valid(schema, sent)


def _drawn_file(case: Any, response: Any) -> bool:
    """The audio file of the form is none of the samples, and the answer says that its kind is not supported."""
    samples = [path.read_bytes() for path in SAMPLES.iterdir() if path.is_file()]
    sent = case.body.get("audio")
    data = sent if isinstance(sent, bytes) else str(sent).encode(errors="replace")
    refused = response.status_code == 400 and b"Unsupported file type" in response.content
    return refused and data not in samples


def _text(value: Any, schema: Any) -> Any:
    """A value as a form shows it to a server that reads numbers and truth where the schema asks for them."""
    if schema.get("format") == "binary":
        return "file"
    return value if schema.get("type") != "string" or isinstance(value, str) else json.dumps(value)


_FORM = (
    "Schemathesis calls a form invalid for what it was before it was sent. A link or a real file may have taken the"
    " place of the invalid part, a number sent as text is text, any content of a file is binary, and of several ways"
    " to give a picture one is enough. Such a form counts as valid if it is, as it was sent, by its schema."
)
_EMPTY = (
    "Where files are registered for the parts of a form, the coverage phase leaves every required text of that form"
    " empty and calls the form valid. The schema asks for a number or for at least one character."
)

_DRAWN = (
    "Now and then Schemathesis sends bytes of its own although real files are registered: drawn ones, or the picture"
    " of another operation's example under the name of an audio file. No schema can say what an audio file is."
)

_WIRE = (
    "Over a socket, a path with an encoded control character is refused as malformed before any operation is known,"
    " and operations do not list that 400. In this process such a path arrives and is not found."
)

EXEMPTIONS = (
    Exemption("", "", "UndefinedStatusCode", _WIRE, _control_character_in_path),
    Exemption("", "", "RejectedPositiveData", _WIRE, _control_character_in_path),
    Exemption(
        "miraflow",
        "finalizeMedia",
        "RejectedPositiveData",
        "An upload can be finalized only once its bytes were sent, and a link cannot carry the signed query that"
        " sending them needs. No schema can say so; the vendor answers 400.",
        _answered(400, "The file has not been uploaded yet"),
    ),
    Exemption("miraflow", "createVideo", "RejectedPositiveData", _DRAWN, _drawn_file),
    *(
        Exemption(api, operation, "AcceptedNegativeData", _FORM, _valid_as_sent)
        for api, operation in (("miraflow", "createVideo"), ("mirrago", "generateImage"), ("vidgen", "createJob"))
    ),
    *(
        Exemption(api, operation, "RejectedPositiveData", _EMPTY, _empty_required_text)
        for api, operation in (
            ("miragic", "createSpeedPainting"),
            ("miraflow", "editImage"),
            ("miraflow", "inpaintImage"),
        )
    ),
)
