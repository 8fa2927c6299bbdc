--! world
-- How many jobs an owner has. Words: API, owner.
if call('EXISTS', base) == 0 then return 'GONE' end
return call('ZCARD', key('list', ARGV[1]) .. ':' .. ARGV[2])
