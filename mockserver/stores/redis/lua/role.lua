--! world
-- Who delivers: this worker, where nobody does, or where it is one who is gone. Words: worker, who is gone. Gives who has the
-- role, or, to who takes it, a number that is its own, how many webhooks made room, and the places of those that are kept.
local head = call('HMGET', base, 'rev', 'holder')
if not head[1] then return 'GONE' end
if head[2] and head[2] ~= ARGV[1] and head[2] ~= ARGV[2] then return head[2] end
call('HSET', base, 'holder', ARGV[1], 'told', 0)
call('SREM', OWNERLESS, base)
return {call('HINCRBY', base, 'epoch', 1), tonumber(call('HGET', base, 'owed_dropped') or '0'),
  call('HKEYS', base .. ':owed')}
