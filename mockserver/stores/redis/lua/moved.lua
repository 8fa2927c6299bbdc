--! world
-- The clock was moved or switched, or a job was changed: those who hold requests look again, once. Words: worker.
if call('HEXISTS', base, 'rev') == 0 then return 0 end
call('HINCRBY', base, 'moved', 1)
for _, worker in ipairs(call('SMEMBERS', base .. ':holding')) do
  if worker ~= ARGV[1] then
    call('SREM', base .. ':holding', worker)
    call('PUBLISH', 'ms1:to:' .. worker, 'moved ' .. base)
  end
end
return 1
