--! world
-- How often was drawn for what, or draw on from there. Words: purposes with how often, by turns.
if call('HEXISTS', base, 'rev') == 0 then return 'GONE' end
for place = 1, #ARGV, 2 do call('HSET', base .. ':draws', ARGV[place], ARGV[place + 1]) end
return call('HGETALL', base .. ':draws')
