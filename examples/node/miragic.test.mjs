// mockserver exec --clock x60 --fail-on violations --fail-on unmocked -- node --test examples/node/miragic.test.mjs
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { paint, PaintingFailed } from './miragic.mjs'

const SANDBOX = `${process.env.MOCKSERVER_URL}/_mock/sandboxes/default`

async function order (what, body) {
  const headers = { 'Content-Type': 'application/json' }
  const answer = await fetch(`${SANDBOX}/${what}`, { method: 'POST', headers, body: JSON.stringify(body) })
  assert.ok(answer.ok, await answer.text())
}

test('a painting is painted', async () => {
  const url = await paint('demo-key', 'picture')
  const film = Buffer.from(await (await fetch(url)).arrayBuffer())
  assert.equal(film.subarray(4, 8).toString(), 'ftyp')
})

test('a painting that fails says why', async () => {
  await order('plans', { api: 'miragic', outcome: 'FAILED', error: 'no paint left' })
  await assert.rejects(paint('demo-key', 'picture'), (error) => error instanceof PaintingFailed && /no paint/.test(error.message))
})

test('a key that nobody issued is refused', async () => {
  await assert.rejects(paint('stolen-key', 'picture'), { status: 401 })
})
