--! world noted ending
-- What is told of requests, of many at once. Words: worker, and then each by a letter: E an entry: its number (0: it gets
-- one), weight, kind, what was answered (or nothing), the record without its number; A the same, told once more: it counts
-- where its request is under way still; S what was answered, and how often besides; F the number of a request that is over;
-- B the same, told once more: of a request of this worker that is under way. Gives who delivers, where something is to be delivered.
local JOURNAL, ENTRIES, SOME = BOUND_JOURNAL, BOUND_JOURNAL_ENTRIES, 50
local head_of = call('HMGET', base, 'rev', 'since', 'holder')
if not head_of[1] then return 0 end
local since, holder = tonumber(head_of[2]), head_of[3]
local kept, seen, ended, weight, mine = {}, {}, {}, 0, ARGV[1] .. '\1'
local function is_mine(flight) return flight and string.sub(flight, 1, #mine) == mine end
local place, last = 2, #ARGV
while place <= last do
  local letter = ARGV[place]
  if letter == 'E' or letter == 'A' then
    local n = ARGV[place + 1]
    if n ~= '0' and letter == 'A' and not is_mine(call('HGET', base .. ':flight', n)) then n = '-1' end
    if n == '0' then n = call('HINCRBY', base, 'n', 1) end
    if tonumber(n) > since then
      local name = ARGV[place + 4]
      kept[#kept + 1] = n .. '\1' .. ARGV[place + 3] .. '\1' .. ARGV[place + 2] .. '\1' .. ARGV[place + 5]
      weight = weight + tonumber(ARGV[place + 2])
      if name ~= '' then seen[name] = (seen[name] or 0) + 1 end
    end
    place = place + 6
  elseif letter == 'S' then
    seen[ARGV[place + 1]] = (seen[ARGV[place + 1]] or 0) + tonumber(ARGV[place + 2])
    place = place + 3
  else
    local n = ARGV[place + 1]
    if letter == 'F' or tonumber(n) <= 0 or is_mine(call('HGET', base .. ':flight', n)) then ended[#ended + 1] = n end
    place = place + 2
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
if #ended == 0 or over(ended) == 0 then return 0 end
if holder and holder ~= ARGV[1] then wake(holder) end
return holder or ''
