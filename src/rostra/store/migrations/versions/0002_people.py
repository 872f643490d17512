"""People: profiles, suspension, verification, invitations, resets, passkeys, and the site's own words.

Accounts that could host are members from now on: every member may host.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"


def upgrade() -> None:
    """Widen accounts and consents; create invitations, resets, passkeys and the site."""
    _accounts()
    _links()
    _passkeys()
    _site()
    op.add_column("consents", sa.Column("account", sa.String(26)))
    op.create_index("ix_consents_account", "consents", ["account"])
    op.execute("update consents set account = substr(person, 9) where person like 'account:%'")


def _accounts() -> None:
    for name, kind in (
        ("bio", sa.Text),
        ("picture", sa.Text),
        ("email", sa.String(254)),
        ("language", sa.String(16)),
        ("suspended_by", sa.String(40)),
        ("suspended_reason", sa.Text),
        ("verified_by", sa.String(40)),
    ):
        op.add_column("accounts", sa.Column(name, kind, nullable=False, server_default=""))
    for name in ("suspended_at", "verified_at", "deleted_at"):
        op.add_column("accounts", sa.Column(name, sa.BigInteger))
    op.execute("update accounts set role = 'member' where role = 'host'")


def _links() -> None:
    op.create_table(
        "invitations",
        sa.Column("id", sa.String(26), primary_key=True),
        sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("created_by", sa.String(40), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "resets",
        sa.Column("token_hash", sa.String(64), primary_key=True),
        sa.Column("account", sa.String(26), sa.ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_resets_account", "resets", ["account"])


def _passkeys() -> None:
    op.create_table(
        "passkeys",
        sa.Column("id", sa.String(26), primary_key=True),
        sa.Column("account", sa.String(26), sa.ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
        sa.Column("credential", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("sign_count", sa.BigInteger, nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("used_at", sa.BigInteger),
    )
    op.create_index("ix_passkeys_account", "passkeys", ["account"])


def _site() -> None:
    op.create_table(
        "site",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("color", sa.String(7), nullable=False),
        sa.Column("logo", sa.Text, nullable=False),
        sa.Column("contact", sa.Text, nullable=False),
        sa.Column("imprint", sa.Text, nullable=False),
        sa.Column("terms", sa.Text, nullable=False),
        sa.Column("open_sign_up", sa.Boolean, nullable=False),
    )
