-- What a request wants to see: the job that is named, who is busy, credits, and the first order that fits.
local given_back, ordered = {}, {}
local function give_back(api, moment)
  if given_back[api] == moment then return end
  given_back[api] = moment
  local due = key('refunds', api)
  for _, job in ipairs(call('ZRANGEBYSCORE', due, '-inf', text(moment))) do
    local known = call('HGET', key('refund', api), job)
    call('ZREM', due, job)
    call('HDEL', key('refund', api), job)
    if known and call('HEXISTS', key('jobs', api), job) == 1 then
      local account, credits, most = string.match(known, '^([^\1]*)\1([^\1]*)\1([^\1]*)$')
      local left = call('HGET', key('credits', api), account)
      call('SADD', key('refunded', api), job)
      if left and left ~= '' and number(credits) ~= 0 then
        local more = math.min(number(left) + number(credits), number(most))
        call('HSET', key('credits', api), account, text(more))
      end
    end
  end
end
local function first_order(api, resource)
  ordered[api] = ordered[api] or call('ZRANGE', key('ordered', api), 0, -1)
  for _, id in ipairs(ordered[api]) do
    local order = call('HGET', key('orders', api), id)
    local fits = string.match(order, '^[^\1]*\1[^\1]*\1[^\1]*\1[^\1]*\1([^\1]*)\1')
    if string.find(fits, '\2' .. resource .. '\2', 1, true) then return id .. '\1' .. order end
  end
  return false
end
-- The job that is named, and where anything is wanted (owner, account, resource, most): who is busy, credits, an order.
local function see(api, named, wanted, moment)
  local job, busy, credits, order = false, '-inf', false, false
  if named ~= '' then job = call('HGET', key('jobs', api), named) end
  if wanted then
    give_back(api, moment)
    if wanted[2] ~= '' then credits = call('HGET', key('credits', api), wanted[2]) end
    if wanted[3] ~= '' then order = first_order(api, wanted[3]) end
    if wanted[1] ~= '' then busy = text(busy_until(api, wanted[1], wanted[4])) end
  end
  return job, busy, credits, order
end
