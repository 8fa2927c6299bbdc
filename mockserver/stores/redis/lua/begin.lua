--! world jobs see
-- A request begins. Words: API, number (0: it gets one), revision, worker, until when its credentials are good, what it
-- wants to see (six), how many purposes and windows by address and by account there are, and these.
local WINDOWS = BOUND_WINDOWS
local head = call('HMGET', base, 'rev', 'since', 'mode', 'rate', 'step', 'at', 'anchor', 'holder', 'due')
if not head[1] then return 'GONE' end
local api, n = ARGV[1], tonumber(ARGV[2])
local moment
if n == 0 then
  if head[1] ~= ARGV[3] then return 'STALE' end
  if head[3] == 'step' then
    moment = exact(number(head[6]) + number(head[5]))
    call('HSET', base, 'at', text(moment))
    if head[8] and head[9] and moment >= number(head[9]) then wake(head[8]) end
  end
  n = call('HINCRBY', base, 'n', 1)
  call('HSET', base .. ':flight', n, ARGV[4] .. '\1' .. text(time()))
elseif n <= tonumber(head[2]) then
  return 'OVER'
end
moment = moment or now_of(head[3], head[4], head[6], head[7])
local purposes, by_address, by_account = tonumber(ARGV[12]), tonumber(ARGV[13]), tonumber(ARGV[14])
local place, counts, numbers = 15 + purposes, {}, {}
local windows = key('windows', api)
local function make_room()
  local all, open = call('HGETALL', windows), {}
  for at = 1, #all, 2 do
    local till, _, since = string.match(all[at + 1], '^([^ ]+) (%d+) (%d+)$')
    if moment >= number(till) then call('HDEL', windows, all[at])
    else open[#open + 1] = {tonumber(since), all[at]} end
  end
  table.sort(open, function(one, other) return one[1] < other[1] end)
  for at = 1, #open - math.floor(WINDOWS * 9 / 10) do call('HDEL', windows, open[at][2]) end
end
local function count(many)
  local is_refused = false
  for _ = 1, many do
    local field, most, seconds = ARGV[place] .. '\1' .. ARGV[place + 1], tonumber(ARGV[place + 2]), ARGV[place + 3]
    place = place + 4
    local known, till, hits, since = call('HGET', windows, field), nil, 0, n
    if known then
      local ended, before, begun = string.match(known, '^([^ ]+) (%d+) (%d+)$')
      if moment < number(ended) then till, hits, since = number(ended), tonumber(before), begun end
    end
    if not till then
      if not known and call('HLEN', windows) >= WINDOWS then make_room() end
      till = moment + number(seconds)
    end
    hits = hits + 1
    call('HSET', windows, field, text(till) .. ' ' .. hits .. ' ' .. since)
    local left = most - hits
    is_refused = is_refused or left < 0
    counts[#counts + 1] = math.max(left, 0)
    counts[#counts + 1] = text(till - moment)
    counts[#counts + 1] = left < 0 and 1 or 0
  end
  return is_refused
end
local is_refused = count(by_address)
if by_account > 0 and not is_refused and moment < number(ARGV[5]) then count(by_account) end
for at = 15, 14 + purposes do numbers[#numbers + 1] = call('HINCRBY', base .. ':draws', ARGV[at], 1) - 1 end
local job, busy, credits, order = see(api, 6, moment)
return {n, text(moment), counts, numbers, job, busy, credits, order}
