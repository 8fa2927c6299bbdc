--! world
-- How a sandbox stands, for a worker whose connection was lost. Gives its revision, who delivers (or nothing), how much is to
-- be delivered, and the clock.
local head = call('HMGET', base, 'rev', 'holder', 'mode', 'rate', 'step', 'at', 'anchor', 'turned', 'seen')
if not head[1] then return call('HEXISTS', base, 'closed') == 1 and 'CLOSED' or 'GONE' end
return {tonumber(head[1]), head[2] or '', call('LLEN', base .. ':events'),
  {head[3], head[4], head[5], text(now_of(head[3], head[4], head[6], head[7], head[9])), head[8]}}
