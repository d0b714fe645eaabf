"""The bundled sample: invented children, written as the files an authority would deliver."""

from pathlib import Path

from flows.sample import children, cin_census, places, ssda903, statistics


def write(folder: Path) -> list[Path]:
    """Write the sample below a folder and say which files were written, in order."""
    home = folder / places.LA_CODE
    looked_after = children.invent()
    return sorted(
        [
            *places.write(home),
            *statistics.write(home),
            *ssda903.write(home, looked_after),
            *cin_census.write(home, looked_after),
        ]
    )
