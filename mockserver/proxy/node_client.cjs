'use strict'
// Leads Node's connections into the mock: loaded before a program by NODE_OPTIONS. What Node's own clients (fetch,
// https, http) and all that are built on them open goes through `tls.connect` and `net.connect`. Connections to this
// machine and to hosts that are let through are left alone; so are those that speak no HTTP (to a database, say).
const net = require('net')
const tls = require('tls')
const http = require('http')
const way = require('./way.json')

const real = { net: net.connect, tls: tls.connect, agent: http.Agent.prototype.createConnection }

function plain (host) {
  return String(host || 'localhost').toLowerCase().replace(/^\[|\]$/g, '').replace(/\.$/, '')
}

function isLocal (host) {
  return host === 'localhost' || host.endsWith('.localhost') || /^(127\.|::1$|0\.0\.0\.0$|::$|::ffff:127\.)/.test(host)
}

function isLetThrough (host) {
  return way.passthrough.some((name) =>
    name === '*' || name === host || (name.startsWith('*.') && host.endsWith(name.slice(1))))
}

/** The arguments of `connect` as one object and a callback. */
function taken (args) {
  const callback = args.find((each) => typeof each === 'function')
  const options = {}
  if (typeof args[0] !== 'object') {
    options.port = args[0]
    if (typeof args[1] === 'string') options.host = args[1]
  }
  for (const each of args) if (typeof each === 'object') Object.assign(options, each)
  return { options, callback }
}

/** What to do instead of connecting; nothing where the connection is none of ours. `guards`: others are refused. */
function led (connect, args, guards, more) {
  const { options, callback } = taken([...args])
  if (options.socket || options.path || options.socketPath || !(Number(options.port) > 0)) return null
  const host = plain(options.host)
  if (way.hosts.includes(host)) {
    const there = { host: '127.0.0.1', port: way.tls_port, lookup: undefined, family: 4, localAddress: undefined }
    return connect({ ...options, ...more(options, host), ...there }, callback)
  }
  if (isLocal(host) || isLetThrough(host) || !guards(options)) return null
  return refused(host, options.port)
}

/** A socket that ends in an error with the proxy's own sentence, which so learns of it. */
function refused (host, port) {
  const socket = new net.Socket()
  socket.connecting = true
  let said = ''
  const asking = real.net({ host: '127.0.0.1', port: way.port })
  asking.setEncoding('latin1').on('data', (text) => { said += text }).on('error', () => {}).on('close', () => {
    const why = said.split('\r\n\r\n')[1] || `mockserver refused a call to '${host}'`
    socket.destroy(Object.assign(new Error(why.trim()), { code: 'ECONNREFUSED', host, port }))
  })
  asking.write(`CONNECT ${net.isIPv6(host) ? `[${host}]` : host}:${port} HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
  return socket
}

const isWeb = (options) => Number(options.port) === 80
const none = () => ({})
const named = (options, host) => ({ servername: options.servername || (net.isIP(host) ? '' : host) })

net.connect = net.createConnection = function connect (...args) {
  return led(real.net, args, isWeb, none) || real.net.apply(this, args)
}
http.Agent.prototype.createConnection = function createConnection (...args) {
  return led(real.net, args, () => true, none) || real.agent.apply(this, args)
}
tls.connect = function connect (...args) {
  return led(real.tls, args, () => true, named) || real.tls.apply(this, args)
}
require('module').syncBuiltinESMExports()
