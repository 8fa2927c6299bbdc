--! world uses configuration shelf
-- The next generation. Words: revision, then the configuration.
local known = call('HMGET', base, 'rev', 'holder', 'n')
if not known[1] then return 'GONE' end
if tonumber(ARGV[1]) ~= tonumber(known[1]) + 1 then return 0 end
call('HSET', base, 'rev', ARGV[1], 'since', known[3])
for _, api in ipairs(call('SMEMBERS', base .. ':apis')) do
  for _, owner in ipairs(call('SMEMBERS', key('owners', api))) do call('UNLINK', key('list', api) .. ':' .. owner) end
  for _, kind in ipairs({'jobs', 'created', 'owners', 'busy', 'makers', 'windows', 'ordered', 'orders', 'keys',
    'claimed', 'refunds', 'refund', 'refunded', 'uses', 'armed'}) do
    call('UNLINK', key(kind, api))
  end
  call('HDEL', key('kept', api), 'bytes', 'dropped', 'keys', 'ordered')
end
for _, id in ipairs(call('HKEYS', base .. ':uploads')) do
  if string.sub(call('HGET', base .. ':uploads', id), 1, 1) == '1' then forget(id) end
end
local draws = call('HGETALL', base .. ':draws')
for place = 1, #draws, 2 do
  if string.sub(draws[place], 1, 8) ~= 'account.' then call('HDEL', base .. ':draws', draws[place]) end
end
local seen = call('HGETALL', base .. ':seen')
for place = 1, #seen, 2 do call('HINCRBY', base .. ':earlier', seen[place], seen[place + 1]) end
call('UNLINK', base .. ':seen', base .. ':journal', base .. ':flight', base .. ':caused', base .. ':claims',
  base .. ':events', base .. ':owed', base .. ':active')
call('HDEL', base .. ':entries', 'first', 'next', 'bytes')
call('HDEL', base, 'due', 'owed_dropped')
put_configuration(2, true)
if known[2] then wake(known[2]) end
return 1
