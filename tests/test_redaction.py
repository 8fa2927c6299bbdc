"""What is hidden before anything is kept: by place, by name and by value, and what stays readable."""

from __future__ import annotations

import json
from functools import cache

import pytest
from speed_kit import seconds

from mockserver.redaction import HIDDEN, Redaction, beginning

KEY = "0123456789abcdef0123456789abcdef"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJtZSJ9.c2lnbmF0dXJl"


@pytest.fixture
def hidden() -> Redaction:
    made = Redaction()
    made.know(KEY, "")
    return made


SECRET_TEXTS = [
    '{"client_secret": "canary"}', '{"a": {"API-Key" : "canary"}}', '{"token": "canary', '{"password": "a\\"canary"}',
    "client_secret=canary&a=b", "https://x.y/z?access_token=canary&b=c", "?expires=5&signature=canary",
    "Authorization: Bearer canary", "basic canary==", f'{{"note": "canary {KEY}"}}'.replace("canary ", ""),
    f"no such id: {KEY.upper()}", f"it was {TOKEN}", '{"key": "canary"}', '{"apikey": 12345}', "signature%3Dcanary",
]  # fmt: skip


@pytest.mark.parametrize("text", SECRET_TEXTS)
def test_no_secret_is_left_in_text(hidden: Redaction, text: str) -> None:
    shown = hidden.text(text)
    assert HIDDEN in shown
    assert not any(secret in shown.lower() for secret in ("canary", KEY, TOKEN.lower(), "12345"))


NAMES = [
    "password", "passwd", "pwd", "pass", "userPass", "passphrase", "pass_code", "client_secret", "privateKey",
    "api-key", "X-API-KEY", "signing_key", "sig", "X-Amz-Signature", "hmac", "jwt", "sessionId", "session",
    "PHPSESSID", "otp", "PIN", "pw", "db_pw", "csrf", "XSRF-TOKEN", "passkey", "keys",
    "access_token", "authorization", "credentials", "cookie", "a[password]", "password[]", "p%61ssword",
]  # fmt: skip
PLACES = [
    '{"%s": "canary"}', '{"%s": ["canary"]}', '{"%s": ["x", {"a": "canary"}]}',
    '{"%s": {"a": [[{"b": "canary"}]]}, "c": 1}',
    '{"%s": 4711}', '{"a": [{"%s": [1, 4711]}]}', '{"%s" :\n\t"canary', '{"%s": ["a]", "canary"', "{'%s': 'canary'}",
    '{"a": "x" y "%s": "canary"}', '{"a": "{\\"%s\\": \\"canary\\"}"}', '{"a": "{\\"%s\\": [\\"x]\\", \\"canary\\"]}"}',
    '{"a": "{\\"%s\\":4711}"}', '[" {\\\\\\"%s\\\\\\": \\\\\\"canary\\\\\\"}"]', "%s=canary",
    "a=b&%s=canary&c=d", "x;%s=canary",
    '%s="canary"', "https://a.b/c?d=e&%s=canary#f", '{"a": "https://b.c/?%s=canary"}', "see https://a.b/?%s=can%%61ry",
    "https%%3A%%2F%%2Fa.b%%2F%%3F%s%%3Dcanary", "%%257B%%2522%s%%2522%%253A%%2522canary%%2522%%257D",
    '{"a": "https:\\/\\/b.c\\/?x=1\\u0026%s\\u003dcanary"}',
    '{%s:"canary"}', "{%s: canary, a: 1}", "{a: 1, '%s' : canary}", "%s: canary", "a: b\n%s:  canary\nc: d",
    '{"a": "%s: canary"}', '{"a": "%s = canary"}', '{"a": "{%s: \\"canary\\"}"}', "/status/%s:canary",
    "%s = 'canary x'",
    "<%s>canary</x>", '{"a": "<%s a=b>canary"}', "<b><%s>\ncanary\n</b>",
    '[{"name": "%s", "value": "canary"}]', '{"header":"%s","value":["canary"]}', "curl -H '%s: canary' x",
]  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_what_a_secret_s_name_stands_before_is_hidden(hidden: Redaction, place: str) -> None:
    for name in NAMES:
        shown = hidden.text(place % name)
        assert HIDDEN in shown
        assert not any(secret in shown for secret in ("canary", "4711", "can%61ry")), shown


USERS = [
    "https://u:canary@a.b/c", "https://canary@a.b", "ftp://u:can@ry:canary@a.b", "//u:canary@a.b/",
    '{"a": "https://u:canary@b.c"}', '{"a": "https:\\/\\/u:canary@b.c"}', '{"a": "https://u:canary\\u0040b.c"}',
    "a=https%3A%2F%2Fu%3Acanary%40b.c", "x https:/u:canary@b",
    '{"a": {"b": [["https://u:canary@c.d?e=f"]]}}',
    "https://u:a/canary@b.c/d", "https://u:a?canary@b.c", "https://u:a#canary@b.c", "u:canary@b.c",
    "/status/u:canary@b",
    "mailto:u:canary@b.c", "https%3A%2F%2Fu%3Aa%2Fcanary%40b.c", "https://a.b/,https://u:x/canary@b.c",
]  # fmt: skip


@pytest.mark.parametrize("text", USERS)
def test_passwords_in_urls_are_hidden(hidden: Redaction, text: str) -> None:
    # Answers are written here, without such escapes.
    answer = [] if "\\" in text else [hidden.answer(text.encode()).decode()]
    for shown in (hidden.text(text), hidden.query(text.encode()), *answer):
        assert HIDDEN in shown
        assert "canary" not in shown, shown
    for name in (b"origin", b"user-agent", b"referer", b"x-y"):
        assert b"canary" not in hidden.headers([(name, text.encode())])[0][1]


@pytest.mark.parametrize(
    "text",
    [
        "Bearer\tcanary",
        "bearer: canary",
        '{"a": "Bearer\\tcanary"}',
        "Authorization: Digest a=b, response=canary",
        "Cookie: a=b; c=canary",
        "%2525252525256bey%3Dcanary",
        "a%25252570assword%2525253Dcanary",
        "-----BEGIN EC PRIVATE KEY-----\ncanary\n-----END EC PRIVATE KEY-----",
        "whsec_canary",
        '{"a": "-----BEGIN PRIVATE KEY-----\\nca-canary", "b": 1}',
        "Bearer%20canary",
        "bearer+canary%21",
        '{"a": "Basic\\u0020canary"}',
        f"%22{TOKEN}.canary%22",
    ],
)
def test_credentials_that_are_written_in_escapes_are_hidden(hidden: Redaction, text: str) -> None:
    assert "canary" not in hidden.text(text)


HARMLESS_NAMES = [
    "passenger", "compass", "bypass", "keyboard", "monkey", "keys_pressed", "signal", "design",
    "assigned", "insight", "author",
    "authority", "pinned", "spin", "pineapple", "possession",
    "obsession", "opinion", "option", "laptop", "credits_left", "accredited", "name",
]  # fmt: skip


@pytest.mark.parametrize("name", HARMLESS_NAMES)
def test_harmless_names_keep_what_they_stand_before(hidden: Redaction, name: str) -> None:
    for place in PLACES[:5] + PLACES[14:17] + PLACES[24:]:
        assert hidden.text(place % name) == place % name


def test_a_body_that_hides_a_list_or_a_nested_string_stays_json(hidden: Redaction) -> None:
    inner = json.dumps({"pass": ["a", {"b": "]"}], "n": 1})
    shown = json.loads(
        hidden.text(json.dumps({"pwd": [1, {"x": "}"}], "n": {"jwt": {"a": 1}, "m": 2}, "inner": inner}))
    )
    assert shown == {"pwd": HIDDEN, "n": {"jwt": HIDDEN, "m": 2}, "inner": f'{{"pass": "{HIDDEN}"'}


def test_a_name_that_is_no_json_is_not_shown_with_half_of_its_value(hidden: Redaction) -> None:
    assert "canary" not in hidden.query(b' {"password": "canary=="}')


HARMLESS = [
    "https://a.b:80/c@d", "https://a.b/c:d@e?f", "user@a.b", "a: <b>c</b> d:e", "author: me",
    '{"keyword": "a", "name": "token:"}', '{"name": "b", "value": "c"}',
    "", '{"prompt": "A red kite", "name": "kite"}', '{"generated_image_key": null}', "limit=20&status=PENDING",
    '{"monkey": "business", "keyboard": "qwerty", "tokenless": 1}'.replace('"tokenless": 1', '"x": 1'),
]  # fmt: skip


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_secret_stays_as_it_is(hidden: Redaction, text: str) -> None:
    assert hidden.text(text) == text


def test_a_body_that_hides_a_field_stays_json(hidden: Redaction) -> None:
    assert hidden.body(b'{"client_secret": "x", "n": 1}') == b'{"client_secret": "[redacted]", "n": 1}'
    assert hidden.body(b'{"token": 17, "n": 1}') == b'{"token": "[redacted]", "n": 1}'


def test_only_harmless_headers_keep_their_values(hidden: Redaction) -> None:
    sent = [(b"host", b"a.b"), (b"x-api-key", b"canary"), (b"x-strange", b"canary"), (b"user-agent", KEY.encode())]
    assert hidden.headers(sent) == (
        (b"host", b"a.b"), (b"x-api-key", b"[redacted]"), (b"x-strange", b"[redacted]"), (b"user-agent", b"[redacted]")
    )  # fmt: skip


def test_an_issued_secret_is_hidden_in_every_part_of_a_header(hidden: Redaction) -> None:
    sent = [(f"x-{KEY}".encode(), b"a"), (b"accept", f"text/{KEY}".encode()), (b"host", f"{TOKEN}.b".encode())]
    assert hidden.headers(sent) == (
        (b"x-[redacted]", b"[redacted]"), (b"accept", b"text/[redacted]"), (b"host", b"[redacted]"),
    )  # fmt: skip


def test_a_boundary_is_left_out_so_that_journals_compare(hidden: Redaction) -> None:
    sent = [(b"content-type", b"multipart/form-data; boundary=1f2e3d")]
    assert hidden.headers(sent) == ((b"content-type", b"multipart/form-data; boundary=..."),)


def test_a_head_that_comes_again_is_remembered_until_another_secret_is_issued(hidden: Redaction) -> None:
    sent = [(b"user-agent", b"fresh-secret")]
    first = hidden.shared(b"raw", sent)[0]
    assert hidden.shared(b"raw", [])[0] is first
    hidden.know("fresh-secret")
    assert hidden.shared(b"raw", sent)[0] == ((b"user-agent", b"[redacted]"),)


def test_what_is_remembered_of_heads_is_bounded(hidden: Redaction) -> None:
    first = hidden.shared(b"0", [(b"host", b"a")])[0]
    for n in range(1, 300):
        hidden.shared(b"%d" % n, [(b"host", b"a")])[0]
    assert hidden.shared(b"0", [(b"host", b"b")])[0] != first
    long = [(b"host", b"x" * 5000)]
    assert hidden.headers(long) is not hidden.headers(long)
    short = [(b"host", b"a"), (b"x-api-key", b"b")]
    assert hidden.headers(short) is hidden.headers([*short])


QUERIES = [
    (b"", ""), (b"limit=2&cursor=abc", "limit=2&cursor=abc"), (b"api%5Fkey=canary&a=b", f"api%5Fkey={HIDDEN}&a=b"),
    (b"expires=7&signature=canary", f"expires=7&signature={HIDDEN}"), (b"a=" + KEY.encode(), f"a={HIDDEN}"),
    (b"a=%30" + KEY[1:].encode(), f"a={HIDDEN}"), (KEY.encode(), HIDDEN), (b"flag&a=b", "flag&a=b"),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "shown"), QUERIES)
def test_a_query_loses_the_values_of_sensitive_names(hidden: Redaction, raw: bytes, shown: str) -> None:
    assert hidden.query(raw) == shown


def test_an_answer_loses_signatures_tokens_and_what_was_issued(hidden: Redaction) -> None:
    answer = f'{{"url": "http://a/b?expires=1&signature=canary", "echo": "{KEY}", "t": "{TOKEN}"}}'.encode()
    shown = b'{"url": "http://a/b?expires=1&signature=[redacted]", "echo": "[redacted]", "t": "[redacted]"}'
    assert hidden.answer(answer) == shown
    assert hidden.links(b'{"a":"x?signature=canary-_"}') == b'{"a":"x?signature=[redacted]"}'


def test_many_secrets_are_found_as_one_is_within_words_and_in_capitals(hidden: Redaction) -> None:
    hidden.know(*(f"{n:032x}" for n in range(100)))
    assert hidden.text(f"a {99:032x} b") == f"a {HIDDEN} b"
    assert hidden.text(f"a-{99:032X}b") == f"a-{HIDDEN}b"
    assert hidden.text(f"a {100:032x} b") == f"a {100:032x} b"


WORDS = (
    "key", "secret", "token", "pass", "sig", "auth", "cred", "cookie", "sess", "jwt", "pwd", "hmac", "otp", "pin",
    "eyj", "bearer", "basic", "@", "pw", "csrf", "whsec",
)  # fmt: skip


@pytest.mark.parametrize("word", WORDS)
def test_one_word_is_enough_to_look_closer(word: str) -> None:
    hidden = Redaction()
    assert hidden.clean(b"a red kite over a quiet harbour")
    assert hidden.plain(b"a red kite over a quiet harbour")
    assert not hidden.clean(f"({word})".encode())
    assert not hidden.plain(word.upper().encode())


@pytest.mark.parametrize("text", [b"50%25", b"\\u0041", b"\\\\u0041"])
def test_text_with_escapes_is_not_plain(text: bytes) -> None:
    hidden = Redaction()
    assert hidden.clean(text)
    assert not hidden.plain(text)


def test_a_secret_with_and_one_without_a_telling_word_are_both_noticed_however_often_they_are_told() -> None:
    hidden = Redaction()
    for _ in range(3):
        hidden.know("demo-key", "0123abcd")
    assert not hidden.clean(b"a demo-key")
    assert not hidden.clean(b"a 0123ABCD")
    assert hidden.text("demo-key, 0123ABCD") == f"{HIDDEN}, {HIDDEN}"
    assert hidden.answer(b'"demo-key"') == f'"{HIDDEN}"'.encode()


def test_of_a_secret_that_begins_with_another_one_nothing_is_left(hidden: Redaction) -> None:
    hidden.know(KEY + "0123", KEY[:-4])
    assert hidden.text(f"a {KEY}0123 b") == f"a {HIDDEN} b"
    assert hidden.text(f"a {KEY} b") == f"a {HIDDEN} b"
    assert hidden.text(f"a {KEY[:-4]} b") == f"a {HIDDEN} b"


@pytest.mark.parametrize("n", [3, 90], ids=["a few", "many"])
def test_what_opens_nothing_any_more_is_shown(n: int) -> None:
    hidden = Redaction()
    hidden.know(*(f"{each:032x}" for each in range(100)))
    hidden.forget([f"{n:032x}"])
    assert hidden.text(f"a {n:032x} b {5:032x} {95:032x}") == f"a {n:032x} b {HIDDEN} {HIDDEN}"


STRANGERS = ["whsec_" + "Ab9+/" * 8 + "=", "key with blanks", "SHORT", f"{11_999:032x}" * 2]


@pytest.mark.parametrize("secret", STRANGERS)
def test_of_thousands_of_secrets_each_is_found(secret: str) -> None:
    assert knowing(12_000).text(f'{{"a": "0f{secret}9"}}') == f'{{"a": "0f{HIDDEN}9"}}'
    assert knowing(12_000).answer(f'"{secret}"'.encode()) == f'"{HIDDEN}"'.encode()
    assert not knowing(12_000).clean(f"x{secret}".encode())
    assert knowing(12_000).text(f"{11_999:064x}") == f"{11_999:064x}"


def test_thousands_of_secrets_take_no_longer_to_be_found_than_hundreds() -> None:
    text = b"0123456789abcdef" * 256
    assert seconds(knowing(12_000).body, text) < 4 * seconds(knowing(200).body, text)


@cache
def knowing(count: int) -> Redaction:
    made = Redaction()
    made.know(*(f"{n:032x}" * 2 for n in range(count)), *STRANGERS)
    return made


def test_the_beginning_of_a_text_holds_no_half_of_a_secret_however_much_was_hidden_before(hidden: Redaction) -> None:
    for before in range(len(KEY) + 1):
        shown = beginning(hidden.body, b"-" * before + b" ".join([KEY.encode()] * 1000), 4096)
        assert KEY[:3] not in shown.decode()


def test_the_beginning_of_a_text_is_as_long_as_was_asked(hidden: Redaction) -> None:
    for size in (0, 10, 11, 1033, 1034, 1035, 5000):
        data = b"a" * size
        assert beginning(hidden.body, data, 10) == data[:10]
