-- The index of sandboxes: records by name, which are open, where credentials lead, and what was closed.
local records, open, used = base .. ':records', base .. ':open', base .. ':used'
local names, heirs, owned = base .. ':names', base .. ':heirs', base .. ':credentials'
local function is_open(name) return call('ZSCORE', open, name) end
local function parts(words)
  local found = {}
  for each in string.gmatch(words or '', '([^\1]+)\1') do found[#found + 1] = each end
  return found
end
local function joined(words)
  local found = {}
  for _, each in ipairs(words) do found[#found + 1] = each .. '\1' end
  return table.concat(found)
end
-- Let credentials lead to a sandbox, at once or when the one to which they lead is closed.
local function lead(name, first)
  local mine = parts(call('HGET', owned, name))
  for place = first, #ARGV do
    local credential = ARGV[place]
    mine[#mine + 1] = credential
    local leads = call('HGET', names, credential)
    if not leads or not is_open(leads) then call('HSET', names, credential, name)
    elseif leads ~= name then call('HSET', heirs, credential, (call('HGET', heirs, credential) or '') .. name .. '\1') end
  end
  call('HSET', owned, name, joined(mine))
end
