"""Requests that no lawful client sends, by the part of an API they attack. A row is a name and what makes the bytes."""

from __future__ import annotations

import gzip

from hostile_kit import AUDIO, EDGE, IMAGE, JSON, PNG, Row, claims, joined, jwt, painting, part, straight

DIGITS = b"9" * 5000
HS256 = b'{"alg":"HS256","typ":"JWT"}'

BODIES: dict[str, Row] = {
    "arrays 100,000 deep": lambda w: w.json(b"[" * 100_000),
    "arrays 100,000 deep, closed, in a field": lambda w: w.image(x=b"[" * 100_000 + b"]" * 100_000),
    "objects 50,000 deep": lambda w: w.json(b'{"a":' * 50_000),
    "a prompt of arrays": lambda w: w.image(prompt=b"[" * 500 + b"]" * 500),
    "5,000 digits": lambda w: w.image(seed=DIGITS),
    "minus 5,000 digits": lambda w: w.image(seed=b"-" + DIGITS),
    "5,000 decimals": lambda w: w.image(seed=b"0." + b"5" * 5000),
    "NaN": lambda w: w.image(seed=b"NaN"),
    "Infinity": lambda w: w.image(seed=b"Infinity"),
    "minus Infinity, in a field nobody knows": lambda w: w.image(x=b"-Infinity"),
    "1e999": lambda w: w.image(seed=b"1e999"),
    "an exponent of 5,000 digits": lambda w: w.image(seed=b"1e" + DIGITS),
    "half a number": lambda w: w.image(seed=b"1."),
    "leading zeros": lambda w: w.image(seed=b"007"),
    "a number in hex": lambda w: w.image(seed=b"0x10"),
    "a lone high surrogate": lambda w: w.image(prompt=rb'"\ud800"'),
    "a lone low surrogate": lambda w: w.image(name=rb'"a\udc00b"'),
    "surrogates the wrong way round": lambda w: w.image(prompt=rb'"\udc00\ud800"'),
    "a surrogate in UTF-8": lambda w: w.image(prompt=b'"\xed\xa0\x80"'),
    "invalid UTF-8": lambda w: w.image(prompt=b'"\xff\xfe"'),
    "overlong UTF-8": lambda w: w.image(prompt=b'"\xc0\xaf"'),
    "UTF-8 that breaks off": lambda w: w.json(b'{"prompt":"\xf0\x9f\x98'),
    "UTF-16": lambda w: w.json('{"prompt":"a","name":"b"}'.encode("utf-16")),
    "UTF-32 without a mark": lambda w: w.json('{"prompt":"a","name":"b"}'.encode("utf-32-le")),
    "a byte order mark": lambda w: w.json(b'\xef\xbb\xbf{"prompt":"a","name":"b"}'),
    "gzip, undeclared": lambda w: w.json(gzip.compress(b'{"prompt":"a","name":"b"}')),
    "gzip, declared and broken": lambda w: w.json(
        gzip.compress(b'{"prompt":"a","name":"b"}')[:-9], b"Content-Type: " + JSON, b"Content-Encoding: gzip"
    ),
    "JSON that breaks off": lambda w: w.json(b'{"prompt":"a","name"'),
    "two documents": lambda w: w.json(b'{"prompt":"a","name":"b"}{}'),
    "nothing": lambda w: w.json(b""),
    "null": lambda w: w.json(b"null"),
    "a list": lambda w: w.json(b"[" + b"{}," * 100_000 + b"{}]"),
    "a raw line break in a text": lambda w: w.image(prompt=b'"a\nb"'),
    "single quotes": lambda w: w.json(b"{'prompt':'a','name':'b'}"),
    "a comment": lambda w: w.json(b'{"prompt":"a",/* */"name":"b"}'),
    "a field twice, the second time wrong": lambda w: w.json(b'{"prompt":"a","name":"b","prompt":5}'),
    "a prompt of a million characters": lambda w: w.image(prompt=b'"' + b"a" * 1_000_000 + b'"'),
    "a webhook of this machine's metadata": lambda w: w.parts(part(b"webhookUrl", b"http://169.254.169.254/")),
    "a webhook with a line break": lambda w: w.parts(part(b"webhookUrl", b"https://a/\r\nX-Evil: y")),
    "a webhook of 3,000 characters": lambda w: w.parts(part(b"webhookUrl", b"https://a/" + b"a" * 3000)),
    "a webhook in a file": lambda w: w.parts(part(b"webhookUrl", b"file:///etc/passwd")),
}
FORMS: dict[str, Row] = {
    "text where a file belongs": lambda w: w.form(joined([part(b"image", b"x"), AUDIO])),
    "a form that breaks off in a part": lambda w: w.form(joined([IMAGE, AUDIO])[:-8000]),
    "a form that breaks off in a header": lambda w: w.form(b"--" + EDGE + b"\r\nContent-Dispo"),
    "a form without its end": lambda w: w.form(joined([IMAGE, AUDIO], end=b"")),
    "a form of nothing": lambda w: w.form(b""),
    "no boundary": lambda w: w.form(joined([IMAGE, AUDIO]), b"multipart/form-data"),
    "an empty boundary": lambda w: w.form(joined([IMAGE, AUDIO]), b"multipart/form-data; boundary="),
    "a boundary of 5,000 characters": lambda w: w.form(
        joined([IMAGE]), b"multipart/form-data; boundary=" + b"a" * 5000
    ),
    "a boundary in other letters": lambda w: w.form(joined([IMAGE]), b"multipart/form-data; boundary=\xff\xfe"),
    "another boundary": lambda w: w.form(joined([IMAGE, AUDIO]), b"multipart/form-data; boundary=other"),
    "two boundaries": lambda w: w.form(joined([IMAGE]), b"multipart/form-data; boundary=frontier; boundary=other"),
    "10,000 parts": lambda w: w.parts(*[part(b"f%d" % n, b"x") for n in range(10_000)]),
    "a part with a header of 100,000 bytes": lambda w: w.parts(part(b"x", b"", more=b"\r\nX: " + b"a" * 100_000)),
    "a part with 1,000 headers": lambda w: w.parts(part(b"x", b"", more=b"\r\nX: a" * 1000)),
    "a part without a disposition": lambda w: w.parts(b"Content-Type: text/plain\r\n\r\nx"),
    "a part without a name": lambda w: w.parts(b"Content-Disposition: form-data\r\n\r\nx"),
    "a part of another disposition": lambda w: w.parts(b'Content-Disposition: attachment; name="x"\r\n\r\nx'),
    "bare line feeds": lambda w: w.form(joined([IMAGE]).replace(b"\r\n", b"\n")),
    "a preamble of a megabyte": lambda w: w.form(b"a" * 1_000_000 + joined([IMAGE])),
    "a file where text belongs": lambda w: w.parts(part(b"webhookUrl", b"https://a/", file=b"a.txt")),
    "a file twice": lambda w: w.parts(IMAGE),
    "a text twice": lambda w: w.parts(*[part(b"webhookUrl", b"https://a/")] * 2),
    "a file named like a path, alone": lambda w: w.form(
        joined([part(b"image", PNG, file=b"../../etc/passwd", kind=b"image/png")])
    ),
    "5,000 digits in a form": lambda w: painting(w, fps=DIGITS),
    "a blank before a number": lambda w: painting(w, fps=b" 30"),
    "digits of another script": lambda w: painting(w, fps="３０".encode()),
    "a number with a point": lambda w: painting(w, fps=b"30.0"),
    "a NUL after a number": lambda w: painting(w, fps=b"30\x00"),
    "invalid UTF-8 in a field": lambda w: painting(w, quality=b"h\xff"),
    "10,000 fields": lambda w: w.token_form(b"&".join(b"f%d=x" % n for n in range(10_000))),
    "an escape that is none": lambda w: w.token_form(b"grant_type=%zz"),
    "an escape of invalid UTF-8": lambda w: w.token_form(b"grant_type=%ff%fe"),
    "a grant twice": lambda w: w.token_form(b"grant_type=client_credentials&grant_type=client_credentials"),
    "another grant": lambda w: w.token_form(b"grant_type=password&username=a&password=b"),
}
KINDS: dict[str, Row] = {
    "no media type": lambda w: w.send("miraflow", b"POST", b"/api/image/generate", body=b"{}"),
    "a media type of 8,000 characters": lambda w: w.json(b"{}", b"Content-Type: " + b"a" * 8000),
    "a media type of punctuation": lambda w: w.json(b"{}", b"Content-Type: ;;;/=,"),
    "a media type in other letters": lambda w: w.json(b"{}", b"Content-Type: \xff/\xfe"),
    "a content coding nobody knows": lambda w: w.json(b"{}", b"Content-Type: " + JSON, b"Content-Encoding: br"),
    "XML": lambda w: w.json(b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]>", b"Content-Type: text/xml"),
    "a program for a picture": lambda w: w.form(
        joined([part(b"image", b"MZ" + bytes(500), file=b"a.exe", kind=b"application/x-msdownload"), AUDIO])
    ),
    "a page for a picture": lambda w: w.form(
        joined([part(b"image", b"<html><script>", file=b"a.png", kind=b"text/html"), AUDIO])
    ),
    "a picture for a sound": lambda w: w.form(joined([IMAGE, part(b"audio", PNG, file=b"a.wav", kind=b"image/png")])),
    "a form inside a form": lambda w: w.form(
        joined([part(b"image", joined([IMAGE]), kind=b"multipart/mixed; boundary=frontier", file=b"a"), AUDIO])
    ),
}
QUERIES: dict[str, Row] = {
    "a limit of 5,000 digits": lambda w: w.query(b"limit=" + DIGITS),
    "a limit below 0": lambda w: w.query(b"limit=-1"),
    "a limit in powers": lambda w: w.query(b"limit=1e1"),
    "a limit with a NUL": lambda w: w.query(b"limit=1%00"),
    "a limit in digits of another script": lambda w: w.query(b"limit=%EF%BC%91"),
    "a limit after a line break": lambda w: w.query(b"limit=%0A5"),
    "a limit twice": lambda w: w.query(b"limit=5&limit=5"),
    "a cursor of 5,000 characters": lambda w: w.query(b"cursor=" + b"c" * 5000),
    "a cursor of invalid UTF-8": lambda w: w.query(b"cursor=%ff"),
    "half an escape": lambda w: w.query(b"cursor=%f"),
    "a state with a NUL": lambda w: w.query(b"status=PENDING%00"),
    "10,000 parameters": lambda w: w.query(b"&".join([b"a=b"] * 10_000)),
    "a query of 60,000 characters": lambda w: w.query(b"cursor=" + b"a" * 60_000),
}
PATHS: dict[str, Row] = {
    "up, encoded": lambda w: w.status(b"..%2f..%2f..%2fetc%2fpasswd"),
    "up, encoded with a backslash": lambda w: w.status(b"..%5c..%5cwin.ini"),
    "up, encoded twice": lambda w: w.status(b"%252e%252e%252f"),
    "up, plain": lambda w: w.status(b"../status/x"),
    "dots alone": lambda w: w.status(b"%2e%2e"),
    "a NUL in an id": lambda w: w.status(b"a%00b"),
    "a line break in an id": lambda w: w.status(b"a%0d%0aSet-Cookie:x"),
    "a line break behind an id": lambda w: w.status(w.ids["vidgen"].encode() + b"%0a"),
    "every control character in an id": lambda w: w.status(b"".join(b"%%%02x" % n for n in range(32)) + b"%7f%c2%9b"),
    "a line break behind a path": lambda w: w.send("vidgen", b"GET", b"/api/jobs%0A"),
    "a line break behind a document": lambda w: w.send("vidgen", b"GET", b"/openapi.json%0a"),
    "a slash in a path, encoded": lambda w: w.send("vidgen", b"GET", b"/api%2fjobs"),
    "a slash before an id, encoded": lambda w: w.send("vidgen", b"GET", b"/api/status%2F" + w.ids["vidgen"].encode()),
    "a slash behind an id, encoded": lambda w: w.status(w.ids["vidgen"].encode() + b"%2F"),
    "a dot before an id": lambda w: w.status(b"./" + w.ids["vidgen"].encode()),
    "a target on another host": lambda w: straight(b"GET", b"http://169.254.169.254/latest/meta-data"),
    "an id of 10,000 characters": lambda w: w.status(b"c" * 10_000),
    "an id in invalid UTF-8": lambda w: w.status(b"%ff%fe"),
    "an id with a surrogate": lambda w: w.status(b"%ed%a0%80"),
    "an id with a query inside": lambda w: w.status(b"x%3flimit=1"),
    "an id of SQL": lambda w: w.status(b"'%20OR%20'1'='1"),
    "an id with a slash behind": lambda w: w.status(w.ids["vidgen"].encode() + b"/"),
    "an id with parameters": lambda w: w.status(w.ids["vidgen"].encode() + b";v=1"),
    "two slashes": lambda w: w.send("vidgen", b"GET", b"//api/jobs"),
    "no path": lambda w: w.send("vidgen", b"GET", b""),
    "a path of 10,000 parts": lambda w: w.send("vidgen", b"GET", b"/a" * 10_000),
    "a sandbox nobody made": lambda w: straight(b"GET", b"/@nobody/vidgen/api/jobs"),
    "a sandbox of 10,000 characters": lambda w: straight(b"GET", b"/@" + b"a" * 10_000 + b"/vidgen/api/jobs"),
    "a sandbox that goes up": lambda w: straight(b"GET", b"/@../vidgen/api/jobs"),
    "a sandbox without a name": lambda w: straight(b"GET", b"/@/vidgen/api/jobs"),
}
REFUSED_BY_THE_WIRE: dict[str, Row] = {
    "half an escape in an id": lambda w: w.status(b"a%0"),
    "a control character in an id": lambda w: w.status(b"a\x00b"),
    "a target of https": lambda w: straight(b"GET", b"https://a" + w.prefix.encode() + b"/vidgen/api/jobs"),
    "a tunnel": lambda w: straight(b"CONNECT", b"api.mirrago.com:443"),
    "a tunnel to an API": lambda w: b"CONNECT a:443 HTTP/1.1\r\nHost: api.mirrago.com\r\n\r\n",
    "a length and chunks": lambda w: (
        w.json(b"", b"Content-Type: " + JSON, b"Transfer-Encoding: chunked") + b"0\r\n\r\n"
    ),
    "two lengths": lambda w: w.json(b"{}", b"Content-Type: " + JSON, b"Content-Length: 3"),
    "a method of nobody": lambda w: w.send("vidgen", b"BREW", b"/api/jobs"),
    "a method in small letters": lambda w: w.send("vidgen", b"get", b"/api/jobs"),
    "headers of 100,000 bytes": lambda w: w.send("vidgen", b"GET", b"/api/jobs", *[b"X: " + b"a" * 96] * 1000),
    "a key with an escape character": lambda w: w.keyed(b"demo\x1b[2J"),
}
METHODS: dict[str, Row] = {
    "TRACE": lambda w: w.send("vidgen", b"TRACE", b"/api/jobs"),
    "PROPFIND": lambda w: w.send("vidgen", b"PROPFIND", b"/api/jobs"),
    "PATCH with a body": lambda w: w.send("vidgen", b"PATCH", b"/api/jobs", b"Content-Type: " + JSON, body=b"{}"),
    "DELETE of all": lambda w: w.send("vidgen", b"DELETE", b"/api/jobs"),
    "OPTIONS": lambda w: w.send("vidgen", b"OPTIONS", b"/api/jobs", b"Origin: https://evil.test"),
}
CREDENTIALS: dict[str, Row] = {
    "no key": lambda w: w.send("vidgen", b"GET", b"/api/jobs", bare=True),
    "an empty key": lambda w: w.keyed(b""),
    "a key of 30,000 characters": lambda w: w.keyed(b"k" * 30_000),
    "a key in other letters": lambda w: w.keyed(b"\xff\xfe\xfd"),
    "the key of another API": lambda w: w.keyed(w.key["miragic"].encode()),
    "a key and a comma": lambda w: w.keyed(w.key["vidgen"].encode() + b","),
    "a token of garbage": lambda w: w.bearing(b"Bearer garbage"),
    "a token of dots": lambda w: w.bearing(b"Bearer .."),
    "a token of 50,000 characters": lambda w: w.bearing(jwt(HS256, b'{"sub":"' + b"a" * 30_000 + b'"}')),
    "a token in other letters": lambda w: w.bearing(b"Bearer \xff.\xfe.\xfd"),
    "a token without an algorithm": lambda w: w.bearing(jwt(b'{"alg":"none"}', claims(w), b"")),
    "a token of another algorithm": lambda w: w.bearing(jwt(b'{"alg":"RS256"}', claims(w))),
    "a token that signs itself": lambda w: w.bearing(jwt(b'{"alg":"HS256","jwk":{"k":"AA"}}', claims(w))),
    "a token with a critical extension": lambda w: w.bearing(jwt(b'{"alg":"HS256","crit":["x"],"x":1}', claims(w))),
    "a token of arrays 20,000 deep": lambda w: w.bearing(jwt(HS256, b"[" * 20_000 + b"]" * 20_000)),
    "a token of a sandbox that is a list": lambda w: w.bearing(jwt(HS256, claims(w, sandbox=["x"]))),
    "a token of a sandbox that goes up": lambda w: w.bearing(jwt(HS256, claims(w, sandbox="../../x"))),
    "a token that never ends": lambda w: w.bearing(jwt(HS256, claims(w).replace(b'"exp":', b'"exp":1e999,"x":'))),
    "a token with a foreign signature": lambda w: w.bearing(b"Bearer " + w.token[:-4].encode() + b"AAAA"),
    "a token cut short": lambda w: w.bearing(b"Bearer " + w.token[:-1].encode()),
    "another scheme": lambda w: w.bearing(b"Digest username=a"),
    "Bearer and nothing": lambda w: w.bearing(b"Bearer"),
    "Basic of garbage": lambda w: w.token_form(b"grant_type=client_credentials", b"Authorization: Basic %%%"),
    "Basic without a colon": lambda w: w.token_form(b"grant_type=client_credentials", b"Authorization: Basic YWJj"),
    "Basic of invalid UTF-8": lambda w: w.token_form(b"grant_type=client_credentials", b"Authorization: Basic /zr+"),
    "Basic of 30,000 characters": lambda w: w.token_form(
        b"grant_type=client_credentials", b"Authorization: Basic " + b"YWJj" * 7500
    ),
}
SIGNED: dict[str, Row] = {
    "an upload without a signature": lambda w: w.put(lambda u: u.partition("?")[0]),
    "an upload that lasts longer": lambda w: w.put(lambda u: u.replace("expires=1", "expires=2")),
    "an upload with an expiry of 5,000 digits": lambda w: w.put(
        lambda u: u.replace("expires=", "expires=" + "9" * 5000)
    ),
    "an upload signed twice": lambda w: w.put(lambda u: u + "&signature=x"),
    "an upload with a signature in other letters": lambda w: w.put(lambda u: u[:-1] + "%FF"),
    "an upload to another place": lambda w: w.put(lambda u: u.replace("?", "x?")),
}
FILMS: dict[str, Row] = {
    "a film without a signature": lambda w: w.media(lambda u: u.partition("?")[0]),
    "a film of another name": lambda w: w.media(lambda u: u.replace("video.mp4", "video.mp5")),
    "a film of another job": lambda w: w.media(lambda u: u.replace(w.ids["vidgen"], "c" * 25)),
    "a film and one letter more": lambda w: w.media(lambda u: u + "x"),
    "a film signed twice": lambda w: w.media(lambda u: u + "&" + u.partition("?")[2]),
    "a film with an expiry of 5,000 digits": lambda w: w.media(lambda u: u + "&expires=" + "9" * 5000),
    "a film of nobody": lambda w: straight(b"GET", b"/_media/@nobody/vidgen/a/video/video.mp4"),
    "a film up there": lambda w: straight(b"GET", b"/_media/@a/..%2f..%2f/etc/passwd?signature=x"),
    "a film to be deleted": lambda w: w.media(lambda u: u, method=b"DELETE"),
    "a film to be written": lambda w: w.media(lambda u: u, b"Content-Length: 0", method=b"POST"),
    "a piece beyond the end": lambda w: w.media(lambda u: u, b"Range: bytes=99999999999-"),
    "pieces of 5,000 digits": lambda w: w.media(lambda u: u, b"Range: bytes=" + DIGITS + b"-" + DIGITS),
    "an empty piece at the end": lambda w: w.media(lambda u: u, b"Range: bytes=-0"),
}
ENVELOPED = {
    400: BODIES | FORMS | QUERIES,
    415: KINDS,
    404: PATHS,
    405: METHODS,
    401: CREDENTIALS,
    403: SIGNED,
}
HARMLESS: dict[str, Row] = {
    "a cursor of control characters": lambda w: w.query(b"cursor=%0a%1b%7f%00"),
    "a parameter in brackets": lambda w: w.query(b"status%5b%5d=x&limit%5b%5d=-1"),
    "another method, in a header": lambda w: (
        w.status(w.ids["vidgen"].encode())[:-2] + b"X-HTTP-Method-Override: DELETE\r\n\r\n"
    ),
    "400 headers": lambda w: w.send("vidgen", b"GET", b"/api/jobs", *[b"X-%d: a" % n for n in range(400)]),
    "a piece of garbage": lambda w: w.media(lambda u: u, b"Range: bytes=a-b"),
    "1,000 pieces": lambda w: w.media(lambda u: u, b"Range: bytes=" + b"0-1," * 1000 + b"0-1"),
    "a piece in another unit": lambda w: w.media(lambda u: u, b"Range: lines=1-2"),
    "a piece if garbage": lambda w: w.media(lambda u: u, b"Range: bytes=0-1", b"If-Range: W/\xff\xfe"),
    "a film if garbage matches": lambda w: w.media(lambda u: u, b"If-None-Match: \xff", b"If-Modified-Since: never"),
}
