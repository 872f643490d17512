"""Whether whoever made a one-time link may still make it. A link of somebody who may not opens nothing.

One condition for queries, so that what is shown, counted and used is the same.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from rostra.control.permits import RULINGS, Ruling
from rostra.store.tables import AccountRow


def maker_may(
    maker: InstrumentedAttribute[str], ruling: Ruling, over: InstrumentedAttribute[str] | str
) -> ColumnElement[bool]:
    """True where ``maker``, as the audit names them, may do ``ruling`` to the role ``over`` today.

    The holder of the data folder may always; an account that is suspended, deleted or demoted since may not.
    """
    theirs = aliased(AccountRow)
    role = literal(over) if isinstance(over, str) else over
    allowed = or_(*(and_(theirs.role == ruler, role.in_(whom)) for ruler, whom in RULINGS[ruling].items()))
    in_office = select(theirs.id).where(
        maker == literal("account:") + theirs.id,
        theirs.suspended_at.is_(None),
        theirs.deleted_at.is_(None),
        allowed,
    )
    return or_(maker.not_like("account:%"), in_office.exists())
