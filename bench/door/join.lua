-- What a page posts to come in. `close` as the first argument: each on a connection of its own.
local body = '{"nonce":"c3RhbXBlZGVfc3RhbXBlZGU"}'

function init(args)
  wrk.method = "POST"
  wrk.body = body
  wrk.headers["Content-Type"] = "application/json"
  if args[1] == "close" then
    wrk.headers["Connection"] = "close"
  end
end
