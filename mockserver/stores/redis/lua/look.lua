--! world jobs see
-- What is wanted, once more. Words: API, then what is wanted (six).
if call('HEXISTS', base, 'rev') == 0 then return 'GONE' end
local api, named = ARGV[1], ARGV[2]
local job = named ~= '' and call('HGET', key('jobs', api), named)
if ARGV[3] ~= '1' then return {job, '-inf', false, false} end
return {job, wanted_by(api, {ARGV[4], ARGV[5], ARGV[6], tonumber(ARGV[7])}, now())}
