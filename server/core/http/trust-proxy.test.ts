import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import express from 'express'
import type { Config } from '../../config.ts'
import { trustProxy } from './trust-proxy.ts'

const DEFAULT = 'loopback, linklocal, uniquelocal'

/** What an application that listens on a socket file makes of these headers. */
async function seenOnSocketFile(headers: Record<string, string>): Promise<string> {
  const app = express()
  trustProxy(app, { trustProxy: DEFAULT } as Config)
  app.get('/', (req, res) => void res.send(`${req.protocol} ${req.ip}`))
  const folder = mkdtempSync(join(tmpdir(), 'integral-proxy-'))
  const socketPath = join(folder, 's')
  const server = createServer(app)
  await new Promise<void>((resolve) => server.listen(socketPath, resolve))
  try {
    return await new Promise((resolve, reject) => {
      request({ socketPath, path: '/', headers }, (res) => {
        res.setEncoding('utf8').once('data', resolve)
      })
        .on('error', reject)
        .end()
    })
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    rmSync(folder, { recursive: true, force: true })
  }
}

describe('the word of a proxy', () => {
  it('counts on a socket file of this machine', async () => {
    const headers = { 'x-forwarded-for': '203.0.113.7', 'x-forwarded-proto': 'https' }
    expect(await seenOnSocketFile(headers)).to.equal('https 203.0.113.7')
  })

  it('counts from neighbours and not from strangers', () => {
    const app = express()
    trustProxy(app, { trustProxy: DEFAULT } as Config)
    const trusts = app.get('trust proxy fn') as (address: string, hop: number) => boolean
    expect(['127.0.0.1', '::1', '10.0.0.3', '172.18.0.2'].every((address) => trusts(address, 0))).to.equal(true)
    expect(['203.0.113.7', '2001:db8::1'].some((address) => trusts(address, 0))).to.equal(false)
  })
})
