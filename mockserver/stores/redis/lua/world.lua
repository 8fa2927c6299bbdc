--! world uses configuration
-- Make the sandbox, unless it is there. Words: mode, rate, step, now, revision of the clock, that of the configuration,
-- whether its revisions and its generation are later than those of any that was there before it (1: they begin with the
-- engine's time), how many purposes were drawn for, these with how often, then the configuration. Gives its revision, 0
-- where it was there.
if call('HEXISTS', base, 'closed') == 1 then return 'GONE' end
if call('EXISTS', base) == 1 then return 0 end
local rev, is_later = ARGV[6], ARGV[7] == '1'
if is_later then rev = string.format('%.0f', math.max(tonumber(rev), time() * 1000000)) end
call('HSET', base, 'rev', rev, 'since', 0, 'n', 0, 'mode', ARGV[1], 'rate', ARGV[2], 'step', ARGV[3],
  'at', ARGV[4], 'anchor', text(time()), 'turned', is_later and rev or ARGV[5])
local place = 9
for _ = 1, tonumber(ARGV[8]) do
  call('HSET', base .. ':draws', ARGV[place], ARGV[place + 1])
  place = place + 2
end
put_configuration(place, false)
if is_later then call('HSET', base, 'generation', rev) end
return tonumber(rev)
