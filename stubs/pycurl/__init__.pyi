"""Of pycurl 7.49, just what the network uses."""

from collections.abc import Callable
from typing import NamedTuple, overload

class error(Exception): ...

class CurlSockAddr(NamedTuple):
    family: int
    socktype: int
    protocol: int
    addr: tuple[str, int] | tuple[str, int, int, int]

class Curl:
    @overload
    def setopt(self, option: int, value: int | str | list[bytes]) -> None: ...
    @overload
    def setopt(self, option: int, value: Callable[[bytes], int | None]) -> None: ...
    @overload
    def setopt(self, option: int, value: Callable[[int, CurlSockAddr], object]) -> None: ...
    def getinfo(self, info: int) -> float: ...  # of numbers only
    def getinfo_raw(self, info: int) -> list[tuple[tuple[bytes, bytes], ...]]: ...  # of INFO_CERTINFO only
    def close(self) -> None: ...

class CurlMulti:
    def setopt(self, option: int, value: int) -> None: ...
    def add_handle(self, curl: Curl) -> None: ...
    def remove_handle(self, curl: Curl) -> None: ...
    def perform(self) -> tuple[int, int]: ...
    def fdset(self) -> tuple[list[int], list[int], list[int]]: ...
    def timeout(self) -> int: ...
    def info_read(self) -> tuple[int, list[Curl], list[tuple[Curl, int, str]]]: ...
    def close(self) -> None: ...

ACCEPT_ENCODING: int
CAINFO: int
CONNECTTIMEOUT_MS: int
COOKIEFILE: int
HEADERFUNCTION: int
HTTP09_ALLOWED: int
HTTPHEADER: int
INFO_CERTINFO: int
M_MAXCONNECTS: int
NOSIGNAL: int
OPENSOCKETFUNCTION: int
OPT_CERTINFO: int
PRETRANSFER_TIME: int
PROTOCOLS: int
PROTO_HTTP: int
PROTO_HTTPS: int
PROXY: int
REQUEST_SIZE: int
FORBID_REUSE: int
PRIMARY_IP: int
RESPONSE_CODE: int
SOCKET_BAD: int
TIMEOUT_MS: int
TOTAL_TIME: int
URL: int
WRITEFUNCTION: int

E_BAD_CONTENT_ENCODING: int
E_COULDNT_CONNECT: int
E_COULDNT_RESOLVE_HOST: int
E_FTP_WEIRD_SERVER_REPLY: int
E_GOT_NOTHING: int
E_HTTP2: int
E_OPERATION_TIMEDOUT: int
E_PARTIAL_FILE: int
E_PEER_FAILED_VERIFICATION: int
E_RECV_ERROR: int
E_SEND_ERROR: int
E_SSL_CACERT_BADFILE: int
E_SSL_CONNECT_ERROR: int
E_UNSUPPORTED_PROTOCOL: int
E_WRITE_ERROR: int
