import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { S3Client, type S3Config } from './s3-request.ts'
import { MissingContentError, type Store, type StoreEntry, StoreError } from './store.ts'

const wasFound = (answer: IncomingMessage) => answer.statusCode !== 404

/** Reads an answer to its end, so that its connection serves the next request. */
async function done(answer: IncomingMessage): Promise<void> {
  await text(answer)
}

/** Contents as objects of a bucket. Its names for what it lists come as XML of its own making: keys are plain letters. */
export function s3Store(config: S3Config): Store {
  const client = new S3Client(config)

  async function put(key: string, path: string, sha256?: string): Promise<void> {
    const { size } = await stat(path)
    const body = { open: () => createReadStream(path), size, sha256: sha256 ?? (await hashOfFile(path)) }
    // The store compares the content with its hash: what arrives otherwise is refused.
    await done(await client.send({ method: 'PUT', key, body }))
  }

  async function find(key: string): Promise<StoreEntry | undefined> {
    const answer = await client.send({ method: 'HEAD', key })
    await done(answer)
    if (!wasFound(answer)) return undefined
    const { headers } = answer
    return { key, size: Number(headers['content-length']), modifiedAt: Date.parse(headers['last-modified'] ?? '') }
  }

  async function* list(prefix: string): AsyncGenerator<StoreEntry> {
    // The first version of this request: every make of server understands it alike.
    for (let last = ''; ; ) {
      const query = { ...(last && { marker: last }), prefix: config.prefix + prefix }
      const xml = await text(await client.send({ method: 'GET', query }))
      for (const [, entry = ''] of xml.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
        last = unescapeXml(tag(entry, 'Key'))
        const [size, modified] = [tag(entry, 'Size'), tag(entry, 'LastModified')]
        yield { key: last.slice(config.prefix.length), size: Number(size), modifiedAt: Date.parse(modified) }
      }
      if (tag(xml, 'IsTruncated') !== 'true') return
    }
  }

  return {
    kind: 's3',
    put,
    find,
    list,
    open: async (key, range) => {
      const headers = range && { Range: `bytes=${range.start}-${range.end}` }
      const answer = await client.send({ method: 'GET', key, ...(headers && { headers }) })
      if (wasFound(answer)) return answer
      throw new MissingContentError(key)
    },
    remove: async (key) => done(await client.send({ method: 'DELETE', key })),
    check: async () => {
      const key = `files/.probe-${randomUUID()}`
      const probe = randomUUID()
      const sha256 = createHash('sha256').update(probe).digest('hex')
      const body = { open: () => Readable.from([Buffer.from(probe)]), size: probe.length, sha256 }
      await done(await client.send({ method: 'PUT', key, body }))
      const said = await text(await client.send({ method: 'GET', key }))
      await done(await client.send({ method: 'DELETE', key }))
      if (said !== probe)
        throw new StoreError('errors.storeUnavailable', new Error('the store gives back something else'))
    },
  }
}

const tag = (xml: string, name: string): string => new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? ''

const unescapeXml = (said: string): string =>
  said.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&')

/** The SHA-256 of a file's content, read piece by piece. */
export async function hashOfFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}
