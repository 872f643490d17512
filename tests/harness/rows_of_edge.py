"""Who may hear what at the edge, and at its listener for caches; who may speak at that for Icecast sources.

``harness.asking_all`` says what the places are. The *listener* holds tickets to what was live and is not
private, the *stranger* one to another space; the *suspended* holds what they were let in with before. What
was live in public is served for ten minutes more, for whoever is behind. A source brings a speaker's link
where its visitor can make one, else what they have; what is ``elsewhere`` was made for another space.
"""

from typing import Final

from harness.role_table import rows

EDGE: Final = rows("""
                                            stranger listener member invited host moderator operator suspended
GET  edge /time                             200      200      200    200     200  200       200      200
GET  edge /healthz                          200      200      200    200     200  200       200      200
GET  edge /metrics                          404      404      404    404     404  404       404      404

GET  edge@cache /time                       200      200      200    200     200  200       200      200
GET  edge@cache /healthz                    200      200      200    200     200  200       200      200
GET  edge@cache /metrics                    404      404      404    404     404  404       404      404

GET  live {open}/live.json                  403      200      200    200     200  200       200      200
GET  live {open}/index.m3u8                 403      200      200    200     200  200       200      200
GET  live {open}/opus.m3u8                  403      200      200    200     200  200       200      200
GET  live {open}/manifest.mpd               403      200      200    200     200  200       200      200
GET  live {open}/radio.aac                  403      200      200    200     200  200       200      200
GET  live {open}/radio.opus                 403      200      200    200     200  200       200      200
GET  live {open}/radio.mp3                  403      404      404    404     404  404       404      404
POST live {open}/beacon                     403      204      204    204     204  204       204      204
GET  live {open}/{run}/{rendition}/init.mp4 403      200      200    200     200  200       200      200
GET  live {open}/{run}/{rendition}/{numbers}.m4s  403  200  200  200  200  200  200  200
GET  live {open}/{run}/{rendition}/{number}.{part}.m4s  403  200  200  200  200  200  200  200
GET  live {open}/{run}/{rendition}/live.m3u8  403  200  200  200  200  200  200  200
GET  live {open}/{run}/{rendition}/plain.m3u8  403  200  200  200  200  200  200  200

GET  live {quiet}/live.json                 403      200      200    200     200  200       200      200
GET  live {quiet}/index.m3u8                403      200      200    200     200  200       200      200
GET  live {quiet}/opus.m3u8                 403      200      200    200     200  200       200      200
GET  live {quiet}/manifest.mpd              403      200      200    200     200  200       200      200
GET  live {quiet}/radio.aac                 403      200      200    200     200  200       200      200
GET  live {quiet}/radio.opus                403      200      200    200     200  200       200      200
GET  live {quiet}/radio.mp3                 403      404      404    404     404  404       404      404
POST live {quiet}/beacon                    403      204      204    204     204  204       204      204
GET  live {quiet}/{run}/{rendition}/init.mp4  403  200  200  200  200  200  200  200
GET  live {quiet}/{run}/{rendition}/{numbers}.m4s  403  200  200  200  200  200  200  200
GET  live {quiet}/{run}/{rendition}/{number}.{part}.m4s  403  200  200  200  200  200  200  200
GET  live {quiet}/{run}/{rendition}/live.m3u8  403  200  200  200  200  200  200  200
GET  live {quiet}/{run}/{rendition}/plain.m3u8  403  200  200  200  200  200  200  200

GET  live {secret}/live.json                403      403      403    200     200  403       200      403
GET  live {secret}/index.m3u8               403      403      403    200     200  403       200      403
GET  live {secret}/opus.m3u8                403      403      403    200     200  403       200      403
GET  live {secret}/manifest.mpd             403      403      403    200     200  403       200      403
GET  live {secret}/radio.aac                403      403      403    200     200  403       200      403
GET  live {secret}/radio.opus               403      403      403    200     200  403       200      403
GET  live {secret}/radio.mp3                403      403      403    404     404  403       404      403
POST live {secret}/beacon                   403      403      403    204     204  403       204      403
GET  live {secret}/{run}/{rendition}/init.mp4  403  403  403  200  200  403  200  403
GET  live {secret}/{run}/{rendition}/{numbers}.m4s  403  403  403  200  200  403  200  403
GET  live {secret}/{run}/{rendition}/{number}.{part}.m4s  403  403  403  200  200  403  200  403
GET  live {secret}/{run}/{rendition}/live.m3u8  403  403  403  200  200  403  200  403
GET  live {secret}/{run}/{rendition}/plain.m3u8  403  403  403  200  200  403  200  403

GET  live {published}/live.json             403      200      200    200     200  200       200      200
GET  live {published}/index.m3u8            403      200      200    200     200  200       200      200
GET  live {published}/opus.m3u8             403      200      200    200     200  200       200      200
GET  live {published}/manifest.mpd          403      200      200    200     200  200       200      200
GET  live {published}/radio.aac             403      404      404    404     404  404       404      404
GET  live {published}/radio.opus            403      404      404    404     404  404       404      404
GET  live {published}/radio.mp3             403      404      404    404     404  404       404      404
POST live {published}/beacon                403      204      204    204     204  204       204      204
GET  live {published}/{run}/{rendition}/init.mp4  403  200  200  200  200  200  200  200
GET  live {published}/{run}/{rendition}/{numbers}.m4s  403  200  200  200  200  200  200  200
GET  live {published}/{run}/{rendition}/{number}.{part}.m4s  403  200  200  200  200  200  200  200
GET  live {published}/{run}/{rendition}/live.m3u8  403  200  200  200  200  200  200  200
GET  live {published}/{run}/{rendition}/plain.m3u8  403  200  200  200  200  200  200  200

GET  live {unlisted}/live.json              403      200      200    200     200  200       200      200
GET  live {unlisted}/index.m3u8             403      200      200    200     200  200       200      200
GET  live {unlisted}/opus.m3u8              403      200      200    200     200  200       200      200
GET  live {unlisted}/manifest.mpd           403      200      200    200     200  200       200      200
GET  live {unlisted}/radio.aac              403      404      404    404     404  404       404      404
GET  live {unlisted}/radio.opus             403      404      404    404     404  404       404      404
GET  live {unlisted}/radio.mp3              403      404      404    404     404  404       404      404
POST live {unlisted}/beacon                 403      204      204    204     204  204       204      204
GET  live {unlisted}/{run}/{rendition}/init.mp4  403  200  200  200  200  200  200  200
GET  live {unlisted}/{run}/{rendition}/{numbers}.m4s  403  200  200  200  200  200  200  200
GET  live {unlisted}/{run}/{rendition}/{number}.{part}.m4s  403  200  200  200  200  200  200  200
GET  live {unlisted}/{run}/{rendition}/live.m3u8  403  200  200  200  200  200  200  200
GET  live {unlisted}/{run}/{rendition}/plain.m3u8  403  200  200  200  200  200  200  200

GET  live {kept}/live.json                  403      403      403    200     200  403       200      403
GET  live {kept}/index.m3u8                 403      403      403    200     200  403       200      403
GET  live {kept}/opus.m3u8                  403      403      403    200     200  403       200      403
GET  live {kept}/manifest.mpd               403      403      403    200     200  403       200      403
GET  live {kept}/radio.aac                  403      403      403    404     404  403       404      403
GET  live {kept}/radio.opus                 403      403      403    404     404  403       404      403
GET  live {kept}/radio.mp3                  403      403      403    404     404  403       404      403
POST live {kept}/beacon                     403      403      403    204     204  403       204      403
GET  live {kept}/{run}/{rendition}/init.mp4 403      403      403    200     200  403       200      403
GET  live {kept}/{run}/{rendition}/{numbers}.m4s  403  403  403  200  200  403  200  403
GET  live {kept}/{run}/{rendition}/{number}.{part}.m4s  403  403  403  200  200  403  200  403
GET  live {kept}/{run}/{rendition}/live.m3u8  403  403  403  200  200  403  200  403
GET  live {kept}/{run}/{rendition}/plain.m3u8  403  403  403  200  200  403  200  403

GET  live {held}/*                          403      404      404    404     404  404       404      404
GET  live {deleted}/*                       403      404      404    404     404  404       404      404
GET  live {hidden}/*                        404      404      404    404     404  404       404      404
GET  live {later}/*                         403      403      403    403     403  403       403      403
GET  live {awaited}/*                       403      403      403    403     403  403       403      403
GET  live {cancelled}/*                     403      403      403    403     403  403       403      403

GET  live@cache {open}/live.json            403      200      200    200     200  200       200      200
GET  live@cache {open}/index.m3u8           403      200      200    200     200  200       200      200
GET  live@cache {open}/opus.m3u8            403      200      200    200     200  200       200      200
GET  live@cache {open}/manifest.mpd         403      200      200    200     200  200       200      200
GET  live@cache {open}/radio.aac            403      200      200    200     200  200       200      200
GET  live@cache {open}/radio.opus           403      200      200    200     200  200       200      200
GET  live@cache {open}/radio.mp3            403      404      404    404     404  404       404      404
POST live@cache {open}/beacon               403      204      204    204     204  204       204      204
GET  live@cache {open}/{run}/{rendition}/init.mp4  403  200  200  200  200  200  200  200
GET  live@cache {open}/{run}/{rendition}/{numbers}.m4s  403  200  200  200  200  200  200  200
GET  live@cache {open}/{run}/{rendition}/{number}.{part}.m4s  403  200  200  200  200  200  200  200
GET  live@cache {open}/{run}/{rendition}/live.m3u8  403  200  200  200  200  200  200  200
GET  live@cache {open}/{run}/{rendition}/plain.m3u8  403  200  200  200  200  200  200  200

GET  live@cache {quiet}/live.json           403      200      200    200     200  200       200      200
GET  live@cache {quiet}/index.m3u8          403      200      200    200     200  200       200      200
GET  live@cache {quiet}/opus.m3u8           403      200      200    200     200  200       200      200
GET  live@cache {quiet}/manifest.mpd        403      200      200    200     200  200       200      200
GET  live@cache {quiet}/radio.aac           403      200      200    200     200  200       200      200
GET  live@cache {quiet}/radio.opus          403      200      200    200     200  200       200      200
GET  live@cache {quiet}/radio.mp3           403      404      404    404     404  404       404      404
POST live@cache {quiet}/beacon              403      204      204    204     204  204       204      204
GET  live@cache {quiet}/{run}/{rendition}/init.mp4  403  200  200  200  200  200  200  200
GET  live@cache {quiet}/{run}/{rendition}/{numbers}.m4s  403  200  200  200  200  200  200  200
GET  live@cache {quiet}/{run}/{rendition}/{number}.{part}.m4s  403  200  200  200  200  200  200  200
GET  live@cache {quiet}/{run}/{rendition}/live.m3u8  403  200  200  200  200  200  200  200
GET  live@cache {quiet}/{run}/{rendition}/plain.m3u8  403  200  200  200  200  200  200  200

GET  live@cache {secret}/live.json          403      403      403    200     200  403       200      403
GET  live@cache {secret}/index.m3u8         403      403      403    200     200  403       200      403
GET  live@cache {secret}/opus.m3u8          403      403      403    200     200  403       200      403
GET  live@cache {secret}/manifest.mpd       403      403      403    200     200  403       200      403
GET  live@cache {secret}/radio.aac          403      403      403    200     200  403       200      403
GET  live@cache {secret}/radio.opus         403      403      403    200     200  403       200      403
GET  live@cache {secret}/radio.mp3          403      403      403    404     404  403       404      403
POST live@cache {secret}/beacon             403      403      403    204     204  403       204      403
GET  live@cache {secret}/{run}/{rendition}/init.mp4  403  403  403  200  200  403  200  403
GET  live@cache {secret}/{run}/{rendition}/{numbers}.m4s  403  403  403  200  200  403  200  403
GET  live@cache {secret}/{run}/{rendition}/{number}.{part}.m4s  403  403  403  200  200  403  200  403
GET  live@cache {secret}/{run}/{rendition}/live.m3u8  403  403  403  200  200  403  200  403
GET  live@cache {secret}/{run}/{rendition}/plain.m3u8  403  403  403  200  200  403  200  403

GET  live@cache {published}/live.json       403      200      200    200     200  200       200      200
GET  live@cache {published}/index.m3u8      403      200      200    200     200  200       200      200
GET  live@cache {published}/opus.m3u8       403      200      200    200     200  200       200      200
GET  live@cache {published}/manifest.mpd    403      200      200    200     200  200       200      200
GET  live@cache {published}/radio.aac       403      404      404    404     404  404       404      404
GET  live@cache {published}/radio.opus      403      404      404    404     404  404       404      404
GET  live@cache {published}/radio.mp3       403      404      404    404     404  404       404      404
POST live@cache {published}/beacon          403      204      204    204     204  204       204      204
GET  live@cache {published}/{run}/{rendition}/init.mp4  403  200  200  200  200  200  200  200
GET  live@cache {published}/{run}/{rendition}/{numbers}.m4s  403  200  200  200  200  200  200  200
GET  live@cache {published}/{run}/{rendition}/{number}.{part}.m4s  403  200  200  200  200  200  200  200
GET  live@cache {published}/{run}/{rendition}/live.m3u8  403  200  200  200  200  200  200  200
GET  live@cache {published}/{run}/{rendition}/plain.m3u8  403  200  200  200  200  200  200  200

GET  live@cache {unlisted}/live.json        403      200      200    200     200  200       200      200
GET  live@cache {unlisted}/index.m3u8       403      200      200    200     200  200       200      200
GET  live@cache {unlisted}/opus.m3u8        403      200      200    200     200  200       200      200
GET  live@cache {unlisted}/manifest.mpd     403      200      200    200     200  200       200      200
GET  live@cache {unlisted}/radio.aac        403      404      404    404     404  404       404      404
GET  live@cache {unlisted}/radio.opus       403      404      404    404     404  404       404      404
GET  live@cache {unlisted}/radio.mp3        403      404      404    404     404  404       404      404
POST live@cache {unlisted}/beacon           403      204      204    204     204  204       204      204
GET  live@cache {unlisted}/{run}/{rendition}/init.mp4  403  200  200  200  200  200  200  200
GET  live@cache {unlisted}/{run}/{rendition}/{numbers}.m4s  403  200  200  200  200  200  200  200
GET  live@cache {unlisted}/{run}/{rendition}/{number}.{part}.m4s  403  200  200  200  200  200  200  200
GET  live@cache {unlisted}/{run}/{rendition}/live.m3u8  403  200  200  200  200  200  200  200
GET  live@cache {unlisted}/{run}/{rendition}/plain.m3u8  403  200  200  200  200  200  200  200

GET  live@cache {kept}/live.json            403      403      403    200     200  403       200      403
GET  live@cache {kept}/index.m3u8           403      403      403    200     200  403       200      403
GET  live@cache {kept}/opus.m3u8            403      403      403    200     200  403       200      403
GET  live@cache {kept}/manifest.mpd         403      403      403    200     200  403       200      403
GET  live@cache {kept}/radio.aac            403      403      403    404     404  403       404      403
GET  live@cache {kept}/radio.opus           403      403      403    404     404  403       404      403
GET  live@cache {kept}/radio.mp3            403      403      403    404     404  403       404      403
POST live@cache {kept}/beacon               403      403      403    204     204  403       204      403
GET  live@cache {kept}/{run}/{rendition}/init.mp4  403  403  403  200  200  403  200  403
GET  live@cache {kept}/{run}/{rendition}/{numbers}.m4s  403  403  403  200  200  403  200  403
GET  live@cache {kept}/{run}/{rendition}/{number}.{part}.m4s  403  403  403  200  200  403  200  403
GET  live@cache {kept}/{run}/{rendition}/live.m3u8  403  403  403  200  200  403  200  403
GET  live@cache {kept}/{run}/{rendition}/plain.m3u8  403  403  403  200  200  403  200  403

GET  live@cache {held}/*                    403      404      404    404     404  404       404      404
GET  live@cache {deleted}/*                 403      404      404    404     404  404       404      404
GET  live@cache {hidden}/*                  404      404      404    404     404  404       404      404
GET  live@cache {later}/*                   403      403      403    403     403  403       403      403
GET  live@cache {awaited}/*                 403      403      403    403     403  403       403      403
GET  live@cache {cancelled}/*               403      403      403    403     403  403       403      403

GET  cache {open}/live.json                 200      200      200    200     200  200       200      200
GET  cache {open}/index.m3u8                200      200      200    200     200  200       200      200
GET  cache {open}/opus.m3u8                 200      200      200    200     200  200       200      200
GET  cache {open}/manifest.mpd              200      200      200    200     200  200       200      200
GET  cache {open}/radio.aac                 404      404      404    404     404  404       404      404
GET  cache {open}/radio.opus                404      404      404    404     404  404       404      404
GET  cache {open}/radio.mp3                 404      404      404    404     404  404       404      404
POST cache {open}/beacon                    404      404      404    404     404  404       404      404
GET  cache {open}/{run}/{rendition}/init.mp4  200  200  200  200  200  200  200  200
GET  cache {open}/{run}/{rendition}/{numbers}.m4s  200  200  200  200  200  200  200  200
GET  cache {open}/{run}/{rendition}/{number}.{part}.m4s  200  200  200  200  200  200  200  200
GET  cache {open}/{run}/{rendition}/live.m3u8  200  200  200  200  200  200  200  200
GET  cache {open}/{run}/{rendition}/plain.m3u8  200  200  200  200  200  200  200  200

GET  cache {quiet}/live.json                200      200      200    200     200  200       200      200
GET  cache {quiet}/index.m3u8               200      200      200    200     200  200       200      200
GET  cache {quiet}/opus.m3u8                200      200      200    200     200  200       200      200
GET  cache {quiet}/manifest.mpd             200      200      200    200     200  200       200      200
GET  cache {quiet}/radio.aac                404      404      404    404     404  404       404      404
GET  cache {quiet}/radio.opus               404      404      404    404     404  404       404      404
GET  cache {quiet}/radio.mp3                404      404      404    404     404  404       404      404
POST cache {quiet}/beacon                   404      404      404    404     404  404       404      404
GET  cache {quiet}/{run}/{rendition}/init.mp4  200  200  200  200  200  200  200  200
GET  cache {quiet}/{run}/{rendition}/{numbers}.m4s  200  200  200  200  200  200  200  200
GET  cache {quiet}/{run}/{rendition}/{number}.{part}.m4s  200  200  200  200  200  200  200  200
GET  cache {quiet}/{run}/{rendition}/live.m3u8  200  200  200  200  200  200  200  200
GET  cache {quiet}/{run}/{rendition}/plain.m3u8  200  200  200  200  200  200  200  200

GET  cache {secret}/live.json               403      403      403    403     403  403       403      403
GET  cache {secret}/index.m3u8              403      403      403    403     403  403       403      403
GET  cache {secret}/opus.m3u8               403      403      403    403     403  403       403      403
GET  cache {secret}/manifest.mpd            403      403      403    403     403  403       403      403
GET  cache {secret}/radio.aac               403      403      403    403     403  403       403      403
GET  cache {secret}/radio.opus              403      403      403    403     403  403       403      403
GET  cache {secret}/radio.mp3               403      403      403    403     403  403       403      403
POST cache {secret}/beacon                  404      404      404    404     404  404       404      404
GET  cache {secret}/{run}/{rendition}/init.mp4  403  403  403  403  403  403  403  403
GET  cache {secret}/{run}/{rendition}/{numbers}.m4s  403  403  403  403  403  403  403  403
GET  cache {secret}/{run}/{rendition}/{number}.{part}.m4s  403  403  403  403  403  403  403  403
GET  cache {secret}/{run}/{rendition}/live.m3u8  403  403  403  403  403  403  403  403
GET  cache {secret}/{run}/{rendition}/plain.m3u8  403  403  403  403  403  403  403  403

GET  cache {published}/live.json            200      200      200    200     200  200       200      200
GET  cache {published}/index.m3u8           200      200      200    200     200  200       200      200
GET  cache {published}/opus.m3u8            200      200      200    200     200  200       200      200
GET  cache {published}/manifest.mpd         200      200      200    200     200  200       200      200
GET  cache {published}/radio.aac            404      404      404    404     404  404       404      404
GET  cache {published}/radio.opus           404      404      404    404     404  404       404      404
GET  cache {published}/radio.mp3            404      404      404    404     404  404       404      404
POST cache {published}/beacon               404      404      404    404     404  404       404      404
GET  cache {published}/{run}/{rendition}/init.mp4  200  200  200  200  200  200  200  200
GET  cache {published}/{run}/{rendition}/{numbers}.m4s  200  200  200  200  200  200  200  200
GET  cache {published}/{run}/{rendition}/{number}.{part}.m4s  200  200  200  200  200  200  200  200
GET  cache {published}/{run}/{rendition}/live.m3u8  200  200  200  200  200  200  200  200
GET  cache {published}/{run}/{rendition}/plain.m3u8  200  200  200  200  200  200  200  200

GET  cache {unlisted}/live.json             200      200      200    200     200  200       200      200
GET  cache {unlisted}/index.m3u8            200      200      200    200     200  200       200      200
GET  cache {unlisted}/opus.m3u8             200      200      200    200     200  200       200      200
GET  cache {unlisted}/manifest.mpd          200      200      200    200     200  200       200      200
GET  cache {unlisted}/radio.aac             404      404      404    404     404  404       404      404
GET  cache {unlisted}/radio.opus            404      404      404    404     404  404       404      404
GET  cache {unlisted}/radio.mp3             404      404      404    404     404  404       404      404
POST cache {unlisted}/beacon                404      404      404    404     404  404       404      404
GET  cache {unlisted}/{run}/{rendition}/init.mp4  200  200  200  200  200  200  200  200
GET  cache {unlisted}/{run}/{rendition}/{numbers}.m4s  200  200  200  200  200  200  200  200
GET  cache {unlisted}/{run}/{rendition}/{number}.{part}.m4s  200  200  200  200  200  200  200  200
GET  cache {unlisted}/{run}/{rendition}/live.m3u8  200  200  200  200  200  200  200  200
GET  cache {unlisted}/{run}/{rendition}/plain.m3u8  200  200  200  200  200  200  200  200

GET  cache {kept}/live.json                 403      403      403    403     403  403       403      403
GET  cache {kept}/index.m3u8                403      403      403    403     403  403       403      403
GET  cache {kept}/opus.m3u8                 403      403      403    403     403  403       403      403
GET  cache {kept}/manifest.mpd              403      403      403    403     403  403       403      403
GET  cache {kept}/radio.aac                 403      403      403    403     403  403       403      403
GET  cache {kept}/radio.opus                403      403      403    403     403  403       403      403
GET  cache {kept}/radio.mp3                 403      403      403    403     403  403       403      403
POST cache {kept}/beacon                    404      404      404    404     404  404       404      404
GET  cache {kept}/{run}/{rendition}/init.mp4  403  403  403  403  403  403  403  403
GET  cache {kept}/{run}/{rendition}/{numbers}.m4s  403  403  403  403  403  403  403  403
GET  cache {kept}/{run}/{rendition}/{number}.{part}.m4s  403  403  403  403  403  403  403  403
GET  cache {kept}/{run}/{rendition}/live.m3u8  403  403  403  403  403  403  403  403
GET  cache {kept}/{run}/{rendition}/plain.m3u8  403  403  403  403  403  403  403  403

GET  cache {held}/*                         404      404      404    404     404  404       404      404
GET  cache {deleted}/*                      404      404      404    404     404  404       404      404
GET  cache {hidden}/*                       404      404      404    404     404  404       404      404
GET  cache {later}/*                        404      404      404    404     404  404       404      404
GET  cache {awaited}/*                      403      403      403    403     403  403       403      403
GET  cache {cancelled}/*                    404      404      404    404     404  404       404      404

GET  replay {open}/*                        409      409      409    409     409  409       409      409
GET  replay {quiet}/*                       409      409      409    409     409  409       409      409
GET  replay {secret}/*                      403      403      403    403     403  403       403      403
GET  replay {published}/*                   200      200      200    200     200  200       200      200
GET  replay {unlisted}/*                    200      200      200    200     200  200       200      200
GET  replay {kept}/*                        403      403      403    200     200  403       200      403
GET  replay {held}/*                        403      403      403    403     200  403       200      403
GET  replay {deleted}/*                     410      410      410    410     410  410       410      410
GET  replay {hidden}/*                      404      404      404    404     404  404       404      404
GET  replay {later}/*                       404      404      404    404     404  404       404      404
GET  replay {awaited}/*                     404      404      404    404     404  404       404      404
GET  replay {cancelled}/*                   404      404      404    404     404  404       404      404

GET  plain {open}/*                         409      409      409    409     409  409       409      409
GET  plain {quiet}/*                        409      409      409    409     409  409       409      409
GET  plain {secret}/*                       403      403      403    403     403  403       403      403
GET  plain {published}/*                    200      200      200    200     200  200       200      200
GET  plain {unlisted}/*                     200      200      200    200     200  200       200      200
GET  plain {kept}/*                         403      403      403    403     403  403       403      403
GET  plain {held}/*                         403      403      403    403     403  403       403      403
GET  plain {deleted}/*                      410      410      410    410     410  410       410      410
GET  plain {hidden}/*                       404      404      404    404     404  404       404      404
GET  plain {later}/*                        404      404      404    404     404  404       404      404
GET  plain {awaited}/*                      404      404      404    404     404  404       404      404
GET  plain {cancelled}/*                    404      404      404    404     404  404       404      404

GET  borrowed {open}/*                      403      403      403    403     403  403       403      403
GET  borrowed {quiet}/*                     403      403      403    403     403  403       403      403
GET  borrowed {secret}/*                    403      403      403    403     403  403       403      403
GET  borrowed {published}/*                 403      403      403    403     403  403       403      403
GET  borrowed {unlisted}/*                  403      403      403    403     403  403       403      403
GET  borrowed {kept}/*                      403      403      403    403     403  403       403      403
GET  borrowed {held}/*                      403      403      403    403     403  403       403      403
GET  borrowed {deleted}/*                   410      410      410    410     410  410       410      410
GET  borrowed {hidden}/*                    404      404      404    404     404  404       404      404
GET  borrowed {later}/*                     404      404      404    404     404  404       404      404
GET  borrowed {awaited}/*                   404      404      404    404     404  404       404      404
GET  borrowed {cancelled}/*                 404      404      404    404     404  404       404      404

GET  replay@cache {open}/*                  409      409      409    409     409  409       409      409
GET  replay@cache {quiet}/*                 409      409      409    409     409  409       409      409
GET  replay@cache {secret}/*                403      403      403    403     403  403       403      403
GET  replay@cache {published}/*             200      200      200    200     200  200       200      200
GET  replay@cache {unlisted}/*              200      200      200    200     200  200       200      200
GET  replay@cache {kept}/*                  403      403      403    200     200  403       200      403
GET  replay@cache {held}/*                  403      403      403    403     200  403       200      403
GET  replay@cache {deleted}/*               410      410      410    410     410  410       410      410
GET  replay@cache {hidden}/*                404      404      404    404     404  404       404      404
GET  replay@cache {later}/*                 404      404      404    404     404  404       404      404
GET  replay@cache {awaited}/*               404      404      404    404     404  404       404      404
GET  replay@cache {cancelled}/*             404      404      404    404     404  404       404      404

GET  plain@cache {open}/*                   409      409      409    409     409  409       409      409
GET  plain@cache {quiet}/*                  409      409      409    409     409  409       409      409
GET  plain@cache {secret}/*                 403      403      403    403     403  403       403      403
GET  plain@cache {published}/*              200      200      200    200     200  200       200      200
GET  plain@cache {unlisted}/*               200      200      200    200     200  200       200      200
GET  plain@cache {kept}/*                   403      403      403    403     403  403       403      403
GET  plain@cache {held}/*                   403      403      403    403     403  403       403      403
GET  plain@cache {deleted}/*                410      410      410    410     410  410       410      410
GET  plain@cache {hidden}/*                 404      404      404    404     404  404       404      404
GET  plain@cache {later}/*                  404      404      404    404     404  404       404      404
GET  plain@cache {awaited}/*                404      404      404    404     404  404       404      404
GET  plain@cache {cancelled}/*              404      404      404    404     404  404       404      404

GET  borrowed@cache {open}/*                403      403      403    403     403  403       403      403
GET  borrowed@cache {quiet}/*               403      403      403    403     403  403       403      403
GET  borrowed@cache {secret}/*              403      403      403    403     403  403       403      403
GET  borrowed@cache {published}/*           403      403      403    403     403  403       403      403
GET  borrowed@cache {unlisted}/*            403      403      403    403     403  403       403      403
GET  borrowed@cache {kept}/*                403      403      403    403     403  403       403      403
GET  borrowed@cache {held}/*                403      403      403    403     403  403       403      403
GET  borrowed@cache {deleted}/*             410      410      410    410     410  410       410      410
GET  borrowed@cache {hidden}/*              404      404      404    404     404  404       404      404
GET  borrowed@cache {later}/*               404      404      404    404     404  404       404      404
GET  borrowed@cache {awaited}/*             404      404      404    404     404  404       404      404
GET  borrowed@cache {cancelled}/*           404      404      404    404     404  404       404      404

PUT  source /{open}                         401      401      401    401     200  401       200      401
PUT  source /{quiet}                        401      401      401    401     200  401       200      401
PUT  source /{secret}                       401      401      401    401     200  401       200      401
PUT  source /{published}                    401      401      401    401     409  401       409      401
PUT  source /{unlisted}                     401      401      401    401     409  401       409      401
PUT  source /{kept}                         401      401      401    401     409  401       409      401
PUT  source /{held}                         401      401      401    401     409  401       409      401
PUT  source /{deleted}                      401      401      401    401     409  401       409      401
PUT  source /{hidden}                       401      401      401    401     409  401       409      401
PUT  source /{later}                        401      401      401    401     200  401       200      401
PUT  source /{awaited}                      401      401      401    401     200  401       200      401
PUT  source /{cancelled}                    401      401      401    401     409  401       409      401
PUT  source /{open} elsewhere               401      401      401    401     403  401       403      401
PUT  source /{quiet} elsewhere              401      401      401    401     403  401       403      401
PUT  source /{secret} elsewhere             401      401      401    401     403  401       403      401
SOURCE source /{open}                       401      401      401    401     200  401       200      401
GET  source /{open}                         405      405      405    405     405  405       405      405
GET  source /admin/metadata                 200      200      200    200     200  200       200      200
OPTIONS source /{open}                      200      200      200    200     200  200       200      200
""")
