--! world noted ending
-- What is told of requests, of many at once. Words: worker, and then each by a letter: E an entry: its number (0: it gets
-- one), weight, what was answered (or nothing), and the entry (without its number, where it gets one); S the number of a request
-- (0: none), of how many what was answered besides, each with how often; F the number of a request that is over; R a fault that
-- takes effect here no more: API, fault, generation, and which of its uses that was, which is told of once. A, T and B are E, S
-- and F told once more: they count where their request is under way here, and this was not told of it yet. Gives who delivers,
-- where something is to be delivered.
local JOURNAL, ENTRIES, NEWEST = BOUND_JOURNAL, BOUND_JOURNAL_ENTRIES, 200
local head_of = call('HMGET', base, 'rev', 'since', 'holder')
if not head_of[1] then return 0 end
local since, holder = tonumber(head_of[2]), head_of[3]
local kept, weights, seen, ended, weight, mine = {}, {}, {}, {}, 0, ARGV[1] .. '\1'
-- A request under way: its worker, what was told of it where that was not its end as well (E, S), and when it began.
local told, is_nobodys = {}, false
local function mine_of(n, letter)
  local flight = call('HGET', base .. ':flight', n)
  if not flight or string.sub(flight, 1, #mine) ~= mine then return nil end
  return not (letter and string.find(string.match(flight, '\1(%u*)\1') or '', letter, 1, true)) and flight
end
local place, last = 2, #ARGV
while place <= last do
  local letter = ARGV[place]
  if letter == 'E' or letter == 'A' then
    local n = ARGV[place + 1]
    local entry = ARGV[place + 4]
    if letter == 'A' and n == '0' then  -- what has no request is known by its words
      for _, each in ipairs(call('LRANGE', base .. ':journal', -NEWEST, -1)) do
        if string.sub(each, -#entry) == entry then n = '-1' end
      end
    elseif letter == 'A' and not mine_of(n, 'E') then n = '-1' end
    if n == '0' then
      n = call('HINCRBY', base, 'n', 1)
      entry = n .. entry
    else told[n] = (told[n] or '') .. 'E' end
    if tonumber(n) > since then
      local its, name = ARGV[place + 2], ARGV[place + 3]
      kept[#kept + 1] = entry
      weights[#weights + 1] = its
      weight = weight + tonumber(its)
      if name ~= '' then seen[name] = (seen[name] or 0) + 1 end
    end
    place = place + 5
  elseif letter == 'S' or letter == 'T' then
    local n, behind = ARGV[place + 1], place + 3 + 2 * tonumber(ARGV[place + 2])
    if n == '0' or tonumber(n) > since and (letter == 'S' or mine_of(n, 'S')) then
      for at = place + 3, behind - 1, 2 do seen[ARGV[at]] = (seen[ARGV[at]] or 0) + tonumber(ARGV[at + 1]) end
      if n ~= '0' then told[n] = (told[n] or '') .. 'S' end
    end
    place = behind
  elseif letter == 'R' then
    local api, fault = ARGV[place + 1], ARGV[place + 2]
    local use = table.concat({ARGV[1], api, fault, ARGV[place + 3], ARGV[place + 4]}, '\1')
    if call('HDEL', base .. ':active', use) == 1 then
      local before, active, rest = string.match(call('HGET', key('uses', api), fault) or '', '^(%d+\1%d+\1)(%d+)(.*)$')
      if active then call('HSET', key('uses', api), fault, before .. (active - 1) .. rest) end
    end
    place = place + 5
  else
    local n = ARGV[place + 1]
    if letter == 'F' or tonumber(n) <= 0 or mine_of(n) then
      ended[#ended + 1] = n
      told[n] = nil
      is_nobodys = is_nobodys or tonumber(n) <= 0
    end
    place = place + 2
  end
end
for n, letters in pairs(told) do
  local flight = mine_of(n)
  if flight then
    local before, began = string.match(string.sub(flight, #mine), '^(\1%u*)\1?([^\1]*)$')
    call('HSET', base .. ':flight', n, ARGV[1] .. before .. letters .. '\1' .. began)
  end
end
for name, many in pairs(seen) do call('HINCRBY', base .. ':seen', name, many) end
if #kept > 0 then
  local journal, weighed, entries = base .. ':journal', base .. ':weights', base .. ':entries'
  local known = call('HMGET', entries, 'first', 'next', 'bytes')
  local first, following = tonumber(known[1] or '0'), tonumber(known[2] or '0') + #kept
  local bytes, gone, some, at = tonumber(known[3] or '0') + weight, 0, {}, 0
  for _, each in ipairs(kept) do note('entry', each) end
  call('RPUSH', journal, unpack(kept))
  call('RPUSH', weighed, unpack(weights))
  -- Entries themselves are not looked at: a script takes as long for a text as it is long.
  while following - first > ENTRIES or (bytes > JOURNAL and following - 1 > first) do
    if at == #some then
      some, at = call('LRANGE', weighed, gone, gone + math.max(gone, #kept) - 1), 0
    end
    at, gone, first = at + 1, gone + 1, first + 1
    bytes = bytes - tonumber(some[at])
  end
  if gone > 0 then
    call('LTRIM', journal, gone, -1)
    call('LTRIM', weighed, gone, -1)
  end
  call('HSET', entries, 'first', first, 'next', following, 'bytes', bytes)
end
if #ended == 0 then return 0 end
if over(ended) == 0 and not (is_nobodys and call('LLEN', base .. ':events') > 0) then return 0 end
if holder and holder ~= ARGV[1] then wake(holder) end
return holder or ''
