// A client of Miragic's speed painting as people write it on the first afternoon. It works, until something happens.
// What then: mockserver explore miragic -- node examples/node/naive.mjs
import { writeFile } from 'node:fs/promises'
import http from 'node:http'
import https from 'node:https'
import { setTimeout as sleep } from 'node:timers/promises'

const BASE = 'https://backend.miragic.ai/api/v1/speed-painting'
const headers = { 'X-API-Key': process.env.MIRAGIC_KEY ?? 'demo-key' }

async function asked (url, options) {
  for (let tries = 1; ; tries++) {
    try {
      const answer = await fetch(url, { headers, signal: AbortSignal.timeout(30_000), ...options })
      if (answer.status === 429 || answer.status >= 500) throw new Error(`${url} answered ${answer.status}`)
      return (await answer.json()).data
    } catch (error) {
      if (tries === 3) throw error // once more, and at once
    }
  }
}

function downloaded (url) {
  return new Promise((resolve, reject) => {
    const pieces = []
    const { get } = url.startsWith('https:') ? https : http
    get(url, (answer) => {
      answer.on('data', (piece) => pieces.push(piece))
      answer.on('error', () => {})
      answer.on('close', () => resolve(Buffer.concat(pieces)))
    }).on('error', reject)
  })
}

const body = new FormData()
for (const [name, value] of Object.entries({ quality: 'sd', sequence: 'auto', fps: '30', hand_style: '1' })) body.append(name, value)
body.append('image', new Blob(['picture'], { type: 'image/png' }), 'image.png')
const { jobId } = await asked(`${BASE}/create`, { method: 'POST', body })
let task
do {
  await sleep(2000)
  task = await asked(`${BASE}/jobs/${jobId}`)
} while (task.status === 'PENDING')
if (task.externalVideoUrl) await writeFile(process.argv[2] ?? '/dev/null', await downloaded(task.externalVideoUrl))
console.log('done')
