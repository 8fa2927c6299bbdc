--! world
-- A worker is there. Words: its name, after how many seconds one is gone, whether to say so of others, whether it waits for
-- a place and serves nothing yet. Who is gone is to be buried, unless it comes back before. Gives whether this one was not
-- known, those to be buried, and the sandboxes in which something is owed and nobody delivers.
local beats, burying, waiting = base .. ':beats', base .. ':burying', base .. ':waiting'
local moment = time()
call('SADD', base .. ':listening', ARGV[1])
local is_new = call('ZADD', beats, moment, ARGV[1])
if is_new == 1 then call('SREM', burying, ARGV[1]) end
if ARGV[4] == '1' then call('SADD', waiting, ARGV[1]) else call('SREM', waiting, ARGV[1]) end
if ARGV[3] == '1' then
  -- One of the future beat by the clock of another engine, in whose place is this one: who is there has beaten since.
  for _, span in ipairs({{'-inf', text(moment - tonumber(ARGV[2]))}, {text(moment + tonumber(ARGV[2])), '+inf'}}) do
    for _, name in ipairs(call('ZRANGEBYSCORE', beats, span[1], span[2])) do
      call('ZREM', beats, name)
      call('SREM', waiting, name)
      call('SADD', burying, name)
    end
  end
end
return {is_new, call('SMEMBERS', burying), call('SMEMBERS', base .. ':ownerless')}
