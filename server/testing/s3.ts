import { createHash, createHmac } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { S3Config } from '../core/files/stores/s3-request.ts'

type S3Rver = { configureBuckets: () => Promise<void>; callback: () => RequestListener; logger: { close: () => void } }
const require = createRequire(import.meta.url)
const S3rver: new (options: object) => S3Rver = require('s3rver')

/** How the server behaves: as it should, with an error for everything, silent, or cutting every connection. */
export type S3Mood = 'well' | 'error' | 'silent' | 'cutting' | 'full'

export type TestS3 = {
  config: S3Config
  mood: S3Mood
  /** How many requests it has got. */
  requests: number
  close: () => Promise<void>
}

/** A real S3-compatible server of our own, with one bucket, that can be made to fail. */
export async function startS3(): Promise<TestS3> {
  const directory = mkdtempSync(join(tmpdir(), 'integral-s3-'))
  const s3 = new S3rver({ directory, silent: true, configureBuckets: [{ name: 'integral-test' }] })
  await s3.configureBuckets()
  const answer = s3.callback()
  const server = createServer((req, res) => {
    self.requests++
    if (self.mood === 'silent') return void req.resume()
    if (self.mood === 'cutting') return void req.socket.destroy()
    if (self.mood === 'well' && isSigned(req, self.config.secretKey)) {
      // A list of three at once shows what a list of a thousand would.
      if (/^\/[\w-]+\/?\?/.test(req.url ?? '')) req.url += '&max-keys=3'
      return void answer(req, res)
    }
    if (self.mood === 'well') return void res.writeHead(403).end('<Error><Code>SignatureDoesNotMatch</Code></Error>')
    req.resume()
    res.writeHead(self.mood === 'full' ? 507 : 500, { 'Content-Type': 'application/xml' })
    res.end('<Error><Code>InternalError</Code></Error>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const self: TestS3 = {
    config: {
      endpoint: `http://127.0.0.1:${port}`,
      region: 'us-east-1',
      bucket: 'integral-test',
      accessKey: 'S3RVER',
      secretKey: 'S3RVER',
      pathStyle: true,
      prefix: '',
    },
    mood: 'well',
    requests: 0,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      s3.logger.close()
      rmSync(directory, { recursive: true, force: true })
    },
  }
  return self
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()

/** Whether a request is signed as the standard (AWS Signature Version 4) has it: the server from npm does not look. */
function isSigned({ method, url = '', headers }: IncomingMessage, secretKey: string): boolean {
  const authorization = String(headers.authorization)
  const [, day = '', region = '', names = '', signature] =
    /^AWS4-HMAC-SHA256 Credential=[^/]+\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([\w;-]+), Signature=(\w+)$/.exec(
      authorization,
    ) ?? []
  const [path = '', search = ''] = url.split('?')
  const signed = names.split(';').map((name) => `${name}:${headers[name]}\n`)
  const canonical = [method, path, search.split('&').sort().join('&'), signed.join(''), names].join('\n')
  const request = sha256(`${canonical}\n${headers['x-amz-content-sha256']}`)
  const scope = `${day}/${region}/s3/aws4_request`
  const key = [day, region, 's3', 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${secretKey}`)
  const expected = hmac(key, `AWS4-HMAC-SHA256\n${headers['x-amz-date']}\n${scope}\n${request}`).toString('hex')
  return expected === signature
}
