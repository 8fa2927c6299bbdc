--! world
-- So many open ones behind a place. Words: place, how many.
local names = call('ZRANGEBYSCORE', base .. ':open', '(' .. ARGV[1], '+inf', 'LIMIT', 0, ARGV[2])
if #names == 0 then return {} end
return call('HMGET', base .. ':records', unpack(names))
