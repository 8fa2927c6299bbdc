"""What finished jobs lead to: sound, text, JSON, files of the contract; chosen by the request, priced by it."""

from __future__ import annotations

import io
import struct
import wave
from pathlib import Path
from typing import Any

import httpx
import pytest
from api_kit import streams
from check_kit import BEHAVIOR, OPENAPI, Mutation, behave, both, show, without
from language_kit import NAME, SUBMIT, Served, findings, serving
from lives_kit import running

KEY = {"X-API-Key": "demo-key"}
PICTURE = "/resources/job/results/picture"
ASPECT = "/components/schemas/JobRequest/properties/aspect"


def made(**said: Any) -> Mutation:
    """The template's result is another one."""
    return both(running(), behave(PICTURE, said))


def fetched(own: Served, **values: Any) -> httpx.Response:
    """The result of a new job."""
    identity = own.submit(**values).json()["id"]
    own.advance(12)
    return own.http.get(own.show(identity)["picture_url"])


def test_a_sound_may_be_wav(tmp_path: Path) -> None:
    with serving(tmp_path, made(make="audio", file="voice.wav", seconds=2.5)) as own:
        answer = fetched(own)
        assert answer.headers["content-type"] == "audio/wav"
        with wave.open(io.BytesIO(answer.content)) as sound:
            assert (sound.getnframes() / sound.getframerate(), sound.getsampwidth()) == (2.5, 2)
        assert fetched(own).content != answer.content


def test_a_sound_may_be_mp3(tmp_path: Path) -> None:
    with serving(tmp_path, made(make="audio", file="voice.mp3", seconds=1.2)) as own:
        answer = fetched(own)
        assert answer.headers["content-type"] == "audio/mpeg"
        (sound,) = streams(answer.content, tmp_path)
        assert (sound["codec_name"], sound["sample_rate"]) == ("mp3", "48000")
        assert float(sound["duration"]) == pytest.approx(1.2, abs=0.1)


def test_a_text_says_what_its_value_says(tmp_path: Path) -> None:
    text = {"join": ["You said: ", {"fact": "request./prompt"}, "\n"]}
    with serving(tmp_path, made(make="text", file="said.srt", text=text)) as own:
        answer = fetched(own, prompt="Größe \ud83d\ude80".encode("utf-16", "surrogatepass").decode("utf-16"))
        assert answer.text == "You said: Größe 🚀\n"
        assert answer.headers["content-type"].startswith("application/x-subrip")


def test_a_text_without_a_value_is_made_up(tmp_path: Path) -> None:
    with serving(tmp_path, made(make="text", file="said.txt")) as own:
        assert "lighthouse" in fetched(own).text


def transcript(**more: str) -> Mutation:
    """What is in a result, and what is bound in it."""
    bound = {"/text": "request./prompt", "/took": "duration", **more}
    return both(
        show("/components/examples/result.picture", {"value": {"id": "x", "text": "said", "words": None, "took": 1}}),
        behave("/resources/job/bindings", {"/id": "id", "result.picture": bound}),
    )


TRANSCRIPT = transcript()


def test_json_is_the_example_that_is_named_after_the_result(tmp_path: Path) -> None:
    with serving(tmp_path, made(make="json", file="transcript.json"), TRANSCRIPT) as own:
        answer = fetched(own, prompt="A boat")
        assert answer.headers["content-type"] == "application/json"
        told = answer.json()
        assert (told["text"], told["words"], told["took"]) == ("A boat", None, 12)
        assert own.show(told["id"])["status"] == "succeeded"


def test_a_file_of_the_contract_is_served_as_it_is(tmp_path: Path) -> None:
    (tmp_path / NAME).mkdir()
    (tmp_path / NAME / "model.glb").write_bytes(b"glTF\0\1")
    with serving(tmp_path, made(make="file", file="model.glb")) as own:
        answer = fetched(own)
        assert answer.content == b"glTF\0\1"
        assert answer.headers["content-type"] == "model/gltf-binary"


def test_a_test_may_ask_for_a_size_of_any_result(tmp_path: Path) -> None:
    with serving(tmp_path, made(make="json", file="transcript.json"), TRANSCRIPT) as own:
        own.running.default.api(NAME).next_job(result_bytes=5000)
        answer = fetched(own)
        assert len(answer.content) == 5000
        assert answer.json()["text"] == "A lighthouse"


def test_seconds_and_size_are_as_the_request_says(tmp_path: Path) -> None:
    seconds = {"fact": "request./seconds", "else": 1}
    declared = show("/components/schemas/JobRequest/properties/seconds", {"type": "number"})
    with serving(tmp_path, declared, made(make="audio", file="voice.wav", seconds=seconds)) as own:
        for given, frames in ((3, 48000), (0.5, 8000), (1000, 16000), (None, 16000)):
            content = fetched(own, **({} if given is None else {"seconds": given})).content
            with wave.open(io.BytesIO(content)) as sound:
                assert sound.getnframes() == frames


def test_a_list_asks_for_jobs_by_their_price(tmp_path: Path) -> None:
    cost = behave("/resources/job/cost", {"fact": "request./aspect", "of": {"16:9": 3, "9:16": 50}, "else": 1})
    asking = both(
        without(BEHAVIOR, "/operations/listJobs/filters"),
        without(BEHAVIOR, "/operations/listJobs/cursor"),
        behave("/operations/listJobs/limit", 20),
        behave("/operations/listJobs/parameters", {"status": "cost", "after": "after"}),
    )
    with serving(tmp_path, cost, asking, refusal("no_credits")) as own:
        made = {aspect: own.submit(prompt="x", aspect=aspect).json()["id"] for aspect in ("16:9", "9:16")}
        found = own.http.get("/v1/jobs?status=50", headers={"X-API-Key": "demo-key"}).json()["items"]
        assert [each["id"] for each in found] == [made["9:16"]]


@pytest.mark.parametrize(
    ("given", "size"), [("128:72", (128, 72)), ("64x128", (64, 128)), ("16:9", (32, 32)), ("9999:9999", (32, 32))]
)
def test_a_size_may_be_a_text_of_the_request(tmp_path: Path, given: str, size: tuple[int, int]) -> None:
    declared = show("/components/schemas/JobRequest/properties/ratio", {"type": "string"})
    film = made(make="video", file="film.mp4", seconds=0.2, size={"fact": "request./ratio", "else": [32, 32]})
    with serving(tmp_path, declared, film) as own:
        content = fetched(own, ratio=given).content
        place = content.index(b"tkhd") + 80  # width and height of the track, of which half are fractions
        assert struct.unpack(">HxxHxx", content[place : place + 8]) == size


def priced(own: Served, **values: Any) -> int:
    return own.submit(**values).status_code


def test_a_price_is_as_the_request_says(tmp_path: Path) -> None:
    cost = behave("/resources/job/cost", {"fact": "request./aspect", "of": {"16:9": 3, "9:16": 50}, "else": 1})
    shown = behave("/operations/submitJob/bindings/~1progress", "cost")
    with serving(tmp_path, cost, shown, refusal("no_credits")) as own, own.running.sandbox() as sandbox:
        account = sandbox.api(NAME).account(credits=8)
        key = {"X-API-Key": account.api_key}

        def submitted(aspect: str) -> Any:
            return own.http.post("/v1/jobs", json={"prompt": "x", "aspect": aspect}, headers=key)

        assert [submitted(each).status_code for each in ("9:16", "16:9", "16:9", "16:9", "1:1")] == [
            402, 201, 201, 402, 201,
        ]  # fmt: skip
        assert submitted("1:1").json()["progress"] == 1


def refusal(problem: str) -> Mutation:
    error = {"value": {"code": problem, "message": "x"}}
    content = {"schema": {"$ref": "#/components/schemas/Error"}, "examples": {problem: error}}
    response = {"description": "No", "content": {"application/json": content}}
    return show(f"{SUBMIT}/responses/402", response)


def content(result: Any, **parameters: Any) -> Mutation:
    """An operation that gives the bytes of a result; its query is what `parameters` say."""

    def make(made: Any) -> None:
        openapi, behavior = made[OPENAPI], made[BEHAVIOR]
        show_ = openapi["paths"]["/v1/jobs/{jobId}"]["get"]
        pending = {"$ref": "#/components/examples/NotCancellable"}
        states = dict.fromkeys(("queued", "running", "failed", "cancelled"), pending)
        schema = {"$ref": "#/components/schemas/Error"}
        openapi["paths"]["/v1/jobs/{jobId}/content"] = {
            "parameters": [{"$ref": "#/components/parameters/JobId"}],
            "get": {
                "operationId": "getContent",
                "parameters": [{"name": n, "in": "query", "schema": s} for n, s in parameters.items()],
                "responses": {
                    "200": {"description": "Bytes", "content": {"application/octet-stream": {}}},
                    "400": {"$ref": "#/components/responses/BadRequest"},
                    "409": {
                        "description": "Not yet",
                        "content": {"application/json": {"schema": schema, "examples": states}},
                    },
                    **{status: show_["responses"][status] for status in ("401", "403", "404", "429")},
                },
            },
        }
        behavior["operations"]["getContent"] = {"verb": "content", "resource": "job", "result": result}
        behavior["resources"]["job"]["results"]["note"] = {"make": "text", "file": "note.txt"}

    return make


def test_the_request_chooses_which_result_is_served(tmp_path: Path) -> None:
    chosen = {"fact": "call.query.variant", "of": {"text": "note", "image": "picture"}, "else": "picture"}
    with serving(tmp_path, running(), content(chosen, variant={"type": "string"})) as own:
        identity = own.submit().json()["id"]
        assert own.http.get(f"/v1/jobs/{identity}/content", headers=KEY).status_code == 409
        own.advance(12)
        told = []
        for query in ("", "?variant=text", "?variant=image", "?variant=other"):
            answer = own.http.get(f"/v1/jobs/{identity}/content{query}", headers=KEY)
            told.append((answer.status_code, answer.headers["content-type"].split(";")[0]))
        assert told == [(200, "image/png"), (200, "text/plain"), (200, "image/png"), (200, "image/png")]


def test_a_choice_that_names_no_result_is_not_found(tmp_path: Path) -> None:
    with serving(tmp_path, running(), content({"fact": "call.query.variant"}, variant={"type": "string"})) as own:
        identity = own.submit().json()["id"]
        own.advance(12)
        for query, status in (("?variant=note", 200), ("?variant=nothing", 404), ("", 404)):
            assert own.http.get(f"/v1/jobs/{identity}/content{query}", headers=KEY).status_code == status


SPEECH = both(
    show(f"{SUBMIT}/responses/201", {"description": "The sound", "content": {"audio/mpeg": {"schema": {}}}}),
    behave(PICTURE, {"make": "audio", "file": "voice.mp3"}),
    without(BEHAVIOR, "/operations/submitJob/bindings"),
    running(),
)


def test_a_creation_may_be_answered_with_the_bytes_of_its_result(tmp_path: Path) -> None:
    with serving(tmp_path, SPEECH) as own:
        answer = own.submit()
        assert (answer.status_code, answer.headers["content-type"]) == (200, "audio/mpeg")
        assert answer.content.startswith(b"ID3")
        (job,) = own.running.default.jobs
        assert own.show(job.id)["status"] == "queued"
        assert own.submit(aspect="no").status_code == 400
        entry = next(each for each in own.running.default.journal if each.operation == "submitJob")
        assert entry.example == "bytes"


MISTAKES = [
    ("a sound that is a picture", behave(PICTURE, {"make": "audio", "file": "x.png"}), "is no name for what 'audio'"),
    ("a text that is a film", behave(PICTURE, {"make": "text", "file": "x.mp4"}), "is no name for what 'text'"),
    ("a file that is not there", behave(PICTURE, {"make": "file", "file": "x.bin"}), "x.bin: the file is missing"),
    ("a file elsewhere", behave(PICTURE, {"make": "file", "file": "../x.bin"}), "x.bin"),
    ("json without an example", behave(PICTURE, {"make": "json", "file": "x.json"}), "no example 'result.picture'"),
    ("an unknown maker", behave(PICTURE, {"make": "sound", "file": "x.wav"}), "sound"),
    (
        "a size of three numbers",
        behave(f"{PICTURE}/size", {"fact": "request./aspect", "of": {"1:1": [1, 2, 3]}}),
        "[1, 2, 3] is not a width and a height",
    ),
    (
        "seconds in words",
        behave(PICTURE, {"make": "audio", "file": "x.wav", "seconds": {"fact": "request./aspect", "else": "four"}}),
        "'four' is not a number above 0",
    ),
    ("a text of no fact", behave(PICTURE, {"make": "text", "file": "x.txt", "text": "request./nothing"}), "/nothing"),
    ("a price of no fact", both(refusal("no_credits"), behave("/resources/job/cost", "request./nothing")), "/nothing"),
    ("no refusal for the price", behave("/resources/job/cost", {"fact": "request./aspect", "else": 1}), "no_credits"),
    ("content of nothing", content("pictur"), "no result 'pictur'"),
    ("content of nothing by value", content({"fact": "state", "else": "pictur"}), "no result 'pictur'"),
    (
        "a binding of nothing in a result",
        both(made(make="json", file="x.json"), transcript(**{"/no": "id"})),
        "/no has no field to write in the example result.picture",
    ),
]


@pytest.mark.parametrize(("mutation", "word"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES])
def test_a_mistake_in_results_is_named_with_its_remedy(mutation: Mutation, word: str, tmp_path: Path) -> None:
    found = findings(tmp_path, mutation)
    assert any(word in each for each in found), "\n".join(found) or "nothing was found"
