"""What servers do that they should not, and the words an admin gets for it."""

from __future__ import annotations

import base64
import gzip
import zlib

from tests.edges.asking import FEED
from tests.servers import Answer, Route, redirect

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
CHUNK = b"%x\r\n%s\r\n" % (len(FEED), FEED)
# 100 MB of zeros as Brotli, made with another program.
BROTLI = "z///fwAkAOKxQHLv//n//w+ABEAcFoDu/T////8BkACIwwLQvf/n//8/ABIAcVgAuvf//P//B0ACIA4LQPf+P//B6wFIAMRhAehi1wM="


def serving(route: Route) -> dict[str, Route]:
    """A server that does it at "/"."""
    return {"/": route, "/loop": route}


def encoded(encoding: str, body: bytes) -> Answer:
    return Answer(body, headers={"Content-Encoding": encoding})


def raw(*parts: bytes) -> Answer:
    return Answer(raw=b"".join(parts))


def deflated(size: int) -> bytes:
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(bytes(1_000_000)) for _ in range(size // 1_000_000)) + packer.flush()


def is_slow(route: Route) -> bool:
    """It ends only when our patience does."""
    return isinstance(route, Answer) and (route.hang or route.stall or route.drip > 0 or route.delay > 0)


# What the server does at "/", and the words for it. `{host}` is the server; "/loop" is the same as "/".
PROBLEMS: dict[str, tuple[Route, str]] = {
    # it refuses
    "answers 400": (Answer(FEED, status=400), "the server answered 400: it refuses"),
    "wants a password": (
        Answer(status=401),
        "the server answered 401: it wants a user name and a password, or other ones",
    ),
    "forbids": (Answer(status=403), "the server answered 403: it does not let us in"),
    "has nothing there": (Answer(status=404), "the server answered 404: there is nothing at this address (any more)"),
    "is asked too often": (
        Answer(status=429, headers={"Retry-After": "9"}),
        "the server answered 429: too many requests",
    ),
    "is censored": (Answer(status=451), "the server answered 451: it may not show this, for legal reasons"),
    "is broken": (Answer(FEED, status=500), "the server answered 500: something is broken on its side"),
    "is overloaded": (Answer(status=503), "the server answered 503: it is overloaded or under repair"),
    "answers 999": (Answer(FEED, status=999), "the server answered 999: that is no answer HTTP knows"),
    "refuses without an end": (
        Answer(b"<p>no</p>", status=404, endless=True),
        "the server answered 404: there is nothing",
    ),
    "puts a bot wall before it": (
        Answer(b"<title>Just a moment...</title>", status=403),
        "the server answered 403: a bot wall (Cloudflare) answers instead of the site",
    ),
    "puts a bot wall before it and says OK": (
        Answer(b"<p>Attendere", headers={"X-Amzn-Waf-Action": "challenge"}, status=202),
        "the server answered 202: a bot wall (AWS WAF) answers instead of the site",
    ),
    "refuses and never finishes its sentence": (
        Answer(b"<p>no", status=403, stall=True),
        "the server answered 403: it does not let us in",
    ),
    # it redirects
    "redirects to itself": (redirect("/"), "the server redirects more than 5 times in a row"),
    "redirects to https that it does not speak": (
        lambda asked: redirect(f"https://{asked.headers['host']}/"),
        "no secure connection to {host} is possible: ",
    ),
    "redirects to a script": (redirect("javascript:alert(1)"), "the server redirects us to where we do not go: only"),
    "redirects with a password": (
        redirect("http://anna:segreto@127.0.0.1/"),
        "the server redirects us to where we do not go: the address holds a name or password",
    ),
    "redirects in a circle": (redirect("/loop"), "the server redirects more than 5 times in a row"),
    "redirects to a file": (redirect("file:///etc/hostname"), "the server redirects us to where we do not go: only"),
    "redirects to ftp": (redirect("ftp://127.0.0.1/rss"), "the server redirects us to where we do not go: only"),
    "redirects to nowhere": (Answer(FEED, status=302), "the server answered 302, a redirect, but not where to"),
    "offers a choice": (Answer(FEED, status=300), "the server answered 300, a redirect, but not where to"),
    "sends us to a proxy": (
        redirect("/loop", 305),
        "the server answered 305: it redirects in a way that nobody follows",
    ),
    "redirects twice at once": (
        raw(b"HTTP/1.1 301 Moved\r\nLocation: /a\r\nLocation: /b\r\n\r\n"),
        "the answer of {host} is not written as HTTP wants it: Multiple Location headers",
    ),
    "redirects to a machine inside": (redirect("http://10.0.0.1/"), "the address leads to 10.0.0.1, a machine inside"),
    "redirects to a cloud's secrets": (
        redirect("http://169.254.169.254/"),
        "the address leads to 169.254.169.254, where no",
    ),
    # it sends too much
    "sends a gzip bomb": (
        encoded("gzip", gzip.compress(bytes(20_000_000), 9)),
        "the body is larger than 2 MB and was cut",
    ),
    "sends a deflate bomb": (encoded("deflate", deflated(20_000_000)), "the body is larger than 2 MB and was cut off"),
    "sends a Brotli bomb": (encoded("br", base64.b64decode(BROTLI)), "the body is larger than 2 MB and was cut off"),
    "sends a bomb in a bomb": (
        encoded("gzip, gzip", gzip.compress(gzip.compress(bytes(20_000_000), 9))),
        "the body is larger than 2 MB and was cut off",
    ),
    "packs it six times over": (
        encoded(", ".join(["gzip"] * 6), FEED),
        "the answer is packed more than five times over",
    ),
    "sends without an end": (Answer(FEED * 100, endless=True), "the body is larger than 2 MB and was cut off"),
    "sends one huge header": (
        raw(HEAD, b"X: ", b"a" * 200_000, b"\r\n\r\n", FEED),
        "the headers of the answer are too large",
    ),
    "sends headers without an end": (
        Answer(b"X: " + b"a" * 1000 + b"\r\n", raw=HEAD, endless=True),
        "the headers of the answer are too large",
    ),
    "sends thousands of headers": (
        raw(HEAD, b"X: a\r\n" * 9000, b"\r\n", FEED),
        "the headers of the answer are too large",
    ),
    "is about to answer for ever": (
        Answer(b"HTTP/1.1 103 Early Hints\r\nX: a\r\n\r\n", raw=b"", endless=True),
        "the headers of the answer are too large",
    ),
    # it is slow
    "never answers": (Answer(hang=True), "no answer within 0.5 seconds"),
    "stops within the first line": (Answer(raw=b"HTTP/1.1 2", stall=True), "no answer within 0.5 seconds"),
    "stops within the headers": (Answer(raw=HEAD, stall=True), "the answer was not complete within 0.5 seconds"),
    "stops before the body": (Answer(b"", stall=True), "the answer was not complete within 0.5 seconds"),
    "sends a header a byte a second": (Answer(raw=HEAD, drip=1), "no answer within 0.5 seconds"),
    "redirects slowly": (
        Answer(status=302, headers={"Location": "/loop"}, delay=0.7),
        "no answer within 0.5 seconds",
    ),
    # it does not know HTTP
    "closes without an answer": (raw(), "{host} closed the connection without an answer"),
    "closes within the headers": (raw(HEAD, b"Content-Le"), "the connection to {host} broke off within the headers"),
    "speaks HTTP/0.9": (raw(FEED), "what answers at {host} does not speak HTTP"),
    "is a mail server": (raw(b"220 mail.example.it ESMTP\r\n"), "what answers at {host} does not speak HTTP"),
    "speaks HTTP/2 unasked": (
        raw(bytes.fromhex("000006040000000000000300000064")),
        "what answers at {host} does not speak HTTP",
    ),
    "speaks HTTP/9.9": (raw(b"HTTP/9.9 200 OK\r\n\r\n", FEED), "what answers at {host} does not speak HTTP"),
    "answers no number": (raw(b"HTTP/1.1 bene OK\r\n\r\n", FEED), "what answers at {host} does not speak HTTP"),
    "wants to speak of something else": (
        raw(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", FEED),
        "the server answered 101: it wants to speak of something else",
    ),
    "announces a negative length": (
        raw(HEAD, b"Content-Length: -1\r\n\r\n", FEED),
        "the answer of {host} is not written as HTTP wants it: Invalid Content-Length",
    ),
    "announces two lengths": (
        raw(HEAD, b"Content-Length: 20\r\nContent-Length: 30\r\n\r\n", FEED),
        "the answer of {host} is not written as HTTP wants it: Invalid Content-Length",
    ),
    "has a NUL in its headers": (
        raw(HEAD, b"X: a\0b\r\n\r\n", FEED),
        "the answer of {host} is not written as HTTP wants it: NUL byte in header",
    ),
    "writes a header without a name": (
        raw(HEAD, b"senza nome\r\n\r\n", FEED),
        "the answer of {host} is not written as HTTP wants it: Header without colon",
    ),
    "cuts it into nonsense": (
        raw(CHUNKED, b"molto\r\n", FEED),
        "the pieces of the answer have lengths that make no sense",
    ),
    "says gzip and does not mean it": (encoded("gzip", FEED), "the answer is compressed, but cannot be unpacked"),
    "says Brotli and does not mean it": (encoded("br", FEED), "the answer is compressed, but cannot be unpacked"),
    "adds to what it packed": (
        encoded("gzip", gzip.compress(FEED) + b"<!-- cache -->"),
        "the answer is compressed, but cannot be unpacked",
    ),
    "packs it once and says twice": (
        encoded("gzip, gzip", gzip.compress(FEED)),
        "the answer is compressed, but cannot be unpacked",
    ),
    "packs it in an unknown way": (encoded("x-zoo", FEED), "the answer is packed in a way that we do not know"),
    "transfers it in an unknown way": (
        raw(HEAD, b"Transfer-Encoding: x-zoo\r\n\r\n", FEED),
        "the answer is packed in a way that we do not know",
    ),
    # it has nothing to say
    "is empty": (Answer(b""), "the answer is empty"),
    "is blank": (Answer(b" \r\n\t\n"), "the answer is empty"),
    "is empty and packed": (Answer(b"", gzip=True), "the answer is empty"),
    "says there is no content": (Answer(status=204), "the answer is empty"),
    "says it is unchanged, unasked": (
        Answer(status=304),
        "the server answered 304, not modified, though we have nothing of it",
    ),
}

# What the server does, and why the document is not whole; empty where it is, or where only its reader can know.
HANDED_OVER: dict[str, tuple[Answer, bytes, str]] = {
    "breaks off": (Answer(FEED, truncate=True), FEED[: len(FEED) // 2], "the answer broke off before its end"),
    "announces more than it sends": (
        raw(HEAD, b"Content-Length: 99999\r\n\r\n", FEED),
        FEED,
        "the answer broke off before its end",
    ),
    "announces more and waits": (Answer(FEED, stall=True), FEED, "the answer was not complete within 0.5 seconds"),
    "sends a byte a second": (Answer(FEED, drip=1), FEED[:1], "the answer was not complete within 0.5 seconds"),
    "resets in the middle": (
        Answer(FEED, reset=True, headers={"Content-Length": "999"}),
        FEED,
        "the connection to {host} broke off",
    ),
    "breaks off within a chunk": (raw(CHUNKED, CHUNK[:50]), CHUNK[4:50], "the answer broke off before its end"),
    "forgets the last chunk": (raw(CHUNKED, CHUNK), FEED, "the answer broke off before its end"),
    "loses count of its chunks": (
        raw(CHUNKED, CHUNK, b"molto\r\n"),
        FEED,
        "the pieces of the answer have lengths that make no sense",
    ),
    "sends a part unasked": (Answer(FEED, status=206), FEED, "the server sent only a part of the document (206)"),
    "announces less than it sends": (raw(HEAD, b"Content-Length: 20\r\n\r\n", FEED), FEED[:20], ""),
    "announces no length": (raw(HEAD, b"\r\n", FEED), FEED, ""),
    "announces an absurd length": (raw(HEAD, b"Content-Length: ", b"9" * 30, b"\r\n\r\n", FEED), FEED, ""),
    "ends its lines like Unix": (raw(HEAD.replace(b"\r\n", b"\n"), b"\n", FEED), FEED, ""),
    "packs it twice": (encoded("gzip, gzip", gzip.compress(gzip.compress(FEED))), FEED, ""),
    "does not say it is packed": (Answer(gzip.compress(FEED, mtime=0)), gzip.compress(FEED, mtime=0), ""),
    "sends a page": (Answer(b"<!doctype html><p>ciao", media_type="text/html"), b"<!doctype html><p>ciao", ""),
    "sends a picture": (Answer(b"\x89PNG\r\n\x1a\n\0", media_type="image/png"), b"\x89PNG\r\n\x1a\n\0", ""),
    "lies about the letters": (Answer(FEED, media_type="text/xml; charset=utf-16"), FEED, ""),
    "packs it as deflate without a head": (encoded("deflate", zlib.compress(FEED)[2:-4]), FEED, ""),
    "cuts off what it packed": (encoded("gzip", gzip.compress(FEED * 9)[:-9]), FEED * 9, ""),
    "says that it is not packed": (encoded("identity", FEED), FEED, ""),
    "announces a length and sends pieces": (
        raw(HEAD, b"Content-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n", CHUNK, b"0\r\n\r\n"),
        FEED,
        "",
    ),
    "says ten times that it is about to answer": (
        raw(b"HTTP/1.1 100 Continue\r\n\r\n" * 10, HEAD, b"\r\n", FEED),
        FEED,
        "",
    ),
    "says it will look": (Answer(FEED, status=202), FEED, ""),
    "sets a hundred cookies": (
        raw(HEAD, b"".join(b"Set-Cookie: a%d=%s\r\n" % (n, b"x" * 900) for n in range(100)), b"\r\n", FEED),
        FEED,
        "",
    ),
}  # fmt: skip
