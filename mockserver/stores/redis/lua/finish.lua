--! world ending
-- A request is over. Words: number, worker. Gives who delivers, where something is to be delivered.
if over(ARGV[1]) == 0 then return 0 end
local holder = call('HGET', base, 'holder')
if holder and holder ~= ARGV[2] then wake(holder) end
return holder or ''
