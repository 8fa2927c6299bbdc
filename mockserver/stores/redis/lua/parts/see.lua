-- What a request wants to see besides the job that it names: who is busy, credits, and the first order that fits.
local given_back, ordered, credits_of = {}, {}, {}
local function give_back(api, moment)
  if given_back[api] == moment then return end
  given_back[api], credits_of[api] = moment, {}
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
-- Who is busy, credits, and an order, where an owner, an account, a resource (of which there may be so many) are wanted.
local function wanted_by(api, wanted, moment)
  local busy, credits, order = '-inf', false, false
  give_back(api, moment)
  local account = wanted[2]
  if account ~= '' then
    credits = credits_of[api][account]
    if credits == nil then
      credits = call('HGET', key('credits', api), account)
      credits_of[api][account] = credits
    end
  end
  if wanted[3] ~= '' then order = first_order(api, wanted[3]) end
  if wanted[1] ~= '' then busy = text(busy_until(api, wanted[1], wanted[4])) end
  return busy, credits, order
end
