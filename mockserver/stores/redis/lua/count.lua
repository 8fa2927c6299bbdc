--! world
-- How many jobs an owner has. Words: API, owner.
if call('HEXISTS', base, 'rev') == 0 then return 'GONE' end
return call('ZCARD', key('list', ARGV[1]) .. ':' .. ARGV[2])
