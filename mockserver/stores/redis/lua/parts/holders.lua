-- Those who hold requests look again, once: the clock was moved or switched, or a job was changed.
local function tell_holders(but)
  call('HINCRBY', base, 'moved', 1)
  for _, worker in ipairs(call('SMEMBERS', base .. ':holding')) do
    if worker ~= but then
      call('SREM', base .. ':holding', worker)
      call('PUBLISH', 'ms1:to:' .. worker, 'moved ' .. base)
    end
  end
end
