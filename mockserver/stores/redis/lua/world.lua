--! world uses configuration
-- Make the sandbox, unless it is there. Words: mode, rate, step, now, revision of the clock, then the configuration.
if call('EXISTS', base) == 1 then return 0 end
call('HSET', base, 'rev', ARGV[6], 'since', 0, 'n', 0, 'mode', ARGV[1], 'rate', ARGV[2], 'step', ARGV[3],
  'at', ARGV[4], 'anchor', text(time()), 'turned', ARGV[5])
put_configuration(7, false)
return 1
