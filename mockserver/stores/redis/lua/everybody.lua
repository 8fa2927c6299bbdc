--! world
-- All other workers hear something, and those who stand still when they go on: who listens is no matter of who is gone.
-- Words: who says it, what.
local listening = base .. ':listening'
for _, worker in ipairs(call('SMEMBERS', listening)) do
  if worker ~= ARGV[1] and call('PUBLISH', 'ms1:to:' .. worker, ARGV[2]) == 0 then call('SREM', listening, worker) end
end
return 1
