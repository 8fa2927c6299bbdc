--! world
-- How a sandbox stands, for a worker whose connection was lost. Words: worker. Gives its revision, who delivers (or nothing),
-- how much is to be delivered, the clock, and the requests of this worker that are under way.
local head = call('HMGET', base, 'rev', 'holder', 'mode', 'rate', 'step', 'at', 'anchor', 'turned', 'seen')
if not head[1] then return call('HEXISTS', base, 'closed') == 1 and 'CLOSED' or 'GONE' end
local flight, mine, under_way = call('HGETALL', base .. ':flight'), ARGV[1] .. '\1', {}
for place = 1, #flight, 2 do
  if string.sub(flight[place + 1], 1, #mine) == mine then under_way[#under_way + 1] = tonumber(flight[place]) end
end
return {tonumber(head[1]), head[2] or '', call('LLEN', base .. ':events'),
  {head[3], head[4], head[5], text(now_of(head[3], head[4], head[6], head[7], head[9])), head[8]}, under_way}
