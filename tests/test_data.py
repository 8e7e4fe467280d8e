"""The shipped data: what the datasheets say is what the files hold and the loaders give."""

import hashlib
import re

import numpy as np
import pytest

from mlp_helpers import data
from mlp_helpers.data import load_digits, load_sea_temperature, rebuild

NAMES = sorted(rebuild.BUILDERS)


def datasheet(name):
    return (data.FOLDER / f"{name}.md").read_text(encoding="utf-8")


def stored(name):
    with np.load(data.FOLDER / f"{name}.npz", allow_pickle=False) as arrays:
        return dict(arrays)


def test_every_file_has_a_datasheet():
    assert sorted(path.stem for path in data.FOLDER.glob("*.npz")) == NAMES
    assert sorted(path.stem for path in data.FOLDER.glob("*.md")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_the_datasheet_states_size_checksum_licence_and_source(name):
    text, content = datasheet(name), (data.FOLDER / f"{name}.npz").read_bytes()
    assert re.search(r"SHA-256 \| `(\w+)`", text)[1] == hashlib.sha256(content).hexdigest()
    assert re.search(r"File \| ([\d,]+) bytes", text)[1] == f"{len(content):,}"
    for part in ("| Source |", "| Licence |", "## Build it again"):
        assert part in text


@pytest.mark.parametrize("name", NAMES)
def test_the_files_hold_plain_numbers(name):
    assert all(array.dtype.kind in "iuf" for array in stored(name).values())


def test_digits_are_float64_between_0_and_1_with_integer_labels():
    parts = load_digits()
    assert [len(part) for part in parts] == [1097, 1097, 300, 300, 400, 400]
    for X, y in zip(parts[::2], parts[1::2], strict=True):
        assert X.shape == (len(y), 64) and y.shape == (len(y),)
        assert X.dtype == np.float64 and y.dtype == np.int64
        assert X.min() == 0.0 and X.max() == 1.0
        assert np.array_equal(np.unique(y), np.arange(10))


def test_no_image_is_in_two_parts():
    images = np.vstack(load_digits()[::2])
    assert len(np.unique(images, axis=0)) == len(images) == 1797


def test_a_digit_can_be_recognised_from_its_nearest_neighbour():
    # Labels belong to their images: a shuffle of one without the other would give 10 %.
    X_train, y_train, _, _, X_test, y_test = load_digits()
    distance = (X_train**2).sum(1) - 2 * X_test @ X_train.T
    assert np.mean(y_train[distance.argmin(axis=1)] == y_test) > 0.97


def test_sea_temperature_follows_the_calendar():
    year, month, temperature = load_sea_temperature()
    assert year.shape == month.shape == temperature.shape == (732,)
    assert month.dtype == temperature.dtype == np.float64
    assert np.array_equal(month.reshape(61, 12), np.tile(np.arange(1.0, 13.0), (61, 1)))
    assert np.array_equal(year.reshape(61, 12)[:, 0], np.arange(1950, 2011))
    by_month = temperature.reshape(61, 12).mean(axis=0)
    assert by_month.argmax() == 2 and by_month.argmin() == 8  # March and September
    assert 18 < temperature.min() < temperature.max() < 30


def test_each_call_gives_arrays_of_its_own():
    for load in (load_digits, load_sea_temperature):
        before = load()[0].copy()
        load()[0][...] = 0
        assert np.array_equal(load()[0], before)


@pytest.mark.parametrize(
    "name, package", [("digits", "sklearn"), ("sea_temperature", "statsmodels")]
)
def test_the_recipe_gives_the_shipped_arrays(name, package):
    pytest.importorskip(package)
    built, shipped = rebuild.BUILDERS[name](), stored(name)
    assert built.keys() == shipped.keys()
    for key, array in shipped.items():
        assert np.array_equal(built[key], array) and built[key].dtype == array.dtype
