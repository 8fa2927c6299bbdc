--! world holders noted
-- What became of webhooks. Words: worker, epoch, number of this call (they are done in their order), generation, how many
-- events are done, whether a job was changed by one of them (1), how many webhooks made room, when the next one is due, and
-- webhooks by their place, whether they wait for their time (1), and record; without a record, it is kept no more. Gives the
-- number of the last call that was done.
local head = call('HMGET', base, 'rev', 'holder', 'epoch', 'generation', 'told')
if not head[1] or head[2] ~= ARGV[1] or head[3] ~= ARGV[2] then return 'LOST' end
local last = tonumber(head[5] or '0')
if tonumber(ARGV[3]) ~= last + 1 then return last end
call('HSET', base, 'told', ARGV[3])
if head[4] ~= ARGV[4] then return last + 1 end
if ARGV[5] ~= '0' then call('LTRIM', base .. ':events', ARGV[5], -1) end
if ARGV[6] == '1' then tell_holders(ARGV[1]) end
call('HSET', base, 'owed_dropped', ARGV[7])
if ARGV[8] == '' then call('HDEL', base, 'due') else call('HSET', base, 'due', ARGV[8]) end
local owed, owing = base .. ':owed', base .. ':owing'
for place = 9, #ARGV, 3 do
  if ARGV[place + 1] == '1' then call('SADD', owing, ARGV[place]) else call('SREM', owing, ARGV[place]) end
  if ARGV[place + 2] == '' then call('HDEL', owed, ARGV[place])
  else
    call('HSET', owed, ARGV[place], ARGV[place + 2])
    note('webhook', ARGV[place + 2])
  end
end
return last + 1
