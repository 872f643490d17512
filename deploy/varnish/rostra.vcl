# Varnish in front of a Rostra edge: one request to the edge per name, however many listen.
#
#   ROSTRA_EDGE_PORT=8011                        (the edge leaves 8001 to Varnish)
#   ROSTRA_EDGE_URL=https://live.example.org     (where listeners come to Varnish, by way of what speaks TLS)
#   ROSTRA_EDGE_TRUSTED_LISTEN=127.0.0.1:8004    (where Varnish asks; listeners are counted by what players say)
#   varnishd -a 127.0.0.1:8001 -f rostra.vcl -I rostra.cli -s malloc,256m
#
# The whole of it: docs/how-to/put-a-cache-in-front.md.
#
# Whoever listens to a live segment holds one of Varnish's threads, so thread_pool_max times its two pools
# must exceed the listeners; rostra.cli says so, and lets all of them wait for a thread at once instead of
# dropping those beyond the twentieth, as every new part wakes them together. The ticket is stripped and everybody admitted; private spaces are
# passed on with their ticket and never shared.
vcl 4.1;

backend edge {
    .host = "127.0.0.1";
    .port = "8004";
    .connect_timeout = 2s;
    # A blocked reload is held for twelve seconds at most; then the edge says 503.
    .first_byte_timeout = 15s;
    # Between two chunks lie 0.32 s, or a longer cadence; the edge itself breaks off after two seconds of silence.
    .between_bytes_timeout = 8s;
}

# Of a question only what decides the answer is asked and remembered, in one order: else anybody could have the
# edge answer the same name without end, one made-up word after another.
sub ask_no_more_than_decides {
    unset req.http.X-Question;
    if (req.url ~ "^[^?]+/live\.m3u8\?") {
        if (req.url ~ "[?&]_HLS_msn=(0|[1-9][0-9]{0,8})(&|$)") {
            set req.http.X-Question = regsub(req.url, "^.*[?&]_HLS_msn=(0|[1-9][0-9]{0,8})(&.*)?$", "&_HLS_msn=\1");
        } elsif (req.url ~ "[?&]_HLS_msn=[^&]") {
            set req.http.X-Question = "&_HLS_msn=x";
        }
        if (req.url ~ "[?&]_HLS_part=(0|[1-9][0-9]{0,8})(&|$)") {
            set req.http.X-Question = req.http.X-Question + regsub(req.url, "^.*[?&]_HLS_part=(0|[1-9][0-9]{0,8})(&.*)?$", "&_HLS_part=\1");
        } elsif (req.url ~ "[?&]_HLS_part=[^&]") {
            set req.http.X-Question = req.http.X-Question + "&_HLS_part=x";
        }
        if (req.url ~ "[?&]_HLS_skip=(YES|v2)(&|$)") {
            set req.http.X-Question = req.http.X-Question + regsub(req.url, "^.*[?&]_HLS_skip=(YES|v2)(&.*)?$", "&_HLS_skip=\1");
        }
    }
    set req.url = regsub(req.url, "\?.*$", "") + regsub(req.http.X-Question, "^&", "?");
    unset req.http.X-Question;
}

sub vcl_recv {
    if (req.restarts > 0) {
        return (pass);
    }
    # No client sends a fragment: it would be one more name of the same thing.
    if (req.url ~ "#") {
        return (synth(400));
    }
    # What this cache asks for everybody, nobody else asks for.
    if (req.url ~ "^/c/") {
        return (synth(404));
    }
    unset req.http.X-Ticketed;
    unset req.http.Cookie;
    unset req.http.Authorization;
    # Counted at the edge as one listener each; they never end, so nothing can be shared.
    if (req.url ~ "/radio\.(aac|opus|mp3)(\?|$)") {
        return (pipe);
    }
    if (req.method != "GET" && req.method != "HEAD") {
        return (pass);
    }
    if (req.url ~ "^/t/[^/]+/[^/]+/(live\.json|(index|opus)\.m3u8|manifest\.mpd|[^/]+/[^/]+/([0-9]+([.-][0-9]+)?\.m4s|(live|plain)\.m3u8|init\.mp4))(\?|$)") {
        set req.http.X-Ticketed = req.url;
        set req.url = regsub(req.url, "^/t/[^/]+/", "/c/");
        call ask_no_more_than_decides;
        return (hash);
    }
    # Recordings without a ticket: playlists and init segments are kept, the file itself is read in ranges.
    if (req.url ~ "^/r/" && (req.url ~ "^[^?]+/init\.mp4(\?|$)" || req.url !~ "/[a-z0-9]+\.mp4(\?|$)")) {
        call ask_no_more_than_decides;
        return (hash);
    }
    return (pass);
}

sub vcl_hash {
    # The edge answers alike under every name it has.
    hash_data(req.url);
    return (lookup);
}

sub vcl_pipe {
    # Nothing comes by a radio in an outage, through which it stays open: an hour, says rostra.cli (pipe_timeout).
    set bereq.http.Connection = "close";
}

sub vcl_backend_response {
    # What is stale is of no use: the next reader waits for the fresh one, with everybody else.
    set beresp.grace = 0s;
    set beresp.keep = 0s;
    # What is for one listener is kept for nobody else.
    if (beresp.status < 400 && beresp.http.Cache-Control ~ "private|no-store") {
        set beresp.uncacheable = true;
        set beresp.ttl = 0s;
    }
    if (beresp.uncacheable) {
        # No further ahead of a slow reader: what waits for one lies in memory that has no other bound.
        set beresp.transit_buffer = 256k;
        return (deliver);
    }
    # Everybody waits for it at once, and who asks once more for a segment's last part, as Video.js does, wants what came since.
    if (beresp.ttl > 1s && bereq.url ~ "/live\.m3u8\?" && bereq.url ~ "[?&]_HLS_part=5(&|$)") {
        set beresp.ttl = 1s;
    }
    # Never "hit for miss": a second of refusals must not end sharing for two minutes.
    if (beresp.status >= 400 || beresp.ttl <= 0s) {
        set beresp.ttl = 1s;
    }
    return (deliver);
}

# An edge worker that has just died or begins anew: once more, which another one may answer. Nothing was sent yet.
sub vcl_backend_error {
    if (bereq.retries == 0 && bereq.method != "POST") {
        return (retry);
    }
}

sub vcl_deliver {
    # A private space: ask again with the ticket that came.
    if (resp.status == 403 && req.restarts == 0 && req.http.X-Ticketed) {
        set req.url = req.http.X-Ticketed;
        return (restart);
    }
    unset resp.http.X-Varnish;
    unset resp.http.Via;
}
