"""What authorities' extracts look like when they are broken, or when somebody means harm.

Every case is generated: nothing binary is kept in the repository. It says what is wrong, how
it is delivered, and what must come of it.
"""

from tests.corpus.case import PLANTED, Case, Landed, PassedOver, Refused
from tests.corpus.census import CENSUS
from tests.corpus.features import FEATURES
from tests.corpus.places import PLACES
from tests.corpus.returns import RETURNS
from tests.corpus.workbooks import WORKBOOKS

CASES: tuple[Case, ...] = (*RETURNS, *CENSUS, *WORKBOOKS, *FEATURES, *PLACES)

__all__ = ["CASES", "PLANTED", "Case", "Landed", "PassedOver", "Refused"]
