--! world
-- The names of those that nobody used for so long, oldest use first. Words: seconds.
return call('ZRANGEBYSCORE', base .. ':used', '-inf', '(' .. text(time() - number(ARGV[1])))
