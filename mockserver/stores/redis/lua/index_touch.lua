--! world index
-- A sandbox is used. Words: its name.
return call('ZADD', used, 'XX', time(), ARGV[1])
