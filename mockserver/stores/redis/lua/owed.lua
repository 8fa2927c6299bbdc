--! world noted
-- What became of webhooks. Words: worker, epoch, generation, how many events are done, how many webhooks made room, when
-- the next one is due, and webhooks by their place and record; without a record, it is kept no more.
local head = call('HMGET', base, 'rev', 'holder', 'epoch', 'generation')
if not head[1] or head[2] ~= ARGV[1] or head[3] ~= ARGV[2] then return 'LOST' end
if head[4] ~= ARGV[3] then return 0 end
if ARGV[4] ~= '0' then call('LTRIM', base .. ':events', ARGV[4], -1) end
call('HSET', base, 'owed_dropped', ARGV[5])
if ARGV[6] == '' then call('HDEL', base, 'due') else call('HSET', base, 'due', ARGV[6]) end
for place = 7, #ARGV, 2 do
  if ARGV[place + 1] == '' then call('HDEL', base .. ':owed', ARGV[place])
  else
    call('HSET', base .. ':owed', ARGV[place], ARGV[place + 1])
    note('webhook', ARGV[place + 1])
  end
end
return 1
