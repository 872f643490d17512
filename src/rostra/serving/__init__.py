"""The hot HTTP/1.1 server that door and edge share. Knows nothing of spaces or media.

An application's ``respond(request, exchange)`` is called once a request is whole. Hot answers are
bytes rendered beforehand, sent by one ``transport.write``; streamed ones are written to as they come.
"""

from rostra.serving.answering import Application
from rostra.serving.errors import MethodNotAllowed, Overloaded
from rostra.serving.exchange import Exchange
from rostra.serving.limits import Limits
from rostra.serving.metrics import Counters
from rostra.serving.request import Request
from rostra.serving.response import chunked_head, error_response, framed, head, http_date, response
from rostra.serving.server import Server, serve

__all__ = [
    "Application",
    "Counters",
    "Exchange",
    "Limits",
    "MethodNotAllowed",
    "Overloaded",
    "Request",
    "Server",
    "chunked_head",
    "error_response",
    "framed",
    "head",
    "http_date",
    "response",
    "serve",
]
