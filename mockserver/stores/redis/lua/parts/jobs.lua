-- Jobs: revision, weight, account, resource, what it produces, and then its record; parted by \1.
local function head(job)
  local rev, weight, owner, produced = string.match(job, '^(%d+)\1(%d+)\1([^\1]*\1[^\1]*)\1([^\1]*)\1')
  return tonumber(rev), tonumber(weight), owner, produced
end
local function busy_of(api, owner)
  local found, known = {}, call('HGET', key('busy', api), owner)
  if known then
    for till, job in string.gmatch(known, '([^\1\2]+)\1([^\2]*)\2') do found[#found + 1] = {number(till), job, till} end
  end
  return found
end
local function put_busy(api, owner, busy)
  local texts = {}
  for _, each in ipairs(busy) do texts[#texts + 1] = each[3] .. '\1' .. each[2] .. '\2' end
  if #texts == 0 then call('HDEL', key('busy', api), owner)
  else call('HSET', key('busy', api), owner, table.concat(texts)) end
end
local function busy_until(api, owner, most)
  local busy = busy_of(api, owner)
  if #busy < most then return -math.huge end
  table.sort(busy, function(one, other) return one[1] > other[1] end)
  return busy[most][1]
end
