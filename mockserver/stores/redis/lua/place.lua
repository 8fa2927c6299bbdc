--! world
-- Let an order wait. Words: API, its weight, how often it is left, used, the resources that it fits, its record.
local ORDERS, ORDERS_COUNT = BOUND_ORDERS, BOUND_ORDERS_COUNT
local head = call('HMGET', base, 'rev', 'n')
if not head[1] then return 'GONE' end
local api, weight, left, used, fits, order = unpack(ARGV)
local kept = key('kept', api)
local known = tonumber(call('HGET', kept, 'ordered') or '0')
if call('ZCARD', key('ordered', api)) >= ORDERS_COUNT or known + tonumber(weight) > ORDERS then return 0 end
local spot = call('HINCRBY', kept, 'order', 1)
local id = api .. '-plan-' .. spot
call('HINCRBY', kept, 'ordered', weight)
call('ZADD', key('ordered', api), spot, id)
local record = table.concat({left, used, weight, head[2], fits, order}, '\1')
call('HSET', key('orders', api), id, record)
return id .. '\1' .. record
