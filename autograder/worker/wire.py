"""What crosses between the judge and the untrusted worker: plain data, framed and counted.

One message is a prelude (magic, length of the header, length of the array bytes), the header (JSON)
and the raw bytes of its arrays, cut into packets of exactly `CHUNK` bytes. The receiver knows from
the first packet how many bytes must come, and refuses everything else: nothing is
unpickled, no class is looked up, no length is believed beyond `MAX_HEADER` and `MAX_BYTES`.
"""

from __future__ import annotations

import json
import math
import socket
import struct
import time
from typing import Any, Literal

import numpy as np

from mlp_helpers.checking.values import MAX_BYTES, MAX_ENTRIES, entries, strided
from mlp_helpers.named import Named

CHUNK = 64 * 1024  # below the kernel's default limit for one packet
MAX_HEADER = 16 * 2**20
MAX_PARTS = 1_000_000  # lists and dicts in a header: each takes far more memory than header
MAX_DEPTH = 32
# What one cell shows, held by the worker and, since it may be a student's, by the judge again.
MAX_TEXT = 20_000  # characters of one output
MAX_PNG = 2 * 2**20  # bytes of one picture
MAX_OUTPUTS = 100  # outputs of one cell
MAX_TOTAL = 12 * 2**20  # everything that one submission shows
DTYPES = frozenset(
    ["|b1", "|i1", "|u1"]
    + [f"<{kind}{size}" for kind in "iu" for size in (2, 4, 8)]
    + ["<f2", "<f4", "<f8", "<c8", "<c16"]
)

_PRELUDE = struct.Struct("!4sQQ")
_MAGIC = b"mlp1"


class WireError(Exception):
    """A message that is not what the protocol allows; the text says what was wrong."""


class Closed(WireError):
    """The other side is gone."""


def channel() -> tuple[socket.socket, socket.socket]:
    """Make the two ends of a channel that keeps packets apart (Linux)."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


# --- messages ------------------------------------------------------------------------------------


def send(sock: socket.socket, message: object, seconds: float | None = None) -> None:
    """Send one message of plain data.

    Parameters
    ----------
    sock : socket of `channel()`
    message : plain data, `Named`, ndarrays; nested at most 32 deep
    seconds : float, optional
        Time allowed for the whole message; None waits for ever.

    Raises
    ------
    WireError
        The message cannot be sent in this format.
    TimeoutError
        The receiver did not take it in time.
    """
    header, blobs = encode(message)
    size = sum(map(len, blobs))
    if len(header) > MAX_HEADER or size > MAX_BYTES:
        raise WireError("a message that is too large to send")
    deadline = _deadline(seconds)
    whole = memoryview(b"".join([_PRELUDE.pack(_MAGIC, len(header), size), header, *blobs]))
    for start in range(0, len(whole), CHUNK):
        _wait(sock, deadline)
        try:
            sock.send(whole[start : start + CHUNK])
        except (BrokenPipeError, ConnectionError) as error:
            raise Closed("the other side is gone") from error


def receive(sock: socket.socket, seconds: float | None = None, max_bytes: int = MAX_BYTES) -> Any:
    """Receive one message within `seconds`.

    Returns
    -------
    The plain data that was sent; arrays are fresh and own their memory.

    Raises
    ------
    WireError
        Anything but a well-formed message; `Closed` if the other side is gone.
    TimeoutError
        The message was not complete in time.
    """
    deadline = _deadline(seconds)
    first = _packet(sock, deadline)
    if len(first) < _PRELUDE.size or not first.startswith(_MAGIC):
        raise WireError("a message that does not begin as one")
    _, header_size, size = _PRELUDE.unpack_from(first)
    if header_size > MAX_HEADER or size > max_bytes:
        raise WireError(f"a message of {header_size + size} bytes is too large")
    packets: list[bytes] = []
    missing = _PRELUDE.size + header_size + size
    while missing > 0:
        packet = _packet(sock, deadline) if packets else first
        if len(packet) != min(CHUNK, missing):  # short and dripping replies end here
            raise WireError(f"a packet of {len(packet)} bytes, not of what was announced")
        packets.append(packet)
        missing -= len(packet)
    body = _PRELUDE.size + header_size
    whole = b"".join(packets)
    return decode(whole[_PRELUDE.size : body], whole[body:])


def _packet(sock: socket.socket, deadline: float | None) -> bytes:
    """Receive one packet, whatever is in it."""
    _wait(sock, deadline)
    try:
        packet = sock.recv(CHUNK + 1)
    except ConnectionError as error:
        raise Closed("the other side is gone") from error
    if not packet:
        raise Closed("the other side is gone")
    return packet


def _deadline(seconds: float | None) -> float | None:
    return None if seconds is None else time.monotonic() + seconds


def _wait(sock: socket.socket, deadline: float | None) -> None:
    """Give the socket the time that is left until the deadline."""
    if deadline is None:
        sock.settimeout(None)
        return
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    sock.settimeout(left)


# --- values --------------------------------------------------------------------------------------


def encode(value: object) -> tuple[bytes, list[bytes]]:
    """Turn plain data into a JSON header and a list of array bytes.

    Returns
    -------
    (bytes, list of bytes)
    """
    blobs: list[bytes] = []
    tree = _tagged(value, blobs, 0)
    try:
        return json.dumps(tree, separators=(",", ":")).encode("ascii"), blobs
    except ValueError as error:  # Python refuses to write integers of thousands of digits
        raise WireError("a number with too many digits") from error


def decode(header: bytes, body: bytes) -> Any:
    """The inverse of `encode`; `body` must hold exactly the bytes that the header announces."""
    if header.count(b"[") + header.count(b"{") > MAX_PARTS:
        raise WireError("a message of too many parts")
    try:
        tree = json.loads(header.decode("ascii"))
    except (ValueError, RecursionError, MemoryError) as error:
        raise WireError("a header that is not JSON") from error
    reader = _Reader(body)
    try:
        value = reader.value(tree, 0)
    except (ValueError, OverflowError, TypeError, MemoryError) as error:
        raise WireError("numbers that no value can be made of") from error
    if reader.position != len(body):
        raise WireError("more array bytes than the header announces")
    return value


def _tagged(value: object, blobs: list[bytes], depth: int) -> Any:
    """Plain data as JSON: what JSON has no word for becomes a dict with one key, its kind."""
    if depth > MAX_DEPTH:
        raise WireError("a structure that is nested too deeply")
    if value is None or type(value) in (bool, int, float, str):
        return value
    if type(value) is complex:
        return {"complex": [value.real, value.imag]}
    if type(value) is list:
        return [_tagged(v, blobs, depth + 1) for v in value]
    if type(value) is tuple:
        return {"tuple": [_tagged(v, blobs, depth + 1) for v in value]}
    if type(value) is dict:
        pairs = [[_tagged(k, blobs, depth), _tagged(v, blobs, depth + 1)] for k, v in value.items()]
        return {"dict": pairs}
    if type(value) is bytes:
        blobs.append(value)
        return {"bytes": len(value)}
    if isinstance(value, Named):
        return {"named": [value.name, _tagged(tuple(value.params), blobs, depth + 1)]}
    if type(value) is np.ndarray:
        return _tagged_array(value, blobs)
    if isinstance(value, np.generic):  # a case may hold a NumPy scalar
        return _tagged(value.item(), blobs, depth)
    raise WireError(f"a {type(value).__name__} is not plain data")


def _tagged_array(array: np.ndarray, blobs: list[bytes]) -> dict[str, Any]:
    array = array.astype(array.dtype.newbyteorder("<"), copy=False)
    if array.dtype.str not in DTYPES:
        raise WireError(f"arrays of dtype {array.dtype} do not cross")
    layout = _layout(array)
    blobs.append(array.tobytes("F" if layout == "F" else "C"))
    return {"array": [array.dtype.str, list(array.shape), layout]}


def _layout(array: np.ndarray) -> str:
    if array.flags.c_contiguous:
        return "C"
    return "F" if array.flags.f_contiguous else "strided"


class _Reader:
    """Rebuilds the values of one header, taking array bytes from the body in order."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.position = 0
        self.entries = 0

    def value(self, tree: Any, depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise WireError("a structure that is nested too deeply")
        if isinstance(tree, list):
            return [self.value(v, depth + 1) for v in tree]
        if not isinstance(tree, dict):
            return tree
        if len(tree) != 1:
            raise WireError("a value of no known kind")
        ((kind, content),) = tree.items()
        if kind not in ("complex", "tuple", "dict", "bytes", "named", "array"):
            raise WireError("a value of no known kind")
        return getattr(self, "_" + kind)(content, depth)

    def _complex(self, content: Any, depth: int) -> complex:
        if not (_is_list(content, 2) and all(type(x) in (int, float) for x in content)):
            raise WireError("a complex number that is not two numbers")
        return complex(*content)

    def _tuple(self, content: Any, depth: int) -> tuple[Any, ...]:
        if not isinstance(content, list):
            raise WireError("a tuple that is not a list")
        return tuple(self.value(v, depth + 1) for v in content)

    def _dict(self, content: Any, depth: int) -> dict[Any, Any]:
        if not (isinstance(content, list) and all(_is_list(pair, 2) for pair in content)):
            raise WireError("a dict that is not a list of pairs")
        pairs = {}
        for key, value in content:
            if not isinstance(key, (str, int, float, bool, type(None))):
                raise WireError("a dict with a key of no known kind")
            pairs[key] = self.value(value, depth + 1)
        return pairs

    def _named(self, content: Any, depth: int) -> Named:
        if not (_is_list(content, 2) and isinstance(content[0], str)):
            raise WireError("a named callable without a name")
        params = self.value(content[1], depth + 1)
        if not isinstance(params, tuple):
            raise WireError("a named callable whose parameters are not a tuple")
        return Named(content[0], params)

    def _bytes(self, content: Any, depth: int) -> bytes:
        if type(content) is not int:
            raise WireError("bytes without a length")
        return self._take(content)

    def _array(self, content: Any, depth: int) -> np.ndarray:
        if not _is_list(content, 3):
            raise WireError("an array without dtype, shape and layout")
        dtype, shape, layout = content
        if not isinstance(dtype, str) or dtype not in DTYPES or layout not in ("C", "F", "strided"):
            raise WireError("an array of a dtype or layout that does not cross")
        if not (isinstance(shape, list) and len(shape) <= 32 and all(map(_is_size, shape))):
            raise WireError("an array whose shape is not a list of sizes")
        self.entries += entries(shape)
        if self.entries > MAX_ENTRIES:
            raise WireError(f"arrays of more than {MAX_ENTRIES:,} entries")
        data = self._take(math.prod(shape) * np.dtype(dtype).itemsize)
        order: Literal["C", "F"] = "F" if layout == "F" else "C"
        array = np.frombuffer(data, dtype).reshape(tuple(shape), order=order).copy(order)
        return strided(array) if layout == "strided" and array.ndim else array

    def _take(self, size: int) -> bytes:
        if not 0 <= size <= len(self.body) - self.position:
            raise WireError("fewer array bytes than the header announces")
        self.position += size
        return self.body[self.position - size : self.position]


def _is_list(value: object, size: int) -> bool:
    return isinstance(value, list) and len(value) == size


def _is_size(value: object) -> bool:
    return type(value) is int and 0 <= value <= MAX_BYTES
