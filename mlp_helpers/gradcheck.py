"""Numeric derivatives that contain no gradient formula.

Complex step: for an analytic f, Im f(x + i h) / h is f'(x) with an error of order h^2; with
h = 1e-20 it is exact to rounding, because nothing is subtracted.
"""

from __future__ import annotations

import warnings

import numpy as np

STEP = 1e-20

# NumPy warns when an imaginary part is dropped; here that would be a silently wrong derivative.
_ComplexWarning = np.exceptions.ComplexWarning


def complex_step_gradient(f, x):
    """Gradient of a scalar function by complex step.

    Parameters
    ----------
    f : callable
        Analytic, from an array of x's shape to a scalar.
    x : ndarray, any shape

    Returns
    -------
    ndarray, shape of x

    Raises
    ------
    numpy.exceptions.ComplexWarning
        If f drops the imaginary part on the way.
    """
    return complex_step_jacobian(f, x)


def complex_step_jacobian(F, x):
    """Jacobian of F at x by complex step.

    Parameters
    ----------
    F : callable
        Analytic, from an array of x's shape to an array of any shape.
    x : ndarray, any shape

    Returns
    -------
    ndarray, shape F(x).shape + x.shape
        J[i, j] = d F_i / d x_j.
    """
    x = np.asarray(x, dtype=np.float64)
    columns = []
    with warnings.catch_warnings():
        warnings.simplefilter("error", _ComplexWarning)
        for index in np.ndindex(x.shape):
            shifted = x.astype(np.complex128)
            shifted[index] += 1j * STEP
            columns.append(np.imag(F(shifted)) / STEP)
    columns = np.stack(columns, axis=-1)
    return columns.reshape(columns.shape[:-1] + x.shape)
