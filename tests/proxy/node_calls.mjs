// Asks URLs with each client of Node, unchanged; prints what came of it. axios is found from the folder of its package.
import http from 'node:http'
import https, { get as named } from 'node:https'
import { createRequire } from 'node:module'

const [folder, ...urls] = process.argv.slice(2)

const got = (get, url) => new Promise((resolve, reject) => {
  get(url, (response) => { response.resume(); resolve(response.statusCode) }).on('error', reject)
})
const clients = {
  fetch: async (url) => (await fetch(url)).status,
  'http and https': (url) => got(url.startsWith('https') ? https.get : http.get, url),
  'https by its name': (url) => got(url.startsWith('https') ? named : http.get, url),
  'an agent': (url) => {
    const { Agent, get } = url.startsWith('https') ? https : http
    return got((at, take) => get(at, { agent: new Agent({ keepAlive: false }) }, take), url)
  }
}
try {
  const axios = createRequire(folder + '/')('axios')
  clients.axios = async (url) => (await axios.get(url)).status
} catch {}

const all = {}
for (const url of urls) {
  all[url] = {}
  for (const [name, client] of Object.entries(clients)) {
    try {
      all[url][name] = await client(url)
    } catch (error) {
      all[url][name] = String(error.cause?.message ?? error.message)
    }
  }
}
console.log(JSON.stringify(all))
