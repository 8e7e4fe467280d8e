"""Build the shipped data sets again from the public packages they were taken from.

    python -m mlp_helpers.data.rebuild FOLDER

Needs scikit-learn and statsmodels, which the course itself does not use. The datasheets beside
this file name the versions that were used.
"""

import sys
from pathlib import Path

import numpy as np

TRAIN, VALID = 1097, 300  # the remaining 400 images are the test part


def digits() -> dict[str, np.ndarray]:
    """The 1,797 images of scikit-learn's `load_digits`, shuffled once and cut in three."""
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(labels))
    parts = np.split(order, [TRAIN, TRAIN + VALID])
    arrays = {}
    for name, rows in zip(("train", "valid", "test"), parts, strict=True):
        arrays[f"X_{name}"] = images[rows].astype(np.uint8)
        arrays[f"y_{name}"] = labels[rows].astype(np.uint8)
    return arrays


def sea_temperature() -> dict[str, np.ndarray]:
    """The 61 x 12 monthly means of statsmodels' `elnino`, in the order of the calendar."""
    from statsmodels.datasets import elnino

    table = elnino.load_pandas().data.to_numpy(dtype=np.float64)
    years, temperature = table[:, 0], table[:, 1:]
    return {
        "year": np.repeat(years, 12).astype(np.int64),
        "month": np.tile(np.arange(1, 13), len(years)),
        "temperature": temperature.ravel(),
    }


BUILDERS = {"digits": digits, "sea_temperature": sea_temperature}


def main(folder: str) -> None:
    """Write every data set as FOLDER/<name>.npz."""
    for name, build in BUILDERS.items():
        np.savez_compressed(Path(folder) / f"{name}.npz", **build())


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("say where to write: python -m mlp_helpers.data.rebuild FOLDER")
    main(sys.argv[1])
