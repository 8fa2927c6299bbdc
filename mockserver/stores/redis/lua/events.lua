--! world
-- What is to be delivered, for who delivers. Words: worker, epoch, the number of the last call of `owed`, which is to be done.
local head = call('HMGET', base, 'rev', 'holder', 'epoch', 'mode', 'rate', 'step', 'at', 'anchor', 'turned', 'told', 'seen')
if not head[1] then return 'GONE' end
if head[2] ~= ARGV[1] or head[3] ~= ARGV[2] then return 'LOST' end
if (head[10] or '0') ~= ARGV[3] then return 'BEHIND' end
call('SREM', OWNERLESS, base)
local is_soon, moment = 0, time()
for _, n in ipairs(call('HKEYS', base .. ':caused')) do
  local flight = call('HGET', base .. ':flight', n)
  if flight and math.abs(moment - number(string.match(flight, '\1([^\1]*)$'))) < 0.2 then is_soon = 1 end
end
return {call('LRANGE', base .. ':events', 0, 199), is_soon, tonumber(head[1]),
  {head[4], head[5], head[6], text(now_of(head[4], head[5], head[7], head[8], head[11])), head[9]}}
