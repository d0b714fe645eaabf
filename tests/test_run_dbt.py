"""What dbt says of a run, where it is heard at all."""

import pytest
from dbt_common.events.base_types import EventLevel
from dbt_common.events.event_manager import EventManager
from dbt_common.events.types import Note

from flows.run_dbt import OnlyWhatIsWrong


@pytest.mark.parametrize(
    ("level", "heard"),
    [
        (EventLevel.DEBUG, []),
        (EventLevel.INFO, []),
        (EventLevel.WARN, ["what is told"]),
        (EventLevel.ERROR, ["what is told"]),
    ],
)
def test_only_what_is_wrong_is_put_into_words(
    level: EventLevel, heard: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(
        EventManager, "fire_event", lambda self, event, *_: told.append(event.message())
    )
    OnlyWhatIsWrong().fire_event(Note(msg="what is told"), level)
    assert told == heard
