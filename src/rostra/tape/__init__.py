"""The append-only log of one space's encoded programme: the only seam between stage and edge."""

from rostra.tape.genesis import EndDocument, Genesis, UnknownTape
from rostra.tape.reader import TapeReader
from rostra.tape.record import Flag, Kind, Record
from rostra.tape.recovery import TapeEnded
from rostra.tape.verify import Verdict, verify_chain
from rostra.tape.writer import TapeWriter

__all__ = [
    "EndDocument",
    "Flag",
    "Genesis",
    "Kind",
    "Record",
    "TapeEnded",
    "TapeReader",
    "TapeWriter",
    "UnknownTape",
    "Verdict",
    "verify_chain",
]
