"""Counts the calls by operation and status, so that a person who started the run sees that they got somewhere."""

import atexit
import json
import os
import threading
import time
from collections import Counter

import schemathesis

EVERY_SECONDS = 1
_counts = Counter()
_lock = threading.Lock()
_written_at = 0.0


@schemathesis.hook
def after_call(context, case, response):
    global _written_at
    with _lock:
        _counts[case.method.upper(), case.path, response.status_code] += 1
        if time.monotonic() - _written_at >= EVERY_SECONDS:
            _written_at = time.monotonic()
            _write()


@atexit.register
def _write():
    file = os.environ["FUZZ_CALLS"]
    calls = [dict(zip(("method", "path", "status", "count"), (*call, count))) for call, count in _counts.items()]
    # A reader during the run never sees half of it.
    with open(f"{file}.part", "w") as part:
        json.dump(calls, part)
    os.replace(f"{file}.part", file)
