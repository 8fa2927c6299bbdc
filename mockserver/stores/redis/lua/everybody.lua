--! world
-- All other workers hear something. Words: who says it, what.
for _, worker in ipairs(call('ZRANGE', base .. ':beats', 0, -1)) do
  if worker ~= ARGV[1] then call('PUBLISH', 'ms1:to:' .. worker, ARGV[2]) end
end
return 1
