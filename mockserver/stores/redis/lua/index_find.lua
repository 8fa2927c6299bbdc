--! world index
-- The record of a sandbox, or who owned one that was closed. Words: name, whether it was asked for something.
local record = call('HGET', records, ARGV[1])
if record then
  if ARGV[2] == '1' then
    call('ZREM', used, '')  -- it is no name: an engine that is full takes what follows on what makes room
    call('ZADD', used, 'XX', time(), ARGV[1])
  end
  return record
end
local closed = call('HGET', base .. ':closed', ARGV[1])
return closed and {string.match(closed, '^[^\1]*\1([^\1]*)\1')} or false
