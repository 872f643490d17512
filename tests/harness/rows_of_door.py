"""Who may do what at the door: of the site as a whole, then of a space in each condition.

Whoever has a pass is sent on once (303), so that it leaves the address. A reaction brings a ticket: the
stranger's is to another space.
"""

from typing import Final

from harness.role_table import rows

DOOR: Final = rows("""
                                            stranger listener member invited host moderator operator suspended
GET  door  /                                200      200      200    200     200  200       200      200
GET  door  /h/ann                           200      200      200    200     200  200       200      200
GET  door  /h/ann/events.ics                200      200      200    200     200  200       200      200
GET  door  /feed.atom                       200      200      200    200     200  200       200      200
GET  door  /sitemap.xml                     200      200      200    200     200  200       200      200
GET  door  /robots.txt                      200      200      200    200     200  200       200      200
GET  door  /privacy                         200      200      200    200     200  200       200      200
GET  door  /imprint                         200      200      200    200     200  200       200      200
GET  door  /terms                           200      200      200    200     200  200       200      200
GET  door  /card.png                        200      200      200    200     200  200       200      200
GET  door  /status.json                     200      200      200    200     200  200       200      200
GET  door  /site.css                        200      200      200    200     200  200       200      200
GET  door  /favicon.svg                     200      200      200    200     200  200       200      200
GET  door  /favicon.ico                     200      200      200    200     200  200       200      200
GET  door  /healthz                         200      200      200    200     200  200       200      200
GET  door  /h/ann/picture                   200      200      200    200     200  200       200      200
GET  door  /remind/means.json               200      200      200    200     200  200       200      200
GET  door  /remind/worker.js                200      200      200    200     200  200       200      200
GET  door  /remind?t=none                   200      200      200    200     200  200       200      200
GET  door  /forget?t=none                   200      200      200    200     200  200       200      200
POST door  /remind?t=none                   404      404      404    404     404  404       404      404
POST door  /forget?t=none                   404      404      404    404     404  404       404      404
GET  door  /forget?t={forget}               200      200      200    200     200  200       200      200
POST door  /forget?t={forget}               200      200      200    200     200  200       200      200
GET  door  /assets/none                     404      404      404    404     404  404       404      404
GET  door  /metrics                         404      404      404    404     404  404       404      404

GET  door  /s/{open}                        200      200      200    200     303  200       303      200
GET  door  /s/{open}/status.json            200      200      200    200     200  200       200      200
GET  door  /s/{open}/card.png               200      200      200    200     200  200       200      200
GET  door  /s/{open}/event.ics              200      200      200    200     200  200       200      200
GET  door  /s/{open}/listen.m3u             200      200      200    200     200  200       200      200
POST door  /s/{open}/join                   200      200      200    200     200  200       200      200
POST door  /s/{open}/react clap             403      204      204    204     204  204       204      204
GET  door  /s/{open}/live.m3u8              302      302      302    302     302  302       302      302
GET  door  /s/{open}/live.mpd               302      302      302    302     302  302       302      302
GET  door  /s/{open}/radio.aac              302      302      302    302     302  302       302      302
GET  door  /s/{open}/radio.opus             302      302      302    302     302  302       302      302
GET  door  /s/{open}/radio.mp3              302      302      302    302     302  302       302      302
GET  door  /s/{open}/ask                    200      200      200    200     200  200       200      200
POST door  /s/{open}/ask asking             202      202      202    202     202  202       202      202
POST door  /s/{open}/report report          201      201      201    201     201  201       201      201
POST door  /s/{open}/remind remind          201      201      201    201     201  201       201      201
GET  door  /s/{open}/draw.json              200      200      200    200     200  200       200      200
GET  door  /s/{open}/draw.log               200      200      200    200     200  200       200      200

GET  door  /s/{quiet}                       200      200      200    200     303  200       303      200
GET  door  /s/{quiet}/status.json           200      200      200    200     200  200       200      200
GET  door  /s/{quiet}/card.png              200      200      200    200     200  200       200      200
GET  door  /s/{quiet}/event.ics             200      200      200    200     200  200       200      200
GET  door  /s/{quiet}/listen.m3u            200      200      200    200     200  200       200      200
POST door  /s/{quiet}/join                  200      200      200    200     200  200       200      200
POST door  /s/{quiet}/react clap            403      204      204    204     204  204       204      204
GET  door  /s/{quiet}/live.m3u8             302      302      302    302     302  302       302      302
GET  door  /s/{quiet}/live.mpd              302      302      302    302     302  302       302      302
GET  door  /s/{quiet}/radio.aac             302      302      302    302     302  302       302      302
GET  door  /s/{quiet}/radio.opus            302      302      302    302     302  302       302      302
GET  door  /s/{quiet}/radio.mp3             302      302      302    302     302  302       302      302
GET  door  /s/{quiet}/ask                   200      200      200    200     200  200       200      200
POST door  /s/{quiet}/ask asking            202      202      202    202     202  202       202      202
POST door  /s/{quiet}/report report         201      201      201    201     201  201       201      201
POST door  /s/{quiet}/remind remind         201      201      201    201     201  201       201      201
GET  door  /s/{quiet}/draw.json             200      200      200    200     200  200       200      200
GET  door  /s/{quiet}/draw.log              200      200      200    200     200  200       200      200

GET  door  /s/{secret}                      403      403      403    303     303  403       303      403
GET  door  /s/{secret}/status.json          403      403      403    200     200  403       200      403
GET  door  /s/{secret}/card.png             403      403      403    200     200  403       200      403
GET  door  /s/{secret}/event.ics            403      403      403    200     200  403       200      403
GET  door  /s/{secret}/listen.m3u           403      403      403    200     200  403       200      403
POST door  /s/{secret}/join                 403      403      403    200     200  403       200      403
POST door  /s/{secret}/react clap           403      403      403    204     204  403       204      403
GET  door  /s/{secret}/live.m3u8            403      403      403    302     302  403       302      403
GET  door  /s/{secret}/live.mpd             403      403      403    302     302  403       302      403
GET  door  /s/{secret}/radio.aac            403      403      403    302     302  403       302      403
GET  door  /s/{secret}/radio.opus           403      403      403    302     302  403       302      403
GET  door  /s/{secret}/radio.mp3            403      403      403    302     302  403       302      403
GET  door  /s/{secret}/ask                  403      403      403    200     200  403       200      403
POST door  /s/{secret}/ask asking           403      403      403    202     202  403       202      403
POST door  /s/{secret}/report report        403      403      403    201     201  403       201      403
POST door  /s/{secret}/remind remind        403      403      403    201     201  403       201      403
GET  door  /s/{secret}/draw.json            403      403      403    200     200  403       200      403
GET  door  /s/{secret}/draw.log             403      403      403    200     200  403       200      403

GET  door  /s/{published}                   200      200      200    200     303  200       303      200
GET  door  /s/{published}/status.json       200      200      200    200     200  200       200      200
GET  door  /s/{published}/card.png          200      200      200    200     200  200       200      200
GET  door  /s/{published}/event.ics         200      200      200    200     200  200       200      200
GET  door  /s/{published}/listen.m3u        200      200      200    200     200  200       200      200
POST door  /s/{published}/join              409      409      409    409     409  409       409      409
POST door  /s/{published}/react clap        409      409      409    409     409  409       409      409
GET  door  /s/{published}/live.m3u8         302      302      302    302     302  302       302      302
GET  door  /s/{published}/live.mpd          302      302      302    302     302  302       302      302
GET  door  /s/{published}/radio.aac         302      302      302    302     302  302       302      302
GET  door  /s/{published}/radio.opus        302      302      302    302     302  302       302      302
GET  door  /s/{published}/radio.mp3         302      302      302    302     302  302       302      302
GET  door  /s/{published}/ask               200      200      200    200     200  200       200      200
POST door  /s/{published}/ask asking        409      409      409    409     409  409       409      409
POST door  /s/{published}/report report     201      201      201    201     201  201       201      201
POST door  /s/{published}/remind remind     409      409      409    409     409  409       409      409
GET  door  /s/{published}/draw.json         200      200      200    200     200  200       200      200
GET  door  /s/{published}/draw.log          200      200      200    200     200  200       200      200

GET  door  /s/{unlisted}                    200      200      200    200     303  200       303      200
GET  door  /s/{unlisted}/status.json        200      200      200    200     200  200       200      200
GET  door  /s/{unlisted}/card.png           200      200      200    200     200  200       200      200
GET  door  /s/{unlisted}/event.ics          200      200      200    200     200  200       200      200
GET  door  /s/{unlisted}/listen.m3u         200      200      200    200     200  200       200      200
POST door  /s/{unlisted}/join               409      409      409    409     409  409       409      409
POST door  /s/{unlisted}/react clap         409      409      409    409     409  409       409      409
GET  door  /s/{unlisted}/live.m3u8          302      302      302    302     302  302       302      302
GET  door  /s/{unlisted}/live.mpd           302      302      302    302     302  302       302      302
GET  door  /s/{unlisted}/radio.aac          302      302      302    302     302  302       302      302
GET  door  /s/{unlisted}/radio.opus         302      302      302    302     302  302       302      302
GET  door  /s/{unlisted}/radio.mp3          302      302      302    302     302  302       302      302
GET  door  /s/{unlisted}/ask                200      200      200    200     200  200       200      200
POST door  /s/{unlisted}/ask asking         409      409      409    409     409  409       409      409
POST door  /s/{unlisted}/report report      201      201      201    201     201  201       201      201
POST door  /s/{unlisted}/remind remind      409      409      409    409     409  409       409      409
GET  door  /s/{unlisted}/draw.json          200      200      200    200     200  200       200      200
GET  door  /s/{unlisted}/draw.log           200      200      200    200     200  200       200      200

GET  door  /s/{kept}                        403      403      403    303     303  403       303      403
GET  door  /s/{kept}/status.json            403      403      403    200     200  403       200      403
GET  door  /s/{kept}/card.png               403      403      403    200     200  403       200      403
GET  door  /s/{kept}/event.ics              403      403      403    200     200  403       200      403
GET  door  /s/{kept}/listen.m3u             403      403      403    200     200  403       200      403
POST door  /s/{kept}/join                   403      403      403    409     409  403       409      403
POST door  /s/{kept}/react clap             403      403      403    409     409  403       409      403
GET  door  /s/{kept}/live.m3u8              403      403      403    302     302  403       302      403
GET  door  /s/{kept}/live.mpd               403      403      403    302     302  403       302      403
GET  door  /s/{kept}/radio.aac              403      403      403    302     302  403       302      403
GET  door  /s/{kept}/radio.opus             403      403      403    302     302  403       302      403
GET  door  /s/{kept}/radio.mp3              403      403      403    302     302  403       302      403
GET  door  /s/{kept}/ask                    403      403      403    200     200  403       200      403
POST door  /s/{kept}/ask asking             403      403      403    409     409  403       409      403
POST door  /s/{kept}/report report          403      403      403    201     201  403       201      403
POST door  /s/{kept}/remind remind          403      403      403    409     409  403       409      403
GET  door  /s/{kept}/draw.json              403      403      403    200     200  403       200      403
GET  door  /s/{kept}/draw.log               403      403      403    200     200  403       200      403

GET  door  /s/{held}                        200      200      200    200     303  200       303      200
GET  door  /s/{held}/status.json            200      200      200    200     200  200       200      200
GET  door  /s/{held}/card.png               200      200      200    200     200  200       200      200
GET  door  /s/{held}/event.ics              200      200      200    200     200  200       200      200
GET  door  /s/{held}/listen.m3u             409      409      409    409     409  409       409      409
POST door  /s/{held}/join                   409      409      409    409     409  409       409      409
POST door  /s/{held}/react clap             409      409      409    409     409  409       409      409
GET  door  /s/{held}/live.m3u8              409      409      409    409     302  409       302      409
GET  door  /s/{held}/live.mpd               409      409      409    409     302  409       302      409
GET  door  /s/{held}/radio.aac              409      409      409    409     302  409       302      409
GET  door  /s/{held}/radio.opus             409      409      409    409     302  409       302      409
GET  door  /s/{held}/radio.mp3              409      409      409    409     302  409       302      409
GET  door  /s/{held}/ask                    200      200      200    200     200  200       200      200
POST door  /s/{held}/ask asking             409      409      409    409     409  409       409      409
POST door  /s/{held}/report report          201      201      201    201     201  201       201      201
POST door  /s/{held}/remind remind          201      201      201    201     201  201       201      201
GET  door  /s/{held}/draw.json              200      200      200    200     200  200       200      200
GET  door  /s/{held}/draw.log               200      200      200    200     200  200       200      200

GET  door  /s/{deleted}                     200      200      200    200     303  200       303      200
GET  door  /s/{deleted}/status.json         200      200      200    200     200  200       200      200
GET  door  /s/{deleted}/card.png            200      200      200    200     200  200       200      200
GET  door  /s/{deleted}/event.ics           200      200      200    200     200  200       200      200
GET  door  /s/{deleted}/listen.m3u          410      410      410    410     410  410       410      410
POST door  /s/{deleted}/join                409      409      409    409     409  409       409      409
POST door  /s/{deleted}/react clap          409      409      409    409     409  409       409      409
GET  door  /s/{deleted}/live.m3u8           410      410      410    410     410  410       410      410
GET  door  /s/{deleted}/live.mpd            410      410      410    410     410  410       410      410
GET  door  /s/{deleted}/radio.aac           410      410      410    410     410  410       410      410
GET  door  /s/{deleted}/radio.opus          410      410      410    410     410  410       410      410
GET  door  /s/{deleted}/radio.mp3           410      410      410    410     410  410       410      410
GET  door  /s/{deleted}/ask                 200      200      200    200     200  200       200      200
POST door  /s/{deleted}/ask asking          409      409      409    409     409  409       409      409
POST door  /s/{deleted}/report report       201      201      201    201     201  201       201      201
POST door  /s/{deleted}/remind remind       409      409      409    409     409  409       409      409
GET  door  /s/{deleted}/draw.json           200      200      200    200     200  200       200      200
GET  door  /s/{deleted}/draw.log            200      200      200    200     200  200       200      200

GET  door  /s/{hidden}                      410      410      410    410     410  410       410      410
GET  door  /s/{hidden}/status.json          410      410      410    410     410  410       410      410
GET  door  /s/{hidden}/card.png             410      410      410    410     410  410       410      410
GET  door  /s/{hidden}/event.ics            410      410      410    410     410  410       410      410
GET  door  /s/{hidden}/listen.m3u           410      410      410    410     410  410       410      410
POST door  /s/{hidden}/join                 410      410      410    410     410  410       410      410
POST door  /s/{hidden}/react clap           410      410      410    410     410  410       410      410
GET  door  /s/{hidden}/live.m3u8            410      410      410    410     410  410       410      410
GET  door  /s/{hidden}/live.mpd             410      410      410    410     410  410       410      410
GET  door  /s/{hidden}/radio.aac            410      410      410    410     410  410       410      410
GET  door  /s/{hidden}/radio.opus           410      410      410    410     410  410       410      410
GET  door  /s/{hidden}/radio.mp3            410      410      410    410     410  410       410      410
GET  door  /s/{hidden}/ask                  410      410      410    410     410  410       410      410
POST door  /s/{hidden}/ask asking           410      410      410    410     410  410       410      410
POST door  /s/{hidden}/report report        410      410      410    410     410  410       410      410
POST door  /s/{hidden}/remind remind        410      410      410    410     410  410       410      410
GET  door  /s/{hidden}/draw.json            410      410      410    410     410  410       410      410
GET  door  /s/{hidden}/draw.log             410      410      410    410     410  410       410      410

GET  door  /s/{later}                       200      200      200    200     303  200       303      200
GET  door  /s/{later}/status.json           200      200      200    200     200  200       200      200
GET  door  /s/{later}/card.png              200      200      200    200     200  200       200      200
GET  door  /s/{later}/event.ics             200      200      200    200     200  200       200      200
GET  door  /s/{later}/listen.m3u            200      200      200    200     200  200       200      200
POST door  /s/{later}/join                  409      409      409    409     409  409       409      409
POST door  /s/{later}/react clap            409      409      409    409     409  409       409      409
GET  door  /s/{later}/live.m3u8             409      409      409    409     409  409       409      409
GET  door  /s/{later}/live.mpd              409      409      409    409     409  409       409      409
GET  door  /s/{later}/radio.aac             409      409      409    409     409  409       409      409
GET  door  /s/{later}/radio.opus            409      409      409    409     409  409       409      409
GET  door  /s/{later}/radio.mp3             409      409      409    409     409  409       409      409
GET  door  /s/{later}/ask                   200      200      200    200     200  200       200      200
POST door  /s/{later}/ask asking            202      202      202    202     202  202       202      202
POST door  /s/{later}/report report         201      201      201    201     201  201       201      201
POST door  /s/{later}/remind remind         201      201      201    201     201  201       201      201
GET  door  /s/{later}/draw.json             409      409      409    409     409  409       409      409
GET  door  /s/{later}/draw.log              409      409      409    409     409  409       409      409

GET  door  /s/{awaited}                     403      403      403    303     303  403       303      403
GET  door  /s/{awaited}/status.json         403      403      403    200     200  403       200      403
GET  door  /s/{awaited}/card.png            403      403      403    200     200  403       200      403
GET  door  /s/{awaited}/event.ics           403      403      403    200     200  403       200      403
GET  door  /s/{awaited}/listen.m3u          403      403      403    200     200  403       200      403
POST door  /s/{awaited}/join                403      403      403    409     409  403       409      403
POST door  /s/{awaited}/react clap          403      403      403    409     409  403       409      403
GET  door  /s/{awaited}/live.m3u8           403      403      403    409     409  403       409      403
GET  door  /s/{awaited}/live.mpd            403      403      403    409     409  403       409      403
GET  door  /s/{awaited}/radio.aac           403      403      403    409     409  403       409      403
GET  door  /s/{awaited}/radio.opus          403      403      403    409     409  403       409      403
GET  door  /s/{awaited}/radio.mp3           403      403      403    409     409  403       409      403
GET  door  /s/{awaited}/ask                 403      403      403    200     200  403       200      403
POST door  /s/{awaited}/ask asking          403      403      403    202     202  403       202      403
POST door  /s/{awaited}/report report       403      403      403    201     201  403       201      403
POST door  /s/{awaited}/remind remind       403      403      403    201     201  403       201      403
GET  door  /s/{awaited}/draw.json           403      403      403    409     409  403       409      403
GET  door  /s/{awaited}/draw.log            403      403      403    409     409  403       409      403

GET  door  /s/{cancelled}                   200      200      200    200     303  200       303      200
GET  door  /s/{cancelled}/status.json       200      200      200    200     200  200       200      200
GET  door  /s/{cancelled}/card.png          200      200      200    200     200  200       200      200
GET  door  /s/{cancelled}/event.ics         200      200      200    200     200  200       200      200
GET  door  /s/{cancelled}/listen.m3u        409      409      409    409     409  409       409      409
POST door  /s/{cancelled}/join              409      409      409    409     409  409       409      409
POST door  /s/{cancelled}/react clap        409      409      409    409     409  409       409      409
GET  door  /s/{cancelled}/live.m3u8         409      409      409    409     409  409       409      409
GET  door  /s/{cancelled}/live.mpd          409      409      409    409     409  409       409      409
GET  door  /s/{cancelled}/radio.aac         409      409      409    409     409  409       409      409
GET  door  /s/{cancelled}/radio.opus        409      409      409    409     409  409       409      409
GET  door  /s/{cancelled}/radio.mp3         409      409      409    409     409  409       409      409
GET  door  /s/{cancelled}/ask               200      200      200    200     200  200       200      200
POST door  /s/{cancelled}/ask asking        409      409      409    409     409  409       409      409
POST door  /s/{cancelled}/report report     201      201      201    201     201  201       201      201
POST door  /s/{cancelled}/remind remind     409      409      409    409     409  409       409      409
GET  door  /s/{cancelled}/draw.json         409      409      409    409     409  409       409      409
GET  door  /s/{cancelled}/draw.log          409      409      409    409     409  409       409      409
""")
