"""Run a module as a child that never outlives its parent: python -P tether.py MODULE ARGUMENTS.

The parent holds the writing end of the child's standard input and writes nothing. However the
parent ends, kill -9 included, the system closes that end; the child reads its end of file and
goes at once, and with it the lock it holds on a database. It works wherever there are pipes.
"""

import os
import runpy
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import Any


def command(module: str, *arguments: str) -> list[str]:
    """What runs a module on a tether; its standard input must be a pipe of ours."""
    return [sys.executable, "-P", os.path.abspath(__file__), module, *arguments]


def start(args: Sequence[str], **options: Any) -> subprocess.Popen[Any]:
    """Popen for `python -m MODULE ...`, tethered, and out of Ctrl-C's way: it goes when we are
    done with it."""
    if args[1] != "-m":
        raise ValueError("only a module can be started on a tether")
    return subprocess.Popen(
        command(*args[2:]), stdin=subprocess.PIPE, start_new_session=True, **options
    )


def go_with_the_parent() -> None:
    while os.read(0, 1):
        pass
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=go_with_the_parent, daemon=True).start()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
