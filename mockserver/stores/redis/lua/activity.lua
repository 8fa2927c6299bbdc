--! world
-- How much goes on, and how much went; at the end how many requests are held, and until when (nothing: no moment comes).
local head = call('HMGET', base, 'n', 'owed_dropped')
if not head[1] then return 'GONE' end
local jobs = 0
for _, api in ipairs(call('SMEMBERS', base .. ':apis')) do
  jobs = jobs + tonumber(call('HGET', key('kept', api), 'dropped') or '0')
end
local entries = call('HGET', base .. ':entries', 'first')
local requests = call('HGET', base .. ':requested', 'dropped')
local held, due = 0, math.huge
for _, each in ipairs(call('HVALS', base .. ':held')) do
  local many, moment = string.match(each, '^(%d+)\1([^\1]*)\1')
  held, due = held + tonumber(many), math.min(due, number(moment))
end
return {tonumber(head[1]), call('HLEN', base .. ':flight'), tonumber(entries or '0'), jobs, tonumber(head[2] or '0'),
  tonumber(requests or '0'), held, due < math.huge and text(due) or false}
