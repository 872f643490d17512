"""Refusals that only an HTTP server makes. Each docstring is the sentence a person reads."""

from __future__ import annotations

from rostra.core.errors import BadRequest, RostraError, Unavailable


class MalformedRequest(BadRequest):
    """This is not a valid HTTP/1.1 request."""

    code = "malformed_request"


class MethodNotAllowed(RostraError):
    """This address does not answer that method."""

    code = "method_not_allowed"
    status = 405


class RequestTooSlow(RostraError):
    """The request took too long to arrive."""

    code = "request_too_slow"
    status = 408


class LengthNeeded(RostraError):
    """A request body needs a Content-Length."""

    code = "length_needed"
    status = 411


class AddressTooLong(RostraError):
    """The address is longer than allowed."""

    code = "address_too_long"
    status = 414


class Overloaded(Unavailable):
    """Too many people are connected. Please try again in a moment."""

    code = "overloaded"
