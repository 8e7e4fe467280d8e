"""The two real data sets of the course, read from the files beside this one.

Nothing is downloaded. `digits.md` and `sea_temperature.md` say where each set comes from, under
which licence, and how to build the file again.
"""

from pathlib import Path

import numpy as np

FOLDER = Path(__file__).resolve().parent


def load_digits() -> tuple[np.ndarray, ...]:
    """Read the 1,797 handwritten digits, 8 x 8 pixels each, with their fixed split.

    Returns
    -------
    X_train, y_train, X_valid, y_valid, X_test, y_test
        ``X_*``: ndarray, shape (N, 64), float64 in [0, 1], one image per row (row by row; 0 is
        paper, 1 is ink). ``y_*``: ndarray, shape (N,), int64 labels 0..9. N is 1097, 300 and 400.
    """
    with np.load(FOLDER / "digits.npz", allow_pickle=False) as arrays:
        parts = [
            (arrays[f"X_{name}"] / 16.0, arrays[f"y_{name}"].astype(np.int64))
            for name in ("train", "valid", "test")
        ]
    return tuple(array for part in parts for array in part)


def load_sea_temperature() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Read the monthly sea surface temperature off the coast of Peru and Ecuador, 1950 to 2010.

    Returns
    -------
    year : ndarray, shape (732,), int64
        1950..2010, twelve rows each.
    month : ndarray, shape (732,), float64
        1.0 (January) .. 12.0 (December).
    temperature : ndarray, shape (732,), float64
        Mean of that month in degrees Celsius.
    """
    with np.load(FOLDER / "sea_temperature.npz", allow_pickle=False) as arrays:
        return (arrays["year"], arrays["month"].astype(np.float64), arrays["temperature"])
