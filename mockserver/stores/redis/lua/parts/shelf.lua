-- Uploads: kept, weight, place, and then what is known of the bytes; the bytes are lists of pieces.
local UPLOADS = BOUND_UPLOADS
local function forget(id)
  local known = call('HGET', base .. ':uploads', id)
  if not known then return end
  local is_kept, weight = string.match(known, '^([01])\1(%d+)\1')
  if is_kept == '1' then
    call('HINCRBY', base .. ':shelf', 'bytes', -tonumber(weight))
    call('ZREM', base .. ':kept', id)
  end
  call('HDEL', base .. ':uploads', id)
  call('UNLINK', base .. ':upload:' .. id)
end
