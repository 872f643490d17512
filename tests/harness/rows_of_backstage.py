"""Who may do what backstage: pages, where these send a browser on, calls of the API, ways in for programs.

``way`` is where backstage sends a browser on: 401 to sign in. Rows run from the top; what destroys stands
last. Everybody's ``{session}`` of a way in is their own, or the host's where they can have none.
"""

from typing import Final

from harness.role_table import rows

BACKSTAGE: Final = rows("""
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
POST api    /resets/look reset              200      200      200    200     200  200       200      200

POST api    /spaces new                     401      401      201    201     201  201       201      403
PATCH api   /spaces/{open} words            401      401      403    403     200  403       200      403
POST api    /spaces/{open}/links link       401      401      403    403     201  403       201      403
POST api    /spaces/{open}/notices notice   401      401      403    403     201  403       201      403
PUT api     /spaces/{open}/pinned pinned    401      401      403    403     200  403       200      403
DELETE api  /spaces/{open}/pinned           401      401      403    403     204  403       204      403
POST api    /spaces/{secret}/captions line  401      401      403    403     201  403       201      403
PUT api    /spaces/{open}/hold-music sound  401      401      403    403     200  403       200      403
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
POST api    /reports/outcome outcome        200      200      200    200     200  200       200      200
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
POST api    /spaces/{open}/stage/offer offer  401  401  403  403  200  403  200  403
POST api    /spaces/{open}/stage/check/offer offer  401  401  403  403  200  403  200  403
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
POST whip   /whip/{open}                    401      401      403    403     201  403       201      403
PATCH whip  /whip/{open}/{session}               401      401      403    403     204  403       204      403
DELETE whip /whip/{open}/{session}               401      401      403    403     200  403       200      403
POST whip   /whep/{open}                    401      401      403    403     201  403       201      403
PATCH whip  /whep/{open}/{session}               401      401      403    403     204  403       204      403
DELETE whip /whep/{open}/{session}               401      401      403    403     200  403       200      403
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
""")
