--! world
-- A page of an owner's jobs and the next one; no more of them than go into one answer: they are asked for by another one.
-- Words: API, owner, after, most, with it, ascending, skip.
local BYTES = 1048576
if call('HEXISTS', base, 'rev') == 0 then return 'GONE' end
local api, list = ARGV[1], key('list', ARGV[1]) .. ':' .. ARGV[2]
local most, with_it, ascending, skip = tonumber(ARGV[4]), ARGV[5] == '1', ARGV[6] == '1', tonumber(ARGV[7])
local number_of, first = call('ZCARD', list), nil
if ARGV[3] == '' then first = ascending and 0 or number_of
else
  local place = call('ZSCORE', key('created', api), string.sub(ARGV[3], 2))
  if not place then first = ascending and number_of or 0
  else
    if with_it ~= ascending then place = place + 1 end
    first = call('ZCOUNT', list, '-inf', '(' .. place)
  end
end
local ids, left = {}, nil
if ascending then
  first = first + skip
  if most > 0 then ids = call('ZRANGE', list, first, first + most - 1) end
  left = call('ZRANGE', list, first + most, first + most)[1]
else
  local stop = math.max(0, first - skip)
  local begin = math.max(0, stop - most)
  if stop > begin then
    local found = call('ZRANGE', list, begin, stop - 1)
    for place = #found, 1, -1 do ids[#ids + 1] = found[place] end
  end
  if begin > 0 then left = call('ZRANGE', list, begin - 1, begin - 1)[1] end
end
local found, bytes = {false}, 0
for _, id in ipairs(ids) do
  if bytes >= BYTES then
    left = id
    break
  end
  local job = call('HGET', key('jobs', api), id)
  found[#found + 1] = job
  bytes = bytes + #job
end
if left then found[1] = call('HGET', key('jobs', api), left) end
return found
