import { createDecipheriv, createECDH, createPublicKey, hkdfSync, randomBytes, verify } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

const bytes = (text: string) => Buffer.from(text, 'base64url')

/** A browser as the maker's service knows it: its keys, and what it could read (RFC 8291). */
export class PushBrowser {
  readonly name: string
  readonly read: { title: string; text: string; path: string; tag: string }[] = []
  readonly #ecdh = createECDH('prime256v1')
  readonly #auth = randomBytes(16)

  constructor(name: string) {
    this.name = name
    this.#ecdh.generateKeys()
  }

  get keys() {
    return { p256dh: this.#ecdh.getPublicKey('base64url'), auth: this.#auth.toString('base64url') }
  }

  open(body: Buffer): void {
    const salt = body.subarray(0, 16)
    const sender = body.subarray(21, 21 + body.readUInt8(20))
    const sealed = body.subarray(21 + sender.length)
    const info = Buffer.concat([Buffer.from('WebPush: info\0'), this.#ecdh.getPublicKey(), sender])
    const secret = Buffer.from(hkdfSync('sha256', this.#ecdh.computeSecret(sender), this.#auth, info, 32))
    const derive = (name: string, length: number) =>
      Buffer.from(hkdfSync('sha256', secret, salt, `Content-Encoding: ${name}\0`, length))
    const open = createDecipheriv('aes-128-gcm', derive('aes128gcm', 16), derive('nonce', 12))
    open.setAuthTag(sealed.subarray(-16))
    const text = Buffer.concat([open.update(sealed.subarray(0, -16)), open.final()])
    // Behind the text stand a mark and zeros.
    this.read.push(JSON.parse(text.subarray(0, text.lastIndexOf(2)).toString('utf8')))
  }
}

/** Whether the message was signed by whoever holds the key that it names (RFC 8292), for this very service. */
function isSigned(request: IncomingMessage, origin: string): boolean {
  const [, token = '', key = ''] = /^vapid t=([^,]+), ?k=(.+)$/.exec(request.headers.authorization ?? '') ?? []
  const [header, claims, signature] = token.split('.') as [string, string, string]
  const point = bytes(key)
  const jwk = {
    kty: 'EC',
    crv: 'P-256',
    x: point.subarray(1, 33).toString('base64url'),
    y: point.subarray(33).toString('base64url'),
  }
  const publicKey = createPublicKey({ key: jwk, format: 'jwk' })
  const isRight = verify(
    'sha256',
    Buffer.from(`${header}.${claims}`),
    { key: publicKey, dsaEncoding: 'ieee-p1363' },
    bytes(signature),
  )
  return isRight && JSON.parse(bytes(claims).toString()).aud === origin
}

/** The service of a browser's maker on this machine: takes what is sealed and signed, and lets its browsers read it. */
export class PushService {
  readonly browsers = new Map<string, PushBrowser>()
  /** Answers with this status in place of taking the message, per browser. */
  readonly refuses = new Map<string, number>()
  requests = 0
  #server: Server | undefined
  port = 0

  async start(port = 0): Promise<void> {
    this.#server = createServer((request, response) => {
      this.#take(request).then(
        (status) => response.writeHead(status).end(),
        () => response.writeHead(400).end(),
      )
    })
    this.#server.listen(port, '127.0.0.1')
    await once(this.#server, 'listening')
    this.port = (this.#server.address() as AddressInfo).port
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections()
    await new Promise((resolve) => this.#server?.close(resolve))
  }

  /** A new browser, as it describes itself when it subscribes. */
  browser(name: string) {
    const browser = new PushBrowser(name)
    this.browsers.set(name, browser)
    return { browser, subscription: { endpoint: `http://127.0.0.1:${this.port}/${name}`, keys: browser.keys } }
  }

  async #take(request: IncomingMessage): Promise<number> {
    this.requests++
    const name = (request.url ?? '').slice(1)
    const pieces: Buffer[] = []
    for await (const piece of request) pieces.push(piece as Buffer)
    const refused = this.refuses.get(name)
    if (refused) return refused
    if (!isSigned(request, `http://127.0.0.1:${this.port}`)) return 403
    this.browsers.get(name)?.open(Buffer.concat(pieces))
    return 201
  }
}
