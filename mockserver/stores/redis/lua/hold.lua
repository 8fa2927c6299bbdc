--! world
-- What a worker holds until the clock is moved or a job is changed, of which it is to be told. Words: worker, how many
-- requests, the next of their moments (inf: none comes), whether others were woken and look (1). Gives how often others
-- were told, and whether that moment is past.
if call('HEXISTS', base, 'rev') == 0 then return 'GONE' end
if ARGV[2] == '0' and ARGV[4] == '0' then
  call('SREM', base .. ':holding', ARGV[1])
  call('HDEL', base .. ':held', ARGV[1])
  return false
end
call('SADD', base .. ':holding', ARGV[1])
call('HSET', base .. ':held', ARGV[1], ARGV[2] .. '\1' .. ARGV[3] .. '\1' .. ARGV[4])
return {tonumber(call('HGET', base, 'moved') or '0'), number(ARGV[3]) <= now() and 1 or 0}
