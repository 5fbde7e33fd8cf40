import { AsyncResource } from 'node:async_hooks'

// Made when the process starts, outside any request.
const outside = new AsyncResource('integral.background')

/**
 * Runs work that a request set off but that is not part of it: it must not join the request's transaction, count as its
 * queries, or record what it does under the request's address.
 */
export const inBackground = <T>(work: () => T): T => outside.runInAsyncScope(work)
