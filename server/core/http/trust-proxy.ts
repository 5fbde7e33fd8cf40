import type { Express } from 'express'
import type { Config } from '../../config.ts'

/**
 * Says whose word about the visitor's address and protocol is taken. A connection without an address is a socket file of
 * this machine (Phusion Passenger): as near as a neighbour can be.
 */
export function trustProxy(app: Express, config: Config): void {
  app.set('trust proxy', config.trustProxy)
  const trusts: (address: string, hop: number) => boolean = app.get('trust proxy fn')
  app.set('trust proxy', (address: string | undefined, hop: number) => !address || trusts(address, hop))
}
