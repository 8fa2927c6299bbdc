-- The index of sandboxes: of each the place and the record, its credentials, and where each credential leads.
local function is_open(name) return call('HEXISTS', base .. ':records', name) == 1 end
local function lead(name, at)
  local mine = call('HGET', base .. ':credentials', name) or ''
  for place = at, #ARGV do
    local credential = ARGV[place]
    local known = call('HGET', base .. ':names', credential)
    mine = mine .. credential .. '\2'
    if not known or not is_open(known) then
      call('HSET', base .. ':names', credential, name)
    elseif known ~= name then
      call('HSET', base .. ':heirs', credential, (call('HGET', base .. ':heirs', credential) or '') .. name .. '\2')
    end
  end
  call('HSET', base .. ':credentials', name, mine)
end
local function unlead(name, mine)
  for credential in string.gmatch(mine or '', '([^\2]+)\2') do
    if call('HGET', base .. ':names', credential) == name then call('HDEL', base .. ':names', credential) end
  end
end
