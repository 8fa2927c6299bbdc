--! world noted ending
-- What is told of requests, of many at once. Words: worker, and then each by a letter: E an entry: its number (0: it gets
-- one), weight, what was answered (or nothing), and the entry (without its number, where it gets one); A the same, told once
-- more: it counts where its request is under way still; S what was answered, and how often besides; F the number of a request that is over;
-- B the same, told once more: of a request of this worker that is under way. Gives who delivers, where something is to be delivered.
local JOURNAL, ENTRIES = BOUND_JOURNAL, BOUND_JOURNAL_ENTRIES
local head_of = call('HMGET', base, 'rev', 'since', 'holder')
if not head_of[1] then return 0 end
local since, holder = tonumber(head_of[2]), head_of[3]
local kept, weights, seen, ended, weight, mine = {}, {}, {}, {}, 0, ARGV[1] .. '\1'
local function is_mine(flight) return flight and string.sub(flight, 1, #mine) == mine end
local place, last = 2, #ARGV
while place <= last do
  local letter = ARGV[place]
  if letter == 'E' or letter == 'A' then
    local n = ARGV[place + 1]
    if n ~= '0' and letter == 'A' and not is_mine(call('HGET', base .. ':flight', n)) then n = '-1' end
    local entry = ARGV[place + 4]
    if n == '0' then
      n = call('HINCRBY', base, 'n', 1)
      entry = n .. entry
    end
    if tonumber(n) > since then
      local its, name = ARGV[place + 2], ARGV[place + 3]
      kept[#kept + 1] = entry
      weights[#weights + 1] = its
      weight = weight + tonumber(its)
      if name ~= '' then seen[name] = (seen[name] or 0) + 1 end
    end
    place = place + 5
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
if #ended == 0 or over(ended) == 0 then return 0 end
if holder and holder ~= ARGV[1] then wake(holder) end
return holder or ''
