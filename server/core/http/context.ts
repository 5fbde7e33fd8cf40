import { AsyncLocalStorage } from 'node:async_hooks'

export type RequestContext = { requestId: string; ip: string | null }

const storage = new AsyncLocalStorage<RequestContext>()

/** The request under way, for domain events and log lines; undefined in jobs and commands. */
export const requestContext = (): RequestContext | undefined => storage.getStore()

/** Runs the rest of a request with its context. */
export const withRequestContext = <T>(context: RequestContext, work: () => T): T => storage.run(context, work)
