--! world
-- Count on in windows, and answer alike under keys. Words: API, how many windows, these (field, value), and keys (field,
-- when, number, weight, the beginning of the record, the answer).
if call('HEXISTS', base, 'rev') == 0 then return 'GONE' end
local api, place = ARGV[1], 3
for _ = 1, tonumber(ARGV[2]) do
  call('HSET', key('windows', api), ARGV[place], ARGV[place + 1])
  place = place + 2
end
while place < #ARGV do
  local field, spot = ARGV[place], call('HINCRBY', key('kept', api), 'key', 1)
  call('HSET', key('keys', api), field, ARGV[place + 1] .. '\1' .. ARGV[place + 2] .. '\0011\1' .. ARGV[place + 3]
    .. '\1' .. spot .. '\1' .. ARGV[place + 4] .. '\1' .. ARGV[place + 5])
  call('ZADD', key('claimed', api), spot, field)
  call('HINCRBY', key('kept', api), 'keys', ARGV[place + 3])
  place = place + 6
end
return 1
