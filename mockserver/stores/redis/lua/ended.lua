--! world noted ending
-- What is told of requests, of many at once. Words: worker, and then each by a letter: E an entry: its number (0: it gets
-- one), weight, kind, what was answered (or nothing), the record without its number; S the number of a request (0: none), of
-- how many what was answered besides, each with how often; F the number of a request that is over. A, T and B are the same,
-- told once more: they count where their request is under way here, and this was not told of it yet. Gives who delivers,
-- where something is to be delivered.
local JOURNAL, ENTRIES, SOME, NEWEST = BOUND_JOURNAL, BOUND_JOURNAL_ENTRIES, 50, 200
local head_of = call('HMGET', base, 'rev', 'since', 'holder')
if not head_of[1] then return 0 end
local since, holder = tonumber(head_of[2]), head_of[3]
local kept, seen, ended, weight, mine = {}, {}, {}, 0, ARGV[1] .. '\1'
-- A request under way: its worker, what was told of it where that was not its end as well (E, S), and when it began.
local told, is_nobodys = {}, false
local function mine_of(n)
  local flight = call('HGET', base .. ':flight', n)
  return flight and string.sub(flight, 1, #mine) == mine and flight
end
local function is_undone(n, letter)
  local flight = mine_of(n)
  return flight and not string.find(string.match(flight, '\1(%u*)\1') or '', letter, 1, true)
end
-- What has no request is known by its words.
local function is_new(words)
  local known = call('HMGET', base .. ':entries', 'first', 'next')
  local first, following = tonumber(known[1] or '0'), tonumber(known[2] or '0')
  for place = math.max(first, following - NEWEST), following - 1 do
    local entry = call('HGET', base .. ':journal', place)
    if string.sub(entry, string.find(entry, '\1', 1, true), -1) == words then return false end
  end
  return true
end
local place, last = 2, #ARGV
while place <= last do
  local letter = ARGV[place]
  if letter == 'E' or letter == 'A' then
    local n, words = ARGV[place + 1], '\1' .. ARGV[place + 3] .. '\1' .. ARGV[place + 2] .. '\1' .. ARGV[place + 5]
    if letter == 'A' and not (n == '0' and is_new(words) or n ~= '0' and is_undone(n, 'E')) then n = '-1' end
    if n == '0' then n = call('HINCRBY', base, 'n', 1)
    else told[n] = (told[n] or '') .. 'E' end
    if tonumber(n) > since then
      local name = ARGV[place + 4]
      kept[#kept + 1] = n .. words
      weight = weight + tonumber(ARGV[place + 2])
      if name ~= '' then seen[name] = (seen[name] or 0) + 1 end
    end
    place = place + 6
  elseif letter == 'S' or letter == 'T' then
    local n, behind = ARGV[place + 1], place + 3 + 2 * tonumber(ARGV[place + 2])
    if letter == 'S' or n == '0' or is_undone(n, 'S') then
      for at = place + 3, behind - 1, 2 do seen[ARGV[at]] = (seen[ARGV[at]] or 0) + tonumber(ARGV[at + 1]) end
      if n ~= '0' then told[n] = (told[n] or '') .. 'S' end
    end
    place = behind
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
local journal = base .. ':journal'
if #kept > 0 then
  local entries = base .. ':entries'
  local known = call('HMGET', entries, 'first', 'next', 'bytes')
  local first, following = tonumber(known[1] or '0'), tonumber(known[2] or '0')
  local bytes, pairs_of = tonumber(known[3] or '0') + weight, {}
  for _, each in ipairs(kept) do
    pairs_of[#pairs_of + 1] = following
    pairs_of[#pairs_of + 1] = each
    following = following + 1
    note('entry', each)
  end
  call('HSET', journal, unpack(pairs_of))
  local gone, oldest, from = {}, {}, first
  while following - first > ENTRIES or (bytes > JOURNAL and following - 1 > first) do
    if first - from == #oldest then
      local some = {}
      for each = first, math.min(first + SOME, following) - 1 do some[#some + 1] = each end
      oldest, from = call('HMGET', journal, unpack(some)), first
    end
    bytes = bytes - tonumber(string.match(oldest[first - from + 1], '^[^\1]*\1[^\1]*\1(%d+)'))
    gone[#gone + 1] = first
    first = first + 1
    if #gone == SOME then
      call('HDEL', journal, unpack(gone))
      gone = {}
    end
  end
  if #gone > 0 then call('HDEL', journal, unpack(gone)) end
  call('HSET', entries, 'first', first, 'next', following, 'bytes', bytes)
end
if #ended == 0 then return 0 end
if over(ended) == 0 and not (is_nobodys and call('LLEN', base .. ':events') > 0) then return 0 end
if holder and holder ~= ARGV[1] then wake(holder) end
return holder or ''
