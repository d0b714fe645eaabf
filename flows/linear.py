"""Linear programmes that stay with their solver (HiGHS), which goes on from where it was: the next
question of a programme is much like the last. The same questions give the same answers on every
run."""

from typing import Any

import numpy
from highspy import HighsLp, HighsModelStatus, MatrixFormat
from highspy._core import _Highs  # what is around it says whose it is, to the screen
from numpy.typing import NDArray
from scipy import sparse

Numbers = NDArray[numpy.float64]


class Linear:
    """Unknowns and weighted sums of them, a row each, all within bounds."""

    def __init__(
        self,
        sums: sparse.csr_matrix | sparse.csc_matrix,
        least: Numbers,
        most: Numbers,
        low: Numbers,
        high: Numbers,
    ) -> None:
        """`least` and `most` bound the sums, `low` and `high` the unknowns."""
        rows, unknowns = sums.shape
        programme = HighsLp()
        programme.num_col_, programme.num_row_ = unknowns, rows
        programme.col_cost_ = numpy.zeros(unknowns)
        programme.col_lower_, programme.col_upper_ = low, high
        programme.row_lower_, programme.row_upper_ = least, most
        is_by_row = sums.format == "csr"
        programme.a_matrix_.format_ = MatrixFormat.kRowwise if is_by_row else MatrixFormat.kColwise
        programme.a_matrix_.num_col_, programme.a_matrix_.num_row_ = unknowns, rows
        programme.a_matrix_.start_ = sums.indptr
        programme.a_matrix_.index_ = sums.indices
        programme.a_matrix_.value_ = sums.data
        self._every = numpy.arange(unknowns, dtype=numpy.int32)
        self._solver: Any = _Highs()
        self._solver.setOptionValue("output_flag", False)
        self._solver.passModel(programme)

    def bound(self, low: Numbers, high: Numbers) -> None:
        self._solver.changeColsBounds(len(self._every), self._every, low, high)

    def where_least(self, weights: Numbers) -> Numbers | None:
        """The unknowns at which a weighted sum of them is least; None where there are none that
        keep to all bounds."""
        self._solver.changeColsCost(len(self._every), self._every, weights)
        self._solver.run()
        if self._solver.getModelStatus() != HighsModelStatus.kOptimal:
            return None
        return numpy.array(self._solver.getSolution().col_value)
