import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import aws4 from 'aws4'
import { StoreError } from './store.ts'

/** Where an S3-compatible store is, and our keys to it. */
export type S3Config = {
  endpoint: string
  region: string
  bucket: string
  accessKey: string
  secretKey: string
  /** The bucket in the path (most servers of one's own) and not before the host name (Amazon). */
  pathStyle: boolean
  /** Before every key, where several systems share a bucket. */
  prefix: string
}

export type S3Request = {
  method: 'GET' | 'HEAD' | 'PUT' | 'DELETE'
  key?: string
  query?: Record<string, string>
  headers?: Record<string, string>
  /** What to send: opened anew if it has to be sent twice. */
  body?: { open: () => Readable; size: number; sha256: string }
}

/** A server that answers takes no longer to begin; whoever waits for a page waits no longer either. */
const ANSWER_MS = 5000
/** Between two pieces of a body, in either direction. */
const SILENCE_MS = 20_000
/** After a failure nobody else waits for the same for so long. */
const REST_MS = 5000

const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

/** Sends signed requests to one store. Signing is aws4's; sending is Node's own, with limits of time at each step. */
export class S3Client {
  readonly #config: S3Config
  readonly #url: URL
  readonly #agent: HttpAgent | HttpsAgent
  #restsUntil = 0

  constructor(config: S3Config) {
    this.#config = config
    this.#url = new URL(config.endpoint)
    const options = { keepAlive: true, maxSockets: 50 }
    this.#agent = this.#url.protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options)
  }

  /**
   * @returns the answer of a request that succeeded or found nothing (404); its body is still to be read
   * @throws StoreError for any other; at once while the store rests from its last failure
   */
  async send(request: S3Request): Promise<IncomingMessage> {
    if (Date.now() < this.#restsUntil) throw new StoreError('errors.storeUnavailable', new Error('the store rests'))
    try {
      const answer = await this.#sendTwice(request)
      this.#restsUntil = 0
      return answer
    } catch (error) {
      this.#restsUntil = Date.now() + REST_MS
      throw error instanceof StoreError ? error : new StoreError('errors.storeUnavailable', error)
    }
  }

  /** A connection that was kept open may have been closed by the other side just now; a busy server asks to come again. */
  async #sendTwice(request: S3Request): Promise<IncomingMessage> {
    const first = await this.#sendOnce(request).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') throw error
    })
    if (first && (first.statusCode ?? 500) < 500) return judged(first)
    first?.resume()
    return judged(await this.#sendOnce(request))
  }

  #sendOnce({ method, key, query = {}, headers = {}, body }: S3Request): Promise<IncomingMessage> {
    const { region, bucket, accessKey, secretKey, pathStyle, prefix } = this.#config
    const host = pathStyle ? this.#url.host : `${bucket}.${this.#url.host}`
    const base = this.#url.pathname.replace(/\/$/, '') + (pathStyle ? `/${bucket}` : '')
    const search = new URLSearchParams(query).toString().replaceAll('+', '%20')
    const path = `${base}/${key === undefined ? '' : prefix + key}${search ? `?${search}` : ''}`
    const sent: Record<string, string> = {
      ...headers,
      Host: host,
      'X-Amz-Content-Sha256': body?.sha256 ?? EMPTY_SHA256,
    }
    if (body) Object.assign(sent, { 'Content-Length': String(body.size), 'Content-Type': 'application/octet-stream' })
    const signed = aws4.sign(
      { method, host, path, service: 's3', region, headers: sent },
      { accessKeyId: accessKey, secretAccessKey: secretKey },
    )
    const [hostname, port] = [host.replace(/:\d+$/, ''), this.#url.port || undefined]
    return new Promise((resolve, reject) => {
      const send = this.#url.protocol === 'https:' ? requestHttps : requestHttp
      const options = { method, hostname, port, path, headers: signed.headers, agent: this.#agent }
      const outgoing = send(options, (answer) => {
        clearTimeout(timer)
        resolve(answer)
      })
      const late = () => outgoing.destroy(new Error('the store does not answer in time'))
      const timer = setTimeout(late, ANSWER_MS)
      outgoing.setTimeout(SILENCE_MS, late)
      outgoing.once('error', (error) => {
        clearTimeout(timer)
        reject(error)
      })
      if (!body) return void outgoing.end()
      // The time for an answer counts from the last byte on; before, silence alone ends it.
      outgoing.once('socket', (socket) => {
        if (!socket.connecting) clearTimeout(timer)
        else socket.once('connect', () => clearTimeout(timer))
      })
      body
        .open()
        .once('error', (error) => outgoing.destroy(error))
        .pipe(outgoing)
    })
  }
}

/** @throws StoreError unless the answer is a success or says that there is no such thing */
async function judged(answer: IncomingMessage): Promise<IncomingMessage> {
  const status = answer.statusCode ?? 500
  if (status < 300) return answer
  const said = (await text(answer)).slice(0, 500)
  if (status === 404 && !said.includes('NoSuchBucket')) return answer
  throw new StoreError(
    status === 507 ? 'errors.storeFull' : 'errors.storeUnavailable',
    new Error(`the store answers ${status}: ${said}`),
  )
}
