"""Measuring side by side on a busy machine: interleaved rounds, ratios within a round, medians.

One thread: the process is pinned to one core and counts its own CPU time, so that neighbours
disturb little. All threads: wall-clock time, as CPU time of several threads says nothing.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
SETTLE = 0.003  # seconds; thread pools that spin after their work should not disturb the next


def cores():
    """Cores that this process may use."""
    return (
        sorted(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else range(os.cpu_count() or 1)
    )


def in_child(script, threads, *args):
    """Run a script with so many BLAS threads, on so many cores; return what it prints as JSON.

    Thread pools read these settings when they are loaded: they need a process of their own.
    """
    env = os.environ | {name: str(threads) for name in THREADS}
    command = [sys.executable, script, "--threads", str(threads), *args]
    done = subprocess.run(command, env=env, stdout=subprocess.PIPE, check=True, text=True)
    return json.loads(done.stdout)


def pin(threads):
    """Keep this process on the last `threads` cores, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, set(cores()[-threads:]))


def interleaved(tasks, threads, rounds, block=0.02):
    """Time tasks side by side.

    Parameters
    ----------
    tasks : dict of str to callable
    threads : int
        With one, CPU time is taken, otherwise wall-clock time.
    rounds : int
        In every round each task runs for about `block` seconds, in random order.

    Returns
    -------
    dict of str to list of float
        Seconds per call, one number per round.
    """
    clock = time.process_time if threads == 1 else time.perf_counter
    calls = {name: _calls(task, clock, block) for name, task in tasks.items()}
    times, order, rng = {name: [] for name in tasks}, list(tasks), random.Random(0)
    for _ in range(rounds):
        rng.shuffle(order)
        for name in order:
            time.sleep(SETTLE if threads > 1 else 0)
            times[name].append(_once(tasks[name], clock, calls[name]))
    return times


def _once(task, clock, calls):
    """Seconds per call; as in a training loop, one result lives until the next is there."""
    kept = None
    start = clock()
    for _ in range(calls):
        kept = task()
    seconds = (clock() - start) / calls
    del kept
    return seconds


def _calls(task, clock, block):
    task()  # compiles, loads, starts threads
    return max(1, round(block / max(_once(task, clock, 1), 1e-6)))


def blas():
    """Libraries and threads of the matrix products, in one line."""
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        import numpy

        found = numpy.show_config(mode="dicts")["Build Dependencies"]["blas"]
        asked = os.environ.get("OMP_NUM_THREADS", "its own choice")
        return f"{found['name']} {found['version']}, threads: {asked}"
    return "; ".join(
        f"{i['internal_api']} {i['version'] or ''} {i.get('architecture', '')} "
        f"{i['num_threads']} thread(s)"
        for i in threadpool_info()
    )
