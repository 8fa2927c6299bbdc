--! world
-- Examples were answered so many times. Words: what was answered, and how often, by turns.
if call('HEXISTS', base, 'rev') == 0 then return 0 end
for place = 1, #ARGV, 2 do call('HINCRBY', base .. ':seen', ARGV[place], ARGV[place + 1]) end
return 1
