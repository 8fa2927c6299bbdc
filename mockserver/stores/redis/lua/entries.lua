--! world young
-- Entries from a place on. Words: place, most, after, whether to give them where others may come, kinds.
if call('HEXISTS', base, 'rev') == 0 then return 'GONE' end
if ARGV[4] == '0' and is_unsettled() then return 'SOON' end
local known = call('HMGET', base .. ':entries', 'first', 'next')
local dropped, stop, most, after = tonumber(known[1] or '0'), tonumber(known[2] or '0'), tonumber(ARGV[2]), tonumber(ARGV[3])
local first, kinds, found = math.max(dropped, tonumber(ARGV[1])), {}, {}
for place = 5, #ARGV do kinds[ARGV[place]] = true end
local last = math.min(stop, first + most)
for _, entry in ipairs(first < last and call('LRANGE', base .. ':journal', first - dropped, last - 1 - dropped) or {}) do
  local n, kind = string.match(entry, '^(%d+)\1([^\1]*)\1')
  if tonumber(n) > after and (#ARGV < 5 or kinds[kind]) then found[#found + 1] = entry end
end
return {math.max(0, last - first) < most and -1 or first + most, found}
