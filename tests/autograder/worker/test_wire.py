"""What crosses the boundary arrives as it left; whatever else comes is refused."""

import json
import math
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.worker import wire
from mlp_helpers.checking.values import same_bits
from mlp_helpers.named import Named

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.binary()
    | st.complex_numbers()
)
ARRAYS = hnp.arrays(
    st.sampled_from(
        [
            np.bool_,
            np.int8,
            np.uint64,
            np.float16,
            np.float32,
            np.float64,
            np.complex64,
            np.complex128,
        ]
    ),
    hnp.array_shapes(min_dims=0, min_side=0),
)
PLAIN = st.recursive(
    SCALARS | ARRAYS,
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(st.text() | st.integers(), inner)
    ),
    max_leaves=10,
)


def through(value):
    header, blobs = wire.encode(value)
    return wire.decode(header, b"".join(blobs))


@given(PLAIN)
def test_plain_data_arrives_as_it_left(value):
    assert same_bits(through(value), value)


def test_named_callables_cross_by_name():
    assert through((Named("cubic", (2.0, (1, "x"))),)) == (Named("cubic", (2.0, (1, "x"))),)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, -0.0, 2**80, np.nan * 1j])
def test_numbers_that_json_has_no_word_for(value):
    assert same_bits(through([value]), [value])


def test_layouts_survive():
    wide = np.arange(24.0).reshape(4, 6)
    for array in (wide, wide.T, wide[:, ::2], wide[::2, ::3], np.broadcast_to(1.0, (3, 2))):
        got = through(array)
        assert np.array_equal(got, array)
        for flag in ("C_CONTIGUOUS", "F_CONTIGUOUS"):
            assert got.flags[flag] == array.flags[flag]
        assert got.flags.writeable


def test_other_byte_order_becomes_ours():
    array = np.arange(3, dtype=">f8")
    assert np.array_equal(through(array), array)


def test_a_numpy_scalar_becomes_a_number():
    assert type(through(np.float64(1.5))) is float and through(np.float64(1.5)) == 1.5
    assert type(through(np.int64(3))) is int


@pytest.mark.parametrize(
    "value",
    [
        object(),
        {1, 2},
        np.array(["a"]),
        np.array([None]),
        print,
        10**5000,
        np.zeros(2, dtype="M8[s]"),
        np.zeros(2, dtype=[("a", "f8")]),
    ],
    ids=lambda v: type(v).__name__,
)
def test_other_things_are_not_sent(value):
    with pytest.raises(wire.WireError):
        wire.encode(value)


def test_depth_is_limited_both_ways():
    deep = []
    for _ in range(100):
        deep = [deep]
    with pytest.raises(wire.WireError, match="deep"):
        wire.encode(deep)
    with pytest.raises(wire.WireError, match="deep"):
        wire.decode(b"[" * 100 + b"]" * 100, b"")
    with pytest.raises(wire.WireError):
        wire.decode(b"[" * 10**6 + b"]" * 10**6, b"")


FORGED = [
    {"array": ["<f8", [10**18], "C"]},
    {"array": ["<f8", [-1], "C"]},
    {"array": ["<f8", [1.0], "C"]},
    {"array": ["<f8", [True], "C"]},
    {"array": ["<f8", [2**40, 2**40, 0], "C"]},
    {"array": ["|O", [1], "C"]},
    {"array": ["|V8", [1], "C"]},
    {"array": [["<f8"], [1], "C"]},
    {"array": ["<f8", [1], "X"]},
    {"array": ["<f8", [1]]},
    {"array": ["<f8", [1] * 40, "C"]},
    {"array": ["<f8", [2], "C"]},
    {"bytes": -1},
    {"bytes": True},
    {"bytes": 9},
    {"complex": [1]},
    {"complex": ["a", "b"]},
    {"tuple": {}},
    {"dict": [[1]]},
    {"dict": [[[1], 2]]},
    {"dict": [[{"tuple": []}, 2]]},
    {"named": ["cubic", [1]]},
    {"named": [1, {"tuple": []}]},
    {"value": 1},
    {"__init__": 1},
    {"tuple": [], "dict": []},
    {},
]


@pytest.mark.parametrize("tree", FORGED, ids=json.dumps)
def test_forged_headers_are_refused(tree):
    with pytest.raises(wire.WireError):
        wire.decode(json.dumps(tree).encode(), b"12345678" if "bytes" not in tree else b"")


@pytest.mark.parametrize("header", [b"", b"{", b"\xff\xfe", b"1 2", b"9" * 5000])
def test_headers_that_are_not_json(header):
    with pytest.raises(wire.WireError):
        wire.decode(header, b"")


def test_bytes_left_over_are_refused():
    with pytest.raises(wire.WireError, match="more array bytes"):
        wire.decode(b"1", b"x")


@pytest.mark.parametrize(
    "tree, body",
    [
        ({"complex": [10**400, 0]}, b""),
        ({"array": ["<f8", [0] + [2**28] * 31, "C"]}, b""),
        ({"array": ["|u1", [2] * 31, "C"]}, b"x"),
        ({"array": ["<c16", [1] * 33, "strided"]}, bytes(16)),
    ],
)
def test_numbers_that_no_value_can_be_made_of_are_refused(tree, body):
    with pytest.raises(wire.WireError):
        wire.decode(json.dumps(tree).encode(), body)


def test_a_strided_array_takes_twice_its_size_at_most():
    tree = {"array": ["|u1", [2**14] + [1] * 11, "strided"]}
    array = wire.decode(json.dumps(tree).encode(), bytes(2**14))
    assert not array.flags.c_contiguous and array.base.nbytes == 2**15


# --- over a socket -------------------------------------------------------------------------------


@pytest.fixture
def ends():
    a, b = wire.channel()
    with a, b:
        yield a, b


def send_raw(sock, header_size, size, first, *packets):
    sock.send(wire._PRELUDE.pack(wire._MAGIC, header_size, size) + first)
    for packet in packets:
        sock.send(packet)


def test_many_packets(ends):
    value = {"x": np.random.default_rng(0).normal(size=(400, 333))}
    sender = threading.Thread(target=wire.send, args=(ends[0], value))
    sender.start()
    got = wire.receive(ends[1], 10)
    sender.join()
    assert same_bits(got, value)


@pytest.mark.parametrize(
    "raw",
    [
        b"hello",
        b"",
        wire._PRELUDE.pack(b"nope", 1, 0),
        wire._PRELUDE.pack(wire._MAGIC, 2**60, 0),
        wire._PRELUDE.pack(wire._MAGIC, 1, 2**60),
        wire._PRELUDE.pack(wire._MAGIC, 1, 2**29),
    ],
)
def test_wrong_beginnings_are_refused(ends, raw):
    ends[0].send(raw)
    with pytest.raises(wire.WireError):
        wire.receive(ends[1], 1)


def test_a_short_or_long_or_dripping_reply_is_refused(ends):
    for packets in ([b"12"], [b"", b"123"], [b"1", b"2", b"3"], [b"1234"]):
        a, b = wire.channel()
        with a, b:
            send_raw(a, 3, 0, *packets)
            with pytest.raises(wire.WireError):
                wire.receive(b, 1)


def test_a_short_packet_after_a_full_one_is_refused(ends):
    full = b" " * (wire.CHUNK - wire._PRELUDE.size)
    send_raw(ends[0], wire.CHUNK + 1, 0, full, b" " * wire._PRELUDE.size)
    with pytest.raises(wire.WireError, match="not of what was announced"):
        wire.receive(ends[1], 1)


def test_a_reply_that_never_ends_is_late(ends):
    send_raw(ends[0], wire.CHUNK, 0, b" " * (wire.CHUNK - wire._PRELUDE.size))
    with pytest.raises(TimeoutError):
        wire.receive(ends[1], 0.2)


def test_a_receiver_that_does_not_read_is_late(ends):
    with pytest.raises(TimeoutError):
        wire.send(ends[0], bytes(50 * 2**20), 0.2)


def test_a_closed_channel_says_so(ends):
    ends[0].close()
    with pytest.raises(wire.Closed):
        wire.receive(ends[1], 1)
    with pytest.raises(wire.Closed):
        wire.send(ends[1], 1, 1)
