"""Passkeys (WebAuthn level 3) beside passwords: registered, listed, deleted, and used to sign in.

Devices are asked for a discoverable key that checks who holds it. Which site they sign for is the
address of backstage; a passkey made at one name is of no use at another.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

import structlog
import webauthn
from sqlalchemy import select
from webauthn.helpers import base64url_to_bytes, parse_client_data_json
from webauthn.helpers.options_to_json_dict import options_to_json_dict
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from rostra.control import audit
from rostra.control.challenges import Challenges
from rostra.control.identity import Account, Actor
from rostra.control.times import now_ms
from rostra.core.clock import Clock
from rostra.core.errors import Conflict, NotFound, SignInNeeded
from rostra.core.ids import AccountId, draw
from rostra.store.database import Database
from rostra.store.tables import AccountRow, PasskeyRow

log = structlog.get_logger()

MAX_PASSKEYS: Final = 20
"""Of one account."""


class PasskeyRefused(SignInNeeded):
    """This passkey was not accepted. Try again, or sign in with your password."""

    code = "passkey_refused"


class PasskeysNeedName(Conflict):
    """Passkeys belong to a name, and this address is only numbers. Open the site by its name."""

    code = "passkeys_need_name"


@dataclass(frozen=True, slots=True)
class Party:
    """Whom a passkey is for: this site, by its name and its address."""

    id: str
    origin: str
    name: str

    @classmethod
    def at(cls, origin: str, name: str) -> Party:
        """The party at a backstage address; PasskeysNeedName for a numeric one."""
        host = urlsplit(origin).hostname or ""
        try:
            ip_address(host)
        except ValueError:
            return cls(host, origin, name)
        raise PasskeysNeedName


class Passkeys:
    """Everything about passkeys."""

    def __init__(self, database: Database, challenges: Challenges, *, clock: Clock) -> None:
        self._database = database
        self._challenges = challenges
        self._clock = clock

    async def registration_options(self, actor: Actor, party: Party) -> dict[str, Any]:
        """What ``navigator.credentials.create`` needs, as ``parseCreationOptionsFromJSON`` reads it.

        ProofNeeded.
        """
        account = actor.need_account()
        actor.need_proof(now=now_ms(self._clock))
        present = await self.all(actor)
        if len(present) >= MAX_PASSKEYS:
            raise Conflict("This account has as many passkeys as are allowed. Delete one first.")
        options = webauthn.generate_registration_options(
            rp_id=party.id,
            rp_name=party.name,
            user_id=account.id.encode(),
            user_name=account.handle,
            user_display_name=account.name,
            challenge=self._challenges.draw(account.id),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(id=row.credential) for row in present],
        )
        return options_to_json_dict(options)

    async def register(self, actor: Actor, party: Party, name: str, credential: dict[str, Any]) -> PasskeyRow:
        """Keep the public half of the key that a device made; PasskeyRefused, ProofNeeded."""
        account = actor.need_account()
        actor.need_proof(now=now_ms(self._clock))
        try:
            made = webauthn.verify_registration_response(
                credential=credential,
                expected_challenge=self._challenge(credential, account.id),
                expected_rp_id=party.id,
                expected_origin=party.origin,
                require_user_verification=True,
            )
        except PasskeyRefused:
            raise
        except Exception as error:  # the library raises whatever its parsers of hostile bytes do
            log.info("passkey_refused", account=account.id, reason=str(error))
            raise PasskeyRefused from error
        now = now_ms(self._clock)
        row = PasskeyRow(
            id=draw(10),
            account=account.id,
            credential=made.credential_id,
            public_key=made.credential_public_key,
            sign_count=made.sign_count,
            name=name,
            created_at=now,
        )
        async with self._database.session() as session:
            if await session.scalar(select(PasskeyRow.id).where(PasskeyRow.credential == row.credential)):
                raise Conflict("This passkey is registered already.")
            session.add(row)
            audit.record(session, at=now, actor=actor.label, act="passkey.create", passkey=row.id)
        return row

    async def all(self, actor: Actor) -> list[PasskeyRow]:
        """The account's passkeys, oldest first."""
        query = select(PasskeyRow).where(PasskeyRow.account == actor.need_account().id)
        async with self._database.reading() as session:
            return list(await session.scalars(query.order_by(PasskeyRow.created_at, PasskeyRow.id)))

    async def delete(self, actor: Actor, id: str) -> None:
        """Forget one of the account's own passkeys; ProofNeeded, NotFound for others'."""
        account = actor.need_account()
        actor.need_proof(now=now_ms(self._clock))
        async with self._database.session() as session:
            row = await session.get(PasskeyRow, id)
            if row is None or row.account != account.id:
                raise NotFound("You have no such passkey.")
            await session.delete(row)
            at = now_ms(self._clock)
            audit.record(session, at=at, actor=actor.label, act="passkey.delete", passkey=id)

    def sign_in_options(self, party: Party) -> dict[str, Any]:
        """What ``navigator.credentials.get`` needs; the device offers whichever keys it has for this site."""
        options = webauthn.generate_authentication_options(
            rp_id=party.id,
            challenge=self._challenges.draw(None),
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return options_to_json_dict(options)

    async def sign_in(self, party: Party, credential: dict[str, Any]) -> Account:
        """The account whose passkey signed; PasskeyRefused. Whether it is suspended is not asked here."""
        challenge = self._challenge(credential, None)
        async with self._database.session() as session:
            row = await session.scalar(
                select(PasskeyRow).where(PasskeyRow.credential == _credential_id(credential))
            )
            if row is None:
                raise PasskeyRefused
            try:
                signed = webauthn.verify_authentication_response(
                    credential=credential,
                    expected_challenge=challenge,
                    expected_rp_id=party.id,
                    expected_origin=party.origin,
                    credential_public_key=row.public_key,
                    credential_current_sign_count=row.sign_count,
                    require_user_verification=True,
                )
            except Exception as error:  # as above
                log.info("passkey_refused", account=row.account, reason=str(error))
                raise PasskeyRefused from error
            row.sign_count, row.used_at = signed.new_sign_count, now_ms(self._clock)
            return Account.of(await session.get_one(AccountRow, row.account))

    def _challenge(self, credential: dict[str, Any], account: AccountId | None) -> bytes:
        """The challenge that ``credential`` answers, used up; PasskeyRefused if it is not one of ours."""
        try:
            said = credential["response"]["clientDataJSON"]
            challenge = parse_client_data_json(base64url_to_bytes(said)).challenge
        except Exception as error:  # as above
            raise PasskeyRefused from error
        if not self._challenges.take(challenge, account):
            raise PasskeyRefused
        return challenge


def _credential_id(credential: dict[str, Any]) -> bytes:
    try:
        return base64url_to_bytes(credential["rawId"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise PasskeyRefused from error
