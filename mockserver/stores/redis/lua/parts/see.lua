-- What a request wants to see besides the job that it names: who is busy, credits, and the first order that fits.
local given_back, ordered, credits_of = {}, {}, {}
-- So many at once: the clock may have been moved past the moments of a hundred thousand.
local SOME = 1000
local function give_back(api, moment)
  if given_back[api] == moment then return end
  given_back[api], credits_of[api] = moment, {}
  local due = key('refunds', api)
  local jobs = call('ZRANGEBYSCORE', due, '-inf', text(moment))
  if #jobs == 0 then return end
  call('ZREMRANGEBYSCORE', due, '-inf', text(moment))
  local left_of, is_more = {}, {}
  for first = 1, #jobs, SOME do
    local last, given = math.min(first + SOME - 1, #jobs), {}
    local known = call('HMGET', key('refund', api), unpack(jobs, first, last))
    call('HDEL', key('refund', api), unpack(jobs, first, last))
    for place = first, last do
      local words = known[place - first + 1]
      if words and call('HEXISTS', key('jobs', api), jobs[place]) == 1 then
        given[#given + 1] = jobs[place]
        local account, credits, most = string.match(words, '^([^\1]*)\1([^\1]*)\1([^\1]*)$')
        local left = left_of[account]
        if left == nil then
          left = call('HGET', key('credits', api), account)
          left = left and left ~= '' and number(left)
        end
        if left and number(credits) ~= 0 then left, is_more[account] = math.min(left + number(credits), number(most)), true end
        left_of[account] = left
      end
    end
    if #given > 0 then call('SADD', key('refunded', api), unpack(given)) end
  end
  for account in pairs(is_more) do call('HSET', key('credits', api), account, text(left_of[account])) end
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
