import { type LookupAddress, lookup } from 'node:dns'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { BlockList, isIP, type LookupFunction } from 'node:net'

/** What another server answered. */
export type OutboundAnswer = { status: number; retryAfter: number | undefined; text: string }

type Options = {
  headers?: Record<string, string>
  body?: Buffer | string
  /** The address was given by an administrator: it may be inside the authority's own network. */
  mayBePrivate?: boolean
  patienceMs?: number
  signal?: AbortSignal
}

/** The address lies in our own network, or is none: nobody outside may send us there. */
export class PrivateAddressError extends Error {}

const PATIENCE_MS = 10_000
const MOST_BYTES = 1_000_000

const ours = new BlockList()
for (const [net, prefix] of [
  ...([
    ['0.0.0.0', 8],
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['127.0.0.0', 8],
    ['169.254.0.0', 16],
  ] as const),
  ...([
    ['172.16.0.0', 12],
    ['192.0.0.0', 24],
    ['192.168.0.0', 16],
    ['198.18.0.0', 15],
    ['224.0.0.0', 3],
  ] as const),
])
  ours.addSubnet(net, prefix, 'ipv4')
for (const [net, prefix] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
  ['64:ff9b::', 96],
] as const)
  ours.addSubnet(net, prefix, 'ipv6')

let localIsAllowed = false

/** Tests talk to servers of their own on this machine. */
export const allowLocalAddresses = (allowed: boolean): void => {
  localIsAllowed = allowed
}

const isPrivate = (address: string): boolean => ours.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')

/** Looks a name up and refuses addresses of our own network: the connection goes to the very address that was checked. */
const publicLookup: LookupFunction = (name, options, done) => {
  lookup(name, { ...options, all: true }, (error, found) => {
    const addresses = (found ?? []) as LookupAddress[]
    if (error) return done(error, '', 0)
    if (!addresses.length || addresses.some(({ address }) => isPrivate(address)))
      return done(new PrivateAddressError(name), '', 0)
    const [first] = addresses as [LookupAddress, ...LookupAddress[]]
    return options.all ? done(null, addresses) : done(null, first.address, first.family)
  })
}

/**
 * Whether an address that somebody outside has given may be asked at all: encrypted, at the usual port, and not by the bare
 * address of a machine of ours.
 */
export function isPublicAddress(address: string): boolean {
  if (!URL.canParse(address)) return false
  const { protocol, hostname, port, username } = new URL(address)
  if (localIsAllowed) return protocol === 'http:' || protocol === 'https:'
  const host = hostname.replace(/^\[|\]$/g, '')
  return protocol === 'https:' && !port && !username && (isIP(host) ? !isPrivate(host) : host.includes('.'))
}

/**
 * Sends something to another server. Follows no redirects, reads at most a megabyte, waits ten seconds unless told
 * otherwise.
 * @throws PrivateAddressError, or what the network says
 */
export function sendOut(method: 'GET' | 'POST', address: string, options: Options = {}): Promise<OutboundAnswer> {
  const isGuarded = !options.mayBePrivate && !localIsAllowed
  if (isGuarded && !isPublicAddress(address)) return Promise.reject(new PrivateAddressError(address))
  const signals = [AbortSignal.timeout(options.patienceMs ?? PATIENCE_MS), ...(options.signal ? [options.signal] : [])]
  return new Promise((resolve, reject) => {
    const begin = address.startsWith('https:') ? httpsRequest : httpRequest
    const request = begin(
      address,
      {
        method,
        headers: options.headers,
        signal: AbortSignal.any(signals),
        ...(isGuarded ? { lookup: publicLookup } : {}),
      },
      (response) => {
        const pieces: Buffer[] = []
        let size = 0
        response.on('data', (piece: Buffer) => {
          size += piece.length
          if (size > MOST_BYTES) response.destroy(new Error('The answer is too long'))
          else pieces.push(piece)
        })
        response.on('error', reject)
        response.on('end', () => {
          const retryAfter = Number(response.headers['retry-after'])
          resolve({
            status: response.statusCode ?? 0,
            retryAfter: Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter : undefined,
            text: Buffer.concat(pieces).toString('utf8'),
          })
        })
      },
    )
    request.on('error', reject)
    request.end(options.body)
  })
}
