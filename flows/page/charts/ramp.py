"""The four steps in which maps are coloured, and the key that names them."""

from dataclasses import dataclass

from markupsafe import Markup

from flows.page.marts import Cell

NOT_SHOWN = 4  # the step of what has no number


@dataclass(frozen=True)
class Ramp:
    """Which of four steps, dark to light, a number belongs to, and how the key names them.

    edges  where each step begins, or ends, going from the dark to the light
    """

    edges: tuple[float, float, float]
    is_dark_high: bool
    names: tuple[str, str, str, str]

    def step(self, cell: Cell) -> int:
        if not cell.is_shown:
            return NOT_SHOWN
        number = cell.number
        if self.is_dark_high:
            return next((i for i, edge in enumerate(self.edges) if number >= edge), 3)
        return next((i for i, edge in enumerate(self.edges) if number <= edge), 3)

    def key(self) -> Markup:
        steps = Markup("").join(
            Markup('<li><span class="tile s{}"></span>{}</li>').format(step, said)
            for step, said in enumerate((*self.names, "not available"))
        )
        return Markup('<ul class="key" aria-label="Key">{}</ul>').format(steps)


POVERTY = Ramp((40, 30, 20), True, ("40% or more", "30% to 39.9%", "20% to 29.9%", "under 20%"))
DEPRIVATION = Ramp(
    (1, 2, 5), False, ("1, the most deprived tenth of England", "2", "3 to 5", "6 to 10")
)
