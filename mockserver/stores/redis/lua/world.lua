--! world uses configuration
-- Make the sandbox, unless it is there. Words: mode, rate, step, now, revision of the clock, that of the configuration,
-- how many purposes were drawn for, these with how often, then the configuration.
if call('HEXISTS', base, 'closed') == 1 then return 'GONE' end
if call('EXISTS', base) == 1 then return 0 end
call('HSET', base, 'rev', ARGV[6], 'since', 0, 'n', 0, 'mode', ARGV[1], 'rate', ARGV[2], 'step', ARGV[3],
  'at', ARGV[4], 'anchor', text(time()), 'turned', ARGV[5])
local place = 8
for _ = 1, tonumber(ARGV[7]) do
  call('HSET', base .. ':draws', ARGV[place], ARGV[place + 1])
  place = place + 2
end
put_configuration(place, false)
return 1
