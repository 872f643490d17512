"""Who may do what: one table of every page, stream, feed, recording and call, and of everybody who comes.

Columns are visitors, cells the status of the answer. Rows run from the top; what destroys stands last.
``live`` stands beside a ticket, ``cache`` is what a cache in front asks for. ``replay`` is a recording where
the door says it is, ``plain`` where it would lie in the open, each with all that belongs to it (``*``).
``way`` is where backstage sends a browser on: 401 to sign in. Every address is read off the code that answers
it (``harness.addresses``), and one without a row is missed.
The *listener* holds a ticket to the public space; the *invited* and the *suspended* were both let into
the private ones. Whoever has a pass is sent on once (303), so that it leaves the address.
"""

from __future__ import annotations

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any

import httpx
import pytest

from harness import addresses
from harness.deployment import PASSWORD, Deployment, free_ports
from harness.visitors import SUSPENDED, VISITED, VISITORS, Visitor, Visitors
from harness.waiting import until
from rostra.edge.recording import Recording
from rostra.edge.shelf import EVENTS

pytestmark = pytest.mark.timeout(600)

DOOR_AND_EDGE = """
                                          stranger listener member invited host moderator operator suspended
GET  door    /                                 200      200    200     200  200       200      200       200
GET  door    /h/ann                            200      200    200     200  200       200      200       200
GET  door    /h/ann/events.ics                 200      200    200     200  200       200      200       200
GET  door    /feed.atom                        200      200    200     200  200       200      200       200
GET  door    /sitemap.xml                      200      200    200     200  200       200      200       200
GET  door    /robots.txt                       200      200    200     200  200       200      200       200
GET  door    /privacy                          200      200    200     200  200       200      200       200
GET  door    /imprint                          200      200    200     200  200       200      200       200
GET  door    /terms                            200      200    200     200  200       200      200       200
GET  door    /card.png                         200      200    200     200  200       200      200       200
GET  door    /status.json                      200      200    200     200  200       200      200       200
GET  door    /site.css                         200      200    200     200  200       200      200       200
GET  door    /favicon.svg                      200      200    200     200  200       200      200       200
GET  door    /favicon.ico                      200      200    200     200  200       200      200       200
GET  door    /healthz                          200      200    200     200  200       200      200       200
GET  door    /h/ann/picture                    200      200    200     200  200       200      200       200
GET  door    /remind/means.json                200      200    200     200  200       200      200       200
GET  door    /remind/worker.js                 200      200    200     200  200       200      200       200
GET  door    /remind?t=none                    200      200    200     200  200       200      200       200
GET  door    /forget?t=none                    200      200    200     200  200       200      200       200
POST door    /remind?t=none                    404      404    404     404  404       404      404       404
POST door    /forget?t=none                    404      404    404     404  404       404      404       404
GET  door    /assets/none                      404      404    404     404  404       404      404       404
GET  door    /metrics                          404      404    404     404  404       404      404       404

GET  door    /s/{open}                         200      200    200     200  303       200      303       200
GET  door    /s/{open}/status.json             200      200    200     200  200       200      200       200
GET  door    /s/{open}/card.png                200      200    200     200  200       200      200       200
GET  door    /s/{open}/event.ics               200      200    200     200  200       200      200       200
GET  door    /s/{open}/listen.m3u              200      200    200     200  200       200      200       200
POST door    /s/{open}/join                    200      200    200     200  200       200      200       200
POST door    /s/{open}/react                   400      400    400     400  400       400      400       400
GET  door    /s/{open}/live.m3u8               302      302    302     302  302       302      302       302
GET  door    /s/{open}/live.mpd                302      302    302     302  302       302      302       302
GET  door    /s/{open}/radio.aac               302      302    302     302  302       302      302       302
GET  door    /s/{open}/radio.opus              302      302    302     302  302       302      302       302
GET  door    /s/{open}/radio.mp3               302      302    302     302  302       302      302       302
GET  door    /s/{open}/ask                     200      200    200     200  200       200      200       200
POST door    /s/{open}/ask asking              202      202    202     202  202       202      202       202
POST door    /s/{open}/remind remind           400      400    400     400  400       400      400       400
GET  door    /s/{open}/draw.json               200      200    200     200  200       200      200       200
GET  door    /s/{open}/draw.log                200      200    200     200  200       200      200       200
GET  door    /s/{unlisted}                     200      200    200     200  303       200      303       200
GET  door    /s/{unlisted}/status.json         200      200    200     200  200       200      200       200
GET  door    /s/{unlisted}/card.png            200      200    200     200  200       200      200       200
GET  door    /s/{unlisted}/event.ics           200      200    200     200  200       200      200       200
GET  door    /s/{unlisted}/listen.m3u          200      200    200     200  200       200      200       200
GET  door    /s/{unlisted}/live.m3u8           302      302    302     302  302       302      302       302

GET  door    /s/{secret}                       403      403    403     303  303       403      303       403
GET  door    /s/{secret}/status.json           403      403    403     200  200       403      200       403
GET  door    /s/{secret}/card.png              403      403    403     200  200       403      200       403
GET  door    /s/{secret}/event.ics             403      403    403     200  200       403      200       403
GET  door    /s/{secret}/listen.m3u            403      403    403     200  200       403      200       403
POST door    /s/{open}/report report           201      201    201     201  201       201      201       201
POST door    /s/{secret}/report report         403      403    403     201  201       403      201       403
POST door    /s/{secret}/join                  403      403    403     200  200       403      200       403
POST door    /s/{secret}/react                 403      403    403     400  400       403      400       403
GET  door    /s/{secret}/live.m3u8             403      403    403     302  302       403      302       403
GET  door    /s/{secret}/live.mpd              403      403    403     302  302       403      302       403
GET  door    /s/{secret}/radio.aac             403      403    403     302  302       403      302       403
GET  door    /s/{secret}/radio.opus            403      403    403     302  302       403      302       403
GET  door    /s/{secret}/radio.mp3             403      403    403     302  302       403      302       403
GET  door    /s/{secret}/ask                   403      403    403     200  200       403      200       403
POST door    /s/{secret}/ask asking            403      403    403     202  202       403      202       403
POST door    /s/{secret}/remind remind         403      403    403     400  400       403      400       403
GET  door    /s/{secret}/draw.json             403      403    403     200  200       403      200       403
GET  door    /s/{secret}/draw.log              403      403    403     200  200       403      200       403
GET  door    /s/{kept}                         403      403    403     303  303       403      303       403
GET  door    /s/{kept}/status.json             403      403    403     200  200       403      200       403
GET  door    /s/{kept}/card.png                403      403    403     200  200       403      200       403
GET  door    /s/{kept}/event.ics               403      403    403     200  200       403      200       403
GET  door    /s/{kept}/listen.m3u              403      403    403     200  200       403      200       403
GET  door    /s/{kept}/live.m3u8               403      403    403     302  302       403      302       403
GET  door    /s/{kept}/live.mpd                403      403    403     302  302       403      302       403
GET  door    /s/{kept}/radio.aac               403      403    403     302  302       403      302       403
GET  door    /s/{held}/status.json             200      200    200     200  200       200      200       200
GET  door    /s/{held}/event.ics               200      200    200     200  200       200      200       200
GET  door    /s/{held}/live.m3u8               409      409    409     409  302       409      302       409
GET  door    /s/{held}/live.mpd                409      409    409     409  302       409      302       409
GET  door    /s/{deleted}/status.json          200      200    200     200  200       200      200       200
GET  door    /s/{deleted}/live.m3u8            410      410    410     410  410       410      410       410
GET  door    /s/{deleted}/live.mpd             410      410    410     410  410       410      410       410
GET  door    /s/{hidden}                       410  410  410  410  410  410  410  410
GET  door    /s/{hidden}/status.json           410  410  410  410  410  410  410  410
GET  door    /s/{hidden}/card.png              410  410  410  410  410  410  410  410
GET  door    /s/{hidden}/event.ics             410  410  410  410  410  410  410  410
GET  door    /s/{hidden}/listen.m3u            410  410  410  410  410  410  410  410
GET  door    /s/{hidden}/live.m3u8             410  410  410  410  410  410  410  410
GET  door    /s/{hidden}/live.mpd              410  410  410  410  410  410  410  410
GET  door    /s/{hidden}/radio.aac             410  410  410  410  410  410  410  410
POST door    /s/{hidden}/join                  410  410  410  410  410  410  410  410

GET  edge    /time                             200      200    200     200  200       200      200       200
GET  edge    /healthz                          200      200    200     200  200       200      200       200
GET  edge    /metrics                          404      404    404     404  404       404      404       404

GET  live    {open}/live.json                  200      200    200     200  200       200      200       200
GET  live    {open}/index.m3u8                 200      200    200     200  200       200      200       200
GET  live    {open}/opus.m3u8                  200      200    200     200  200       200      200       200
GET  live    {open}/manifest.mpd               200      200    200     200  200       200      200       200
GET  live    {open}/radio.aac                  200      200    200     200  200       200      200       200
GET  live    {open}/radio.opus                 200      200    200     200  200       200      200       200
GET  live    {open}/radio.mp3                  404      404    404     404  404       404      404       404
POST live    {open}/beacon                     204      204    204     204  204       204      204       204
GET  live    {open}/{run}/{rendition}/init.mp4                200  200  200  200  200  200  200  200
GET  live    {open}/{run}/{rendition}/{numbers}.m4s           200  200  200  200  200  200  200  200
GET  live    {open}/{run}/{rendition}/{number}.{part}.m4s     200  200  200  200  200  200  200  200
GET  live    {open}/{run}/{rendition}/live.m3u8               200  200  200  200  200  200  200  200
GET  live    {open}/{run}/{rendition}/plain.m3u8              200  200  200  200  200  200  200  200
GET  live    {secret}/live.json                403      403    403     200  200       403      200       403
GET  live    {secret}/index.m3u8               403      403    403     200  200       403      200       403
GET  live    {secret}/opus.m3u8                403      403    403     200  200       403      200       403
GET  live    {secret}/manifest.mpd             403      403    403     200  200       403      200       403
GET  live    {secret}/radio.aac                403      403    403     200  200       403      200       403
GET  live    {secret}/radio.opus               403      403    403     200  200       403      200       403
GET  live    {secret}/radio.mp3                403      403    403     404  404       403      404       403
POST live    {secret}/beacon                   403      403    403     204  204       403      204       403
GET  live    {secret}/{run}/{rendition}/init.mp4              403  403  403  200  200  403  200  403
GET  live    {secret}/{run}/{rendition}/{numbers}.m4s         403  403  403  200  200  403  200  403
GET  live    {secret}/{run}/{rendition}/{number}.{part}.m4s   403  403  403  200  200  403  200  403
GET  live    {secret}/{run}/{rendition}/live.m3u8             403  403  403  200  200  403  200  403
GET  live    {secret}/{run}/{rendition}/plain.m3u8            403  403  403  200  200  403  200  403

GET  cache   {open}/index.m3u8                 200      200    200     200  200       200      200       200
GET  cache   {secret}/index.m3u8               403      403    403     403  403       403      403       403

GET  replay  {published}/*                     200      200    200     200  200       200      200       200
GET  replay  {unlisted}/*                      200      200    200     200  200       200      200       200
GET  replay  {kept}/*                          403      403    403     200  200       403      200       403
GET  replay  {held}/*                          403      403    403     403  200       403      200       403
GET  replay  {deleted}/*                       410      410    410     410  410       410      410       410
GET  plain   {published}/*                     200      200    200     200  200       200      200       200
GET  plain   {unlisted}/*                      200      200    200     200  200       200      200       200
GET  plain   {kept}/*                          403      403    403     403  403       403      403       403
GET  plain   {held}/*                          403      403    403     403  403       403      403       403
GET  plain   {deleted}/*                       410      410    410     410  410       410      410       410
GET  plain   {hidden}/*                        404  404  404  404  404  404  404  404
"""

BACKSTAGE = """
                                            stranger listener member invited host moderator operator suspended
GET page    /signin                         200      200      200    200     200  200       200      200
GET page    /console                        200      200      200    200     200  200       200      200
GET page    /studio/{open}                  200      200      200    200     200  200       200      200
GET page    /captions/{open}                200      200      200    200     200  200       200      200
GET page    /                               200      200      200    200     200  200       200      200
GET page    /setup                          200      200      200    200     200  200       200      200
GET page    /invitation                     200      200      200    200     200  200       200      200
GET page    /reset                          200      200      200    200     200  200       200      200
GET page    /accounts                       200      200      200    200     200  200       200      200
GET page    /account                        200      200      200    200     200  200       200      200
GET page    /site                           200      200      200    200     200  200       200      200
GET page    /audit                          200      200      200    200     200  200       200      200
GET page    /door                           200      200      200    200     200  200       200      200
GET page    /reports                        200      200      200    200     200  200       200      200
GET page    /report                         200      200      200    200     200  200       200      200
GET page    /favicon.svg                    200      200      200    200     200  200       200      200
GET page    /favicon.ico                    200      200      200    200     200  200       200      200
GET page    /docs                           200      200      200    200     200  200       200      200
GET page    /docs.css                       200      200      200    200     200  200       200      200
GET page    /healthz                        200      200      200    200     200  200       200      200
GET page    /api/v1/openapi.json            200      200      200    200     200  200       200      200
GET page    /assets/none                    404      404      404    404     404  404       404      404
GET way     /pass/{open}                    401      401      200    200     303  200       303      403
GET way     /pass/{secret}                  401      401      403    303     303  403       303      403
GET api     /site                           200      200      200    200     200  200       200      200
GET api     /session                        401      401      200    200     200  200       200      403
GET api     /account                        401      401      200    200     200  200       200      403
GET api     /account/invited                401      401      200    200     200  200       200      403
GET api     /account/export                 401      401      200    200     200  200       200      403
GET api     /passkeys                       401      401      200    200     200  200       200      403
GET api     /tokens                         401      401      200    200     200  200       200      403
GET api     /spaces                         401      401      200    200     200  200       200      403
GET api     /spaces/{open}                  401      401      403    403     200  403       200      403
GET api     /spaces/{secret}                401      401      403    403     200  403       200      403
GET api     /spaces/{secret}/stage          401      401      403    403     200  403       200      403
POST api    /spaces/{secret}/pass           403      403      403    200     200  403       200      403
GET api     /accounts                       401      401      403    403     403  200       200      403
GET api     /accounts/vic                   401      401      403    403     403  200       200      403
GET api     /accounts/vic/export            401      401      403    403     403  403       200      403
GET api     /accounts/invitations           401      401      403    403     403  200       200      403
GET api     /audit                          401      401      200    200     200  200       200      403
GET api     /audit?space={open}             401      401      403    403     200  403       200      403
GET api     /spaces/{open}/links            401      401      403    403     200  403       200      403
GET api     /spaces/{open}/stage/stream     401      401      403    403     200  403       200      403
GET api     /spaces/{open}/captions         401      401      403    403     200  403       200      403
GET api     /spaces/{open}/stage/ice-servers 401     401      403    403     200  403       200      403
GET api     /spaces/{open}/stage/checks     401      401      403    403     200  403       200      403
POST api    /invitations/look invited       200      200      200    200     200  200       200      200
POST api    /resets/look outcome            404      404      404    404     404  404       404      404

POST api    /spaces new                     401      401      201    201     201  201       201      403
PATCH api   /spaces/{open} words            401      401      403    403     200  403       200      403
POST api    /spaces/{open}/links link       401      401      403    403     201  403       201      403
POST api    /spaces/{open}/notices notice   401      401      403    403     201  403       201      403
PUT api     /spaces/{open}/pinned pinned    401      401      403    403     200  403       200      403
DELETE api  /spaces/{open}/pinned           401      401      403    403     204  403       204      403
POST api    /spaces/{secret}/captions line  401      401      403    403     201  403       201      403
PUT api     /spaces/{open}/hold-music line  401      401      403    403     400  403       400      403
DELETE api  /spaces/{open}/hold-music       401      401      403    403     204  403       204      403
PUT api     /spaces/{secret}/invited/vic    401      401      403    403     200  403       200      403
DELETE api  /spaces/{secret}/invited/vic    401      401      403    403     200  403       200      403
POST api    /spaces/{open}/live             401      401      403    403     200  403       200      403
PATCH api   /account name                   401      401      200    200     200  200       200      403
PATCH api   /site colour                    401      401      403    403     403  403       200      403
GET api     /edge/pace                      401      401      403    403     403  403       200      403
PUT api     /edge/pace pace                 401      401      403    403     403  403       200      403
GET api     /door                           401      401      403    403     403  403       200      403
PUT api     /door order                     401      401      403    403     403  403       200      403
GET api     /door/figures                   401      401      403    403     403  403       200      403
GET api     /spaces/{open}/door             401      401      403    403     200  403       200      403
PUT api     /spaces/{open}/door apart       401      401      403    403     200  403       200      403
PUT api     /spaces/{open}/door limit       401      401      403    403     403  403       200      403
POST api    /spaces/{open}/door/links press 401      401      403    403     201  403       201      403
DELETE api  /spaces/{open}/door/links/none  401      401      403    403     404  403       404      403
POST api    /accounts/invitations member    401      401      403    403     403  201       201      403
POST api    /accounts/invitations operator  401      401      403    403     403  403       201      403
POST api    /accounts/vic/reset             401      401      403    403     403  403       201      403
POST api    /accounts/vic/verify            401      401      403    403     403  200       200      403
POST api    /accounts/vic/unverify          401      401      403    403     403  200       200      403
POST api    /accounts/vic/suspend           401      401      403    403     403  200       200      403
POST api    /accounts/vic/reinstate         401      401      403    403     403  200       200      403
POST api    /accounts/olga/suspend          401      401      403    403     403  403       409      403
PATCH api   /accounts/vic member            401      401      403    403     403  403       200      403

GET api     /reports                        401      401      403    403     403  200       200      403
GET api     /reports/{report}               401      401      403    403     403  200       200      403
GET api     /reports/{report}/audio         401      401      403    403     403  200       200      403
POST api    /reports/outcome outcome        404      404      404    404     404  404       404      404
POST api    /session wrong                  401      401      401    401     401  401       401      401
POST api    /session/passkey/options        409      409      409    409     409  409       409      409
POST api    /session/passkey key            409      409      409    409     409  409       409      409
POST api    /session/proof proof            401      401      204    204     204  204       204      403
POST api    /setup setup                    409      409      409    409     409  409       409      409
POST api    /sign-up newcomer               403      403      403    403     403  403       403      403
POST api    /invitations/accept taken       404      404      404    404     404  404       404      404
POST api    /resets forgot                  202      202      202    202     202  202       202      202
POST api    /resets/use unknown             404      404      404    404     404  404       404      404
POST api    /passkeys/options               401      401      409    409     409  409       409      403
POST api    /passkeys passkey               401      401      409    409     409  409       409      403
DELETE api  /passkeys/none                  401      401      404    404     404  404       404      403
POST api    /tokens token                   401      401      201    201     201  201       201      403
DELETE api  /tokens/{token}                 401      401      404    404     204  404       404      403
PUT api     /account/password change        401      401      200    200     200  200       200      403
POST api    /accounts newcomer              401      401      403    403     403  403       201      403
PUT api     /accounts/vic/password password 401      401      403    403     403  403       200      403
DELETE api  /accounts/invitations/{invitation} 401   401      403    403     403  204       404      403
POST api    /spaces/{open}/stage/consent consent 401 401      403    403     200  403       200      403
POST api    /spaces/{open}/stage/offer offer 401     401      403    403     400  403       400      403
POST api    /spaces/{open}/stage/check/offer offer 401   401      403    403     400  403       400      403
PUT api     /spaces/{open}/stage/check check 401        401      403    403     204  403       204      403
DELETE api  /spaces/{open}/stage/sessions/none 401   401      403    403     204  403       204      403
POST api    /spaces/{open}/stage/speakers/none/mute mute 401 401 403 403     404  403       404      403
GET api     /spaces/{open}/floor/me         200      200      200    200     200  200       200      200
GET api     /spaces/{open}/floor/blocks     401      401      403    403     200  403       200      403
POST api    /spaces/{open}/floor/requests/none/accept 401 401 403    403     404  403       404      403
POST api    /spaces/{open}/floor/requests/none/decline 401 401 403   403     404  403       404      403
POST api    /spaces/{open}/floor/decline-all 401     401      403    403     200  403       200      403
POST api    /spaces/{open}/floor/requests/none/block block 401 401 403 403   404  403       404      403
POST api    /spaces/{open}/floor/invite vic 401      401      403    403     204  403       204      403
POST api    /spaces/{open}/floor/mute-all   401      401      403    403     200  403       200      403
DELETE api  /spaces/{open}/floor/lock       401      401      403    403     204  403       204      403
PUT api     /spaces/{open}/floor/lock reason 401     401      403    403     204  403       204      403
PUT api     /spaces/{open}/floor/speakers/none/place place 401 401 403 403   404  403       404      403
DELETE api  /spaces/{open}/floor/speakers/none 401   401      403    403     404  403       404      403
POST api    /spaces/{open}/floor/speakers/none/block block 401 401 403 403   404  403       404      403
POST api    /spaces/{open}/floor/take-back  401      401      403    403     409  403       403      403
DELETE api  /spaces/{open}/floor/blocks/none 401     401      403    403     404  403       404      403
POST whip   /whip/{open}                    401      401      403    403     400  403       400      403
PATCH whip  /whip/{open}/none               401      401      403    403     404  403       404      403
DELETE whip /whip/{open}/none               401      401      403    403     404  403       404      403
POST whip   /whep/{open}                    401      401      403    403     400  403       400      403
PATCH whip  /whep/{open}/none               401      401      403    403     404  403       404      403
DELETE whip /whep/{open}/none               401      401      403    403     404  403       404      403
DELETE api  /spaces/{open}/links/{link}     401      401      403    403     204  403       404      403
DELETE api  /spaces/{open}/notices/{notice} 401      401      403    403     204  403       404      403
DELETE api  /spaces/{secret}/passes         401      401      403    403     200  403       200      403

POST api    /spaces/{later}/move onward     401      401      403    403     200  403       200      403
PUT api     /spaces/{next}/hidden hiding    401      401      403    403     403  204       204      403
DELETE api  /spaces/{next}/hidden           401      401      403    403     403  204       204      403
POST api    /reports/{report}/verdict dismissed 401  401      403    403     403  200       409      403
POST api    /spaces/{later}/cancel          401      401      403    403     200  403       200      403
POST api    /spaces/{open}/end              401      401      403    403     200  403       200      403
POST api    /spaces/{held}/recording/release 401     401      403    403     200  403       200      403
DELETE api  /spaces/{kept}/recording        401      401      403    403     200  403       200      403
DELETE api  /accounts/vic                   401      401      403    403     403  403       204      403
DELETE api  /account/sessions               401      401      204    204     204  204       204      403
DELETE api  /account leave                  401      401      204    204     409  204       409      403
DELETE api  /session                        204      204      204    204     204  204       204      204
"""

WHIP = (("application/sdp", "v=0\r\n"), ("application/trickle-ice-sdpfrag", "a=mid:0\r\n"))
"""What is sent by WHIP: an offer, and news of it."""
BODIES: dict[str, dict[str, Any]] = {
    "new": {"title": "Mine", "starts_at": "2031-01-01T20:00:00Z", "time_zone": "UTC"},
    "words": {"description": "Other words"},
    "link": {"role": "speaker", "name": "Sam"},
    "notice": {"text": "We begin in a moment"},
    "pinned": {"link": "https://example.org/slides", "label": "The slides"},
    "line": {"text": "Good evening."},
    "name": {"bio": "Somebody"},
    "colour": {"color": "#2244aa"},
    "pace": {"cadence": 4, "cohorts": 4},
    "order": {"places": 100_000},
    "apart": {"reserved": 9},
    "limit": {"places": 90_000},
    "press": {"name": "Press", "places": 2},
    "member": {"role": "member"},
    "operator": {"role": "operator"},
    "wrong": {"handle": "vic", "password": "not the password"},
    "key": {"credential": {}},
    "passkey": {"name": "Phone", "credential": {}},
    "proof": {"password": PASSWORD},
    "password": {"password": PASSWORD},
    "change": {"current": PASSWORD, "password": PASSWORD},
    "leave": {"password": PASSWORD},
    "forgot": {"handle": "vic"},
    "newcomer": {"handle": "zoe", "name": "Zoe", "password": PASSWORD},
    "invited": {"token": "{invited}"},
    "taken": {"token": "none", "handle": "zoe", "name": "Zoe", "password": PASSWORD},
    "unknown": {"token": "none", "password": PASSWORD},
    "setup": {"token": "none", "handle": "zoe", "name": "Zoe", "password": PASSWORD},
    "token": {"name": "cron"},
    "consent": {"text_id": "", "accepted": True, "name": "Somebody"},
    "offer": {"sdp": "v=0\r\n"},
    "mute": {"muted": True},
    "block": {"everywhere": False},
    "vic": {"handle": "vic"},
    "reason": {"reason": "A test."},
    "place": {"role": "listener"},
    "report": {"subject": "space", "grounds": "spam", "at_s": 1},
    "outcome": {"token": "none"},
    "asking": {"id": "ab" * 32, "name": "Tomas", "browser": "Tomas’s"},
    "remind": {"by": "mail", "address": "vic@example.org", "language": "en"},
    "onward": {"to": "{next}"},
    "hiding": {"reason": "Not on this site."},
    "dismissed": {"verdict": "dismissed", "note": "Nothing found."},
    "check": {"microphone": "heard"},
}
SPACES: dict[str, dict[str, Any]] = {
    "open": {},
    "secret": {"visibility": "private", "passphrase": "open sesame"},
    "unlisted": {"visibility": "unlisted"},
    "published": {},
    "kept": {"visibility": "private"},
    "held": {"recording_policy": "hold"},
    "deleted": {"recording_policy": "delete"},
    "hidden": {},
    "later": {"starts_at": "2031-01-01T20:00:00Z"},
    "next": {"starts_at": "2031-01-02T20:00:00Z"},
}
LIVE, OVER = ("open", "secret"), ("unlisted", "published", "kept", "held", "deleted", "hidden")
ON_TAPE = 4 * 48_000
RENDITION = "aac64"
"""The one that rows about renditions ask for."""
PICTURE = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5E"
    "rkJggg=="
)
TEXTS = {"imprint": "Radio Esperanza, 1 Long Street", "terms": "Be kind."}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table."""

    method: str
    place: str
    path: str
    body: str
    answers: tuple[int, ...]

    @classmethod
    def read(cls, line: str) -> Row:
        method, place, path, *rest = line.split()
        body = rest.pop(0) if len(rest) > len(VISITORS) else ""
        return cls(method, place, path, body, tuple(int(status) for status in rest))


def rows(table: str) -> list[Row]:
    head, *lines = (line for line in table.splitlines() if line.strip())
    assert tuple(head.split()) == VISITORS
    return [Row.read(line) for line in lines]


class House:
    """A site with a space in every condition, and everybody before it."""

    def __init__(self, site: Deployment, visitors: Visitors, browser: httpx.AsyncClient) -> None:
        """``browser`` keeps no cookies."""
        self.site = site
        self.visitors = visitors
        self.browser = browser
        self.ids: dict[str, str] = {}
        self.runs: dict[str, str] = {}
        self.names: list[str] = []
        """All that belongs to a recording with captions, in one rendition."""
        self._heard: dict[str, int] = {}
        self._passes: dict[tuple[str, str], str] = {}

    async def prepare(self) -> None:
        """Make the spaces, put them into their conditions, let two people in, suspend one of them."""
        assert (await self.visitors["operator"].api("PATCH", "/site", TEXTS)).is_success
        await self._host("PATCH", "/account", {"picture": PICTURE})
        for name, given in SPACES.items():
            body = {"title": name, "starts_at": "now", "time_zone": "UTC", **given}
            self.ids[name] = (await self._host("POST", "/spaces", body))["id"]
        for name in ("secret", "kept"):
            for handle in ("ivy", SUSPENDED):
                await self._host("PUT", f"/spaces/{self.ids[name]}/invited/{handle}")
        for name in (*LIVE, *OVER):
            await self._host("POST", f"/spaces/{self.ids[name]}/live")
        for name in (*LIVE, *OVER):
            await until(lambda name=name: self._is_on_tape(name), what=f"{name} is heard", within_s=15)
        for name in OVER:
            await self._host("POST", f"/spaces/{self.ids[name]}/captions", BODIES["line"])
            await self._is_on_tape(name)
        for name in OVER:
            captioned = partial(self._is_on_tape, name, self._heard[name] + 48_000)
            await until(captioned, what=f"{name} has captions", within_s=15)
            await self._host("POST", f"/spaces/{self.ids[name]}/end")
            await until(lambda name=name: self._is_over(name), what=f"{name} is over", within_s=15)
        hides = await self.visitors["operator"].api(
            "PUT", f"/spaces/{self.ids['hidden']}/hidden", BODIES["hiding"]
        )
        assert hides.is_success, hides.text
        self._list_names()
        await self._things()
        suspended = await self.visitors["operator"].api("POST", f"/accounts/{SUSPENDED}/suspend")
        assert suspended.is_success, suspended.text

    async def _things(self) -> None:
        """Make what rows name besides spaces: a link, a notice, a token, two invitations, a sentence."""
        path = f"/spaces/{self.ids['open']}"
        await self._host("POST", f"{path}/links", BODIES["link"])
        self.ids["link"] = (await self._host("GET", f"{path}/links"))["links"][0]["id"]
        self.ids["notice"] = (await self._host("POST", f"{path}/notices", BODIES["notice"]))["id"]
        self.ids["token"] = (await self._host("POST", "/tokens", BODIES["token"]))["id"]
        self.ids["consent"] = (await self._host("GET", f"{path}/stage"))["consent"]["id"]
        operator = self.visitors["operator"]
        reported = f"{self.site.door}/s/{self.ids['open']}/report"
        assert (await operator.http.post(reported, json=BODIES["report"])).status_code == 201
        self.ids["report"] = (await operator.api("GET", "/reports")).json()["reports"][0]["id"]
        made = (await operator.api("POST", "/accounts/invitations", BODIES["member"])).json()
        self.ids["invited"] = made["url"].partition("#")[2].removeprefix("token=")
        await operator.api("POST", "/accounts/invitations", BODIES["member"])
        listed = (await operator.api("GET", "/accounts/invitations")).json()["invitations"]
        self.ids["invitation"] = listed[0]["id"]

    async def _host(self, method: str, path: str, body: object = None) -> Any:
        answer = await self.visitors["host"].api(method, path, body)
        assert answer.is_success, f"{method} {path}: {answer.text}"
        return answer.json()

    def _list_names(self) -> None:
        folder = self.site.data / "tapes" / self.ids["published"] / self.runs["published"]
        with ThreadPoolExecutor(1) as threads:
            recording = Recording.open(folder, threads=threads)
            of_others = re.compile(rf"(?!{RENDITION})(?:aac|opus|mp3)\d+[./]")
            self.names = [EVENTS, *(name for name in recording.names if not of_others.match(name))]
            recording.close()
        assert "captions.vtt" in self.names, self.names

    async def _is_on_tape(self, name: str, samples: int = ON_TAPE) -> bool:
        host = self.visitors["host"]
        status = await host.status(self.ids[name])
        assert status.get("run"), "no run yet"
        self.runs[name] = status["run"]
        base = await self._base(host, name)
        self._heard[name] = (await host.http.get(f"{base}live.json")).json()["samples"]
        return self._heard[name] >= samples

    async def _is_over(self, name: str) -> bool:
        return (await self.visitors["host"].status(self.ids[name]))["state"] in (
            "published",
            "held",
            "deleted",
        )

    async def _base(self, visitor: Visitor, name: str) -> str:
        """Where the visitor may hear a live space; with somebody else's ticket when they get none."""
        space = self.ids[name]
        given = await visitor.pass_to(space)
        joined = await visitor.http.post(f"{self.site.door}/s/{space}/join", params={"pass": given})
        if not joined.is_success:
            other = await visitor.http.post(f"{self.site.door}/s/{self.ids['open']}/join")
            return str(other.json()["base"]).replace(self.ids["open"], space)
        return str(joined.json()["base"])

    async def ask_all(self, row: Row) -> list[int]:
        """What every visitor gets: all at once where they only read."""
        visitors = [self.visitors[name] for name in VISITORS]
        if row.method == "GET":
            return await asyncio.gather(*(self.ask(visitor, row) for visitor in visitors))
        return [await self.ask(visitor, row) for visitor in visitors]

    async def ask(self, visitor: Visitor, row: Row) -> int:
        """The status that a visitor gets for what a row names."""
        parts = {"run": "{run}", "rendition": RENDITION, "number": "0", "numbers": "0", "part": "0"}
        path = row.path.format(**self.ids, **parts)
        match row.place:
            case "api":
                return await self._of_api(visitor, row, path)
            case "whip":
                kind, text = WHIP[row.method == "PATCH"]
                headers = {"content-type": kind, "if-match": "*"}
                address = f"{self.site.control}{path}"
                answer = await visitor.http.request(row.method, address, content=text, headers=headers)
                return answer.status_code
            case "page":
                return (await visitor.http.get(f"{self.site.control}{path}")).status_code
            case "door":
                return await self._of_door(visitor, row.method, path, BODIES.get(row.body))
            case "edge":
                return (await visitor.http.get(f"{self.site.edge}{path}")).status_code
            case "cache":
                address = f"http://{self.site.settings['edge_trusted_listen']}/c/{path}"
                return (await visitor.http.get(address)).status_code
            case "way":
                return await self._way(visitor, path)
            case "live":
                return await self._live(visitor, row)
            case _:
                return await self._recording(visitor, row.path[1:-3], ticketed=row.place == "replay")

    async def _way(self, visitor: Visitor, path: str) -> int:
        """What stands where backstage sends a browser on."""
        sent = await visitor.http.get(f"{self.site.control}{path}")
        target = sent.headers.get("location", "")
        if sent.status_code != 303 or target.startswith("/signin"):
            return 401 if target else sent.status_code
        return (await self.browser.get(target)).status_code

    async def _live(self, visitor: Visitor, row: Row) -> int:
        name, leaf = re.fullmatch(r"\{(\w+)\}/(.+)", row.path).groups()  # type: ignore[union-attr]  # it matches
        base = await self._base(visitor, name)
        if "{run}" in leaf:
            host = self.visitors["host"]
            live = (await host.http.get(f"{await self._base(host, name)}live.json")).json()
            newest = live["segment"] - 1
            leaf = leaf.format(run=live["run"], rendition=RENDITION, number=newest, numbers=newest, part=0)
        async with visitor.http.stream(row.method, base + leaf) as answer:
            return answer.status_code

    async def _of_api(self, visitor: Visitor, row: Row, path: str) -> int:
        if path.endswith("/stream"):
            async with visitor.http.stream(row.method, f"{self.site.control}/api/v1{path}") as answer:
                return answer.status_code
        body = BODIES.get(row.body)
        if body is not None and "text_id" in body:
            body = {**body, "text_id": self.ids["consent"]}
        if body is not None and "to" in body:
            body = {"to": body["to"].format(**self.ids)}
        if body is not None and "token" in body:
            body = {**body, "token": body["token"].format(**self.ids)}
        status = (await visitor.api(row.method, path, body)).status_code
        if (row.method, path, status) == ("DELETE", "/account/sessions", 204):
            await visitor.sign_in(visitor.handle)
        return status

    async def _of_door(self, visitor: Visitor, method: str, path: str, body: object) -> int:
        space = path.removeprefix("/s/").partition("/")[0] if path.startswith("/s/") else ""
        given = await self._pass_to(visitor, space) if space else ""
        address = f"{self.site.door}{path}{'?pass=' * bool(given)}{given}"
        lines = {"x-forwarded-for": visitor.http.headers["x-forwarded-for"]}
        return (await self.browser.request(method, address, json=body, headers=lines)).status_code

    async def _pass_to(self, visitor: Visitor, space: str) -> str:
        """The pass that this visitor was given; all these rows stand before what ends passes."""
        key = (visitor.http.headers["x-forwarded-for"], space)
        if key not in self._passes:
            self._passes[key] = await visitor.pass_to(space)
        return self._passes[key]

    async def _recording(self, visitor: Visitor, name: str, *, ticketed: bool) -> int:
        """All of a recording where the door says it is for this visitor, else where it would lie in the open.

        What some of it answers and some does not is none of the statuses in a table.
        """
        replay = (await visitor.status(self.ids[name])).get("replay") if ticketed else None
        plain = f"{self.site.edge}/r/{self.ids[name]}/{self.runs[name]}/"
        base = replay["mp4"].rpartition("/")[0] + "/" if replay else plain
        found = {(await visitor.http.get(base + each)).status_code for each in self.names}
        return found.pop() if len(found) == 1 else -1


def asked(table: str, *places: str) -> list[addresses.Address]:
    """What a table's rows ask for in some places."""
    return [
        (row.method, ("/api/v1" if row.place == "api" else "") + row.path.partition("?")[0])
        for row in rows(table)
        if row.place in places
    ]


def test_every_operation_of_the_api_has_a_row() -> None:
    operations, seen = addresses.of_api(), asked(BACKSTAGE, "api", "whip")
    assert all(addresses.fitting(row, operations) for row in seen), "a row names what the API does not have"
    assert not addresses.missing(operations, seen), "operations that nobody is known to be allowed"


def test_every_page_of_backstage_has_a_row() -> None:
    assert not addresses.missing(addresses.of_backstage_pages(), asked(BACKSTAGE, "page", "way"))


def test_every_address_of_the_door_has_a_row() -> None:
    seen = asked(DOOR_AND_EDGE, "door")
    assert not addresses.missing(addresses.of_door(), seen)
    for space in ("{open}", "{secret}"):
        assert not addresses.of_space(space) - set(seen)


def test_every_address_of_the_edge_has_a_row() -> None:
    assert addresses.of_edge() <= {path for _, path in asked(DOOR_AND_EDGE, "edge")}
    for space in ("{open}", "{secret}"):
        assert {f"{space}/{leaf}" for leaf in addresses.of_programme()} <= {
            path for _, path in asked(DOOR_AND_EDGE, "live")
        }


async def test_everybody_gets_exactly_what_the_table_says(tmp_path: Path, long_form: bool) -> None:
    """The short form asks every ninth address of those that only read, and every third of the others.

    And whoever comes on stage accepts its terms first, which later rows stand on.
    """
    cache = f"127.0.0.1:{free_ports(1)[0]}"
    people = {"accept": "text/html,*/*"}
    async with (
        Deployment(tmp_path, **VISITED, edge_trusted_listen=cache) as site,
        Visitors(site) as visitors,
        httpx.AsyncClient(timeout=15.0, trust_env=False, headers=people) as browser,
    ):
        browser.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=()))
        house = House(site, visitors, browser)
        await house.prepare()
        assert (await visitors["member"].api("GET", f"/audit?space={house.ids['later']}")).status_code == 403
        for entry in (await visitors["member"].api("GET", "/audit")).json()["entries"]:
            assert entry["space"] not in house.ids.values(), entry
        wrong = []
        for number, row in enumerate((*rows(DOOR_AND_EDGE), *rows(BACKSTAGE))):
            if not long_form and row.body != "consent" and number % (9 if row.method == "GET" else 3):
                continue
            for name, wanted, got in zip(VISITORS, row.answers, await house.ask_all(row), strict=True):
                if got != wanted:
                    wrong.append(
                        f"{row.method} {row.place} {row.path} {row.body} as {name}: {got}, not {wanted}"
                    )
        assert not wrong, "\n".join(wrong)


async def test_no_list_names_what_is_not_public(tmp_path: Path) -> None:
    async with Deployment(tmp_path, **VISITED) as site, Visitors(site) as visitors:
        host = visitors["host"]
        ids = {}
        for visibility in ("public", "unlisted", "private"):
            body = {"title": visibility, "starts_at": "now", "time_zone": "UTC", "visibility": visibility}
            ids[visibility] = (await host.api("POST", "/spaces", body)).json()["id"]

        async def listed() -> bool:
            return ids["public"] in (await host.http.get(f"{site.door}/")).text

        await until(listed, what="the public one is on the home page", within_s=10)
        for path in ("/", "/h/ann", "/h/ann/events.ics", "/feed.atom", "/sitemap.xml"):
            for name in VISITORS:
                text = (await visitors[name].http.get(f"{site.door}{path}")).text
                assert ids["public"] in text, path
                assert ids["unlisted"] not in text, f"{path} as {name}"
                assert ids["private"] not in text, f"{path} as {name}"
