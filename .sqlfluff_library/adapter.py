"""What sqlfluff knows of dbt's `adapter`: a dispatched macro reads as a call of its own name,
so that models are linted as they are written, whichever engine they will run on."""

from collections.abc import Callable


def dispatch(name: str) -> Callable[..., str]:
    """A stand-in for the engine's own wording."""

    def worded(*arguments: object) -> str:
        return f"{name}({', '.join(str(argument) for argument in arguments)})"

    return worded
