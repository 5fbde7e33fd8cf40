import { type RequestOptions, request } from 'node:http'
import { brotliDecompressSync } from 'node:zlib'
import { expect } from 'chai'
import { useApp } from '../../testing/app.ts'

describe('files for the browser', () => {
  const app = useApp()

  /** A request as it goes over the wire: fetch would unpack the answer and tidy the path. */
  const wire = (path: string, options: RequestOptions = {}) =>
    new Promise<{ status: number; headers: Record<string, unknown>; body: Buffer }>((resolve, reject) => {
      const { hostname, port } = new URL(app.url)
      const sent = request({ hostname, port, path, ...options }, (answer) => {
        const parts: Buffer[] = []
        answer.on('data', (part) => parts.push(part))
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(parts) }),
        )
      })
      sent.on('error', reject)
      sent.end()
    })

  it('come compressed to who understands it, plain to others', async () => {
    const packed = await wire('/css/tokens.css', { headers: { 'accept-encoding': 'gzip, br' } })
    expect(packed.headers).to.include({ 'content-encoding': 'br', 'content-type': 'text/css; charset=utf-8' })
    expect(packed.headers.vary).to.include('Accept-Encoding')
    const plain = await wire('/css/tokens.css')
    expect(plain.headers).not.to.have.property('content-encoding')
    expect(brotliDecompressSync(packed.body).equals(plain.body)).to.equal(true)
  })

  it('are not sent again while they are the same', async () => {
    const headers = { 'accept-encoding': 'br' }
    const { etag } = (await wire('/js/app.js', { headers })).headers
    const again = await wire('/js/app.js', { headers: { ...headers, 'if-none-match': String(etag) } })
    expect(again.status).to.equal(304)
    expect(again.body).to.have.length(0)
  })

  it('never come from outside their folder', async () => {
    for (const path of [
      '/css/../../package.js',
      '/%2e%2e/biome.js',
      '/..%2f..%2fserver%2fapp.js',
      '/%00.js',
      '/%.js',
      '/vendor/tabler/..%2f..%2f..%2fejs/ejs.js',
    ]) {
      const answer = await wire(path, { headers: { 'accept-encoding': 'br' } })
      expect(answer.status, path).to.be.within(400, 404)
    }
  })
})
