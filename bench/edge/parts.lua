-- wrk: ask for the paths given after `--`, one after the other. Requests are rendered once.
local requests, turn = {}, 0

function init(paths)
  for at = 1, #paths do
    requests[at] = wrk.format("GET", paths[at])
  end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end
