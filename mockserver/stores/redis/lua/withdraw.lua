--! world
-- Take an order back. Words: API, its id.
if call('HEXISTS', base, 'rev') == 0 then return 'GONE' end
local order = call('HGET', key('orders', ARGV[1]), ARGV[2])
if not order then return 0 end
call('HDEL', key('orders', ARGV[1]), ARGV[2])
call('ZREM', key('ordered', ARGV[1]), ARGV[2])
call('HINCRBY', key('kept', ARGV[1]), 'ordered', -tonumber(string.match(order, '^[^\1]*\1[^\1]*\1(%d+)')))
return 1
