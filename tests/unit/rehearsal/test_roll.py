from rostra.media import events
from rostra.media.events import Person
from rostra.rehearsal.roll import Roll

NORA, SAM = Person("nnnnnnnn", "Nora", "host"), Person("ssssssss", "Sam", "speaker")


def test_everyone_named_is_remembered_and_who_spoke_with_them() -> None:
    roll = Roll()
    roll.take((events.snapshot(at=0, speakers=(NORA,), listeners=3),))
    roll.take((events.change(at=960, speakers=(NORA, SAM), speaking=(SAM.id,)),))
    roll.take((events.change(at=1920, speaking=()),))
    assert roll.names == ("Nora", "Sam")
    assert roll.spoken == ("Sam",)
    assert roll.speaking == ()
    assert roll.listeners == 3


def test_an_event_that_cannot_be_read_is_counted_and_changes_nothing() -> None:
    roll = Roll()
    roll.take((events.snapshot(at=0, speakers=(NORA,)), b"\0\0\0\x0cemsgnope"))
    assert (roll.count, roll.malformed, roll.names) == (1, 1, ("Nora",))
