-- What happens is noted for those who watch from other processes; who did not ask for a minute watches no more.
local MOST, PATIENCE = 200, 60
local watchers = nil
local function note(kind, words)
  if not watchers then
    if call('EXISTS', base .. ':watchers') == 0 then watchers = {}
    else watchers = call('ZRANGE', base .. ':watchers', string.format('%.17g', time() - PATIENCE), '+inf', 'BYSCORE') end
  end
  for _, watcher in ipairs(watchers) do
    local noted = base .. ':noted:' .. watcher
    if call('LLEN', noted) < 3 * MOST then
      call('RPUSH', noted, kind .. '\1' .. words)
      call('EXPIRE', noted, 2 * PATIENCE)
    else
      call('HINCRBY', base .. ':left-out', watcher .. '\1' .. kind, 1)
      call('EXPIRE', base .. ':left-out', 3600)
    end
  end
end
